/// Decides whether a transaction still holds after another commit won its version.
///
/// A pure function of what was read, what is to be written, and the winner; the rules and their order are those of
/// the conflict checker in Delta's reference implementation. One rule is wider: a winner that only adds nullable
/// columns leaves what others read and wrote as it was.
public enum ConflictCheck {
    /// The rule that is broken, or nil when the transaction can be committed on top of the winner.
    ///
    /// - Parameters:
    ///   - readSet: What the transaction was made from.
    ///   - actions: What it writes.
    ///   - winner: The commit that was there first.
    ///   - protocol: The protocol before the winner.
    ///   - metadata: The metadata before the winner.
    ///   - isolation: How strictly concurrent appends are kept apart.
    /// - Returns: The rule, or nil.
    public static func conflict(
        readSet: ReadSet,
        actions: [Action],
        winner: Commit,
        protocol: TableProtocol,
        metadata: TableMetadata,
        isolation: IsolationLevel = .serializable
    ) -> ConflictKind? {
        let mine = CommitFacts(actions)
        guard !mine.isEmpty else { return nil }
        let theirs = CommitFacts(winner.actions)
        if let newer = theirs.protocol,
            mine.protocol != nil || !ProtocolChange(from: `protocol`, to: newer).isHarmless
        {
            return .protocolChanged
        }
        if let newer = theirs.metadata {
            if mine.metadata != nil || readSet.readsMetadata
                || !MetadataChange(from: metadata, to: newer).isHarmless
            {
                return .metadataChanged
            }
        }
        let transactions = readSet.transactionIDs.union(mine.transactionIDs)
        if !theirs.transactionIDs.isDisjoint(with: transactions) { return .concurrentTransaction }
        let domains = readSet.domains.union(mine.domains).subtracting(["delta.rowTracking"])
        if !theirs.domains.isDisjoint(with: domains) { return .concurrentDomain }
        return files(readSet, mine, theirs, isBlind: winner.info?.isBlindAppend == true, isolation)
    }

    private static func files(
        _ readSet: ReadSet,
        _ mine: CommitFacts,
        _ theirs: CommitFacts,
        isBlind: Bool,
        _ isolation: IsolationLevel
    ) -> ConflictKind? {
        // What only rearranges rows has read a snapshot, to which a later append adds nothing.
        let isExempt =
            mine.onlyRearranges || (isolation == .writeSerializable && isBlind && mine.metadata == nil)
        if !isExempt && theirs.added.contains(where: { readSet.covers($0.partitionValues) }) {
            return .concurrentAppend
        }
        if !theirs.removed.isEmpty {
            let read = Set(readSet.files.map(PartitionPath.canonical))
            if theirs.removed.contains(where: { read.contains($0.key) || readSet.covers($0.value) }) {
                return .concurrentDeleteRead
            }
            if mine.removed.keys.contains(where: { theirs.removed[$0] != nil }) {
                return .concurrentDeleteDelete
            }
        }
        return nil
    }
}

/// What of a commit matters to others.
struct CommitFacts {
    var added: [AddFile] = []
    /// The canonical paths of the files that leave, with their partitions where those are known.
    var removed: [String: [String: String?]?] = [:]
    var transactionIDs: Set<String> = []
    var domains: Set<String> = []
    var metadata: TableMetadata?
    var `protocol`: TableProtocol?
    /// Whether files are all that the commit is about, and no row changes.
    var onlyRearranges = true
    var isEmpty = true

    init(_ actions: [Action]) {
        for action in actions {
            switch action {
            case .add(let file):
                added.append(file)
                if file.dataChange { onlyRearranges = false }
            case .remove(let file):
                removed.updateValue(file.partitionValues, forKey: PartitionPath.canonical(file.path))
                if file.dataChange { onlyRearranges = false }
            case .transaction(let transaction):
                transactionIDs.insert(transaction.appID)
                onlyRearranges = false
            case .domain(let domain):
                domains.insert(domain.domain)
                if domain.domain != "delta.rowTracking" { onlyRearranges = false }
            case .metadata(let value):
                metadata = value
                onlyRearranges = false
            case .protocol(let value):
                `protocol` = value
                onlyRearranges = false
            case .change: onlyRearranges = false
            case .commitInfo, .sidecar, .checkpointMetadata: continue
            }
            isEmpty = false
        }
    }
}
