/// Which rule two commits broke.
public enum ConflictKind: String, Sendable, Hashable {
    /// The other commit changed what readers and writers must be able to do.
    case protocolChanged
    /// The other commit changed the schema or the settings.
    case metadataChanged
    /// Both commits record a transaction of one application.
    case concurrentTransaction
    /// The other commit added a file to what this one read.
    case concurrentAppend
    /// The other commit removed a file that this one read.
    case concurrentDeleteRead
    /// Both commits remove one file.
    case concurrentDeleteDelete
}

/// How strictly concurrent appends are kept apart.
public enum IsolationLevel: Sendable, Hashable {
    /// As if all commits had been made one after the other.
    case serializable
    /// The same for what is written; another's blind append to what was read is no conflict.
    case writeSerializable
}

/// Decides whether a transaction still holds after another commit won its version.
///
/// A pure function of what was read, what is to be written, and the winner; the rules and their order are those of
/// the conflict checker in Delta's reference implementation.
public enum ConflictCheck {
    /// The rule that is broken, or nil when the transaction can be committed on top of the winner.
    ///
    /// - Parameters:
    ///   - readSet: What the transaction was made from.
    ///   - actions: What it writes.
    ///   - winner: The commit that was there first.
    ///   - schema: The schema that the transaction was made from.
    ///   - isolation: How strictly concurrent appends are kept apart.
    /// - Returns: The rule, or nil.
    public static func conflict(
        readSet: ReadSet,
        actions: [Action],
        winner: Commit,
        schema: StructType,
        isolation: IsolationLevel = .serializable
    ) -> ConflictKind? {
        let mine = Facts(actions)
        let theirs = Facts(winner.actions)
        if theirs.changesProtocol && (mine.changesProtocol || !addsOnlyTimestampFeature(winner)) {
            return .protocolChanged
        }
        if let metadata = theirs.metadata {
            if mine.metadata != nil || !onlyAddsNullableColumns(metadata, to: schema) {
                return .metadataChanged
            }
        }
        let transactions = readSet.transactionIDs.union(mine.transactionIDs)
        if !theirs.transactionIDs.isDisjoint(with: transactions) { return .concurrentTransaction }
        let isExempt =
            isolation == .writeSerializable && winner.info?.isBlindAppend == true && mine.metadata == nil
        if !isExempt && theirs.added.contains(where: readSet.covers) { return .concurrentAppend }
        let read = Set(readSet.files.map(PartitionPath.canonical))
        if !theirs.removed.isDisjoint(with: mine.removed) { return .concurrentDeleteDelete }
        if !theirs.removed.isDisjoint(with: read) { return .concurrentDeleteRead }
        if readSet.partitions == .whole && !theirs.removed.isEmpty { return .concurrentDeleteRead }
        return nil
    }

    /// A column that is only added, and nullable, leaves what others have read and written as it was.
    private static func onlyAddsNullableColumns(_ metadata: TableMetadata, to schema: StructType) -> Bool {
        guard let newer = try? StructType(json: metadata.schemaString) else { return false }
        return Array(newer.fields.prefix(schema.fields.count)) == schema.fields
            && newer.fields.dropFirst(schema.fields.count).allSatisfy(\.isNullable)
    }

    /// Adding a column without time zone raises the protocol; that alone disturbs nobody who can write it.
    private static func addsOnlyTimestampFeature(_ winner: Commit) -> Bool {
        for case .protocol(let value) in winner.actions {
            let features = Set((value.readerFeatures ?? []) + (value.writerFeatures ?? []))
            guard features.isSubset(of: ["timestampNtz", "appendOnly", "invariants"]) else { return false }
        }
        return true
    }

    private struct Facts {
        var added: [AddFile] = []
        var removed: Set<String> = []
        var transactionIDs: Set<String> = []
        var metadata: TableMetadata?
        var changesProtocol = false

        init(_ actions: [Action]) {
            for action in actions {
                switch action {
                case .add(let file): added.append(file)
                case .remove(let file): removed.insert(PartitionPath.canonical(file.path))
                case .transaction(let transaction): transactionIDs.insert(transaction.appID)
                case .metadata(let value): metadata = value
                case .protocol: changesProtocol = true
                case .change, .domain, .commitInfo, .sidecar, .checkpointMetadata: break
                }
            }
        }
    }
}
