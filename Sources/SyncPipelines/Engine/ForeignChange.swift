import DeltaLog

/// A commit by which somebody else than the task changed rows of its partition.
struct ForeignChange: Sendable, Hashable, CustomStringConvertible {
    var version: TableVersion
    /// What the commit says it did; nil when it is no longer in the log.
    var operation: String?
    var engine: String?

    /// `version 12 (DELETE by delta-rs)`.
    var description: String {
        guard operation != nil || engine != nil else { return "version \(version)" }
        return "version \(version) (\(operation ?? "a commit") by \(engine ?? "another program"))"
    }

    /// The changes as a warning for people.
    static func warning(_ changes: [ForeignChange]) -> String {
        let named = changes.prefix(3).map(\.description).joined(separator: ", ")
        let more = changes.count > 3 ? " and \(changes.count - 3) more" : ""
        return
            "rows of this task were changed in the lake by \(named)\(more): everything is read again and merged; "
            + "rows that the source does not have stay until \"verify --repair\""
    }
}

/// What a commit did, as far as tasks want to know of it.
struct CommitSummary: Sendable {
    let change: ForeignChange
    let transactions: Set<String>
    /// The partitions whose rows it changed.
    let partitions: Set<[String: String?]>
    /// Whether it removed a file without saying from which partition.
    let mayBeAnywhere: Bool

    init(_ commit: Commit) {
        change = ForeignChange(
            version: commit.version,
            operation: commit.info?.operation,
            engine: commit.info?.engineInfo
        )
        var transactions: Set<String> = []
        var partitions: Set<[String: String?]> = []
        var mayBeAnywhere = false
        for action in commit.actions {
            switch action {
            case .transaction(let transaction): transactions.insert(transaction.appID)
            case .add(let file) where file.dataChange: partitions.insert(file.partitionValues)
            case .remove(let file) where file.dataChange:
                if let values = file.partitionValues {
                    partitions.insert(values)
                } else {
                    mayBeAnywhere = true
                }
            default: break
            }
        }
        self.transactions = transactions
        self.partitions = partitions
        self.mayBeAnywhere = mayBeAnywhere
    }

    /// Whether the commit changed rows of a partition and says nothing of its task.
    func isForeign(to partition: [String: String?], taskPrefix: String) -> Bool {
        (mayBeAnywhere || partitions.contains(partition))
            && !transactions.contains { $0.hasPrefix(taskPrefix) }
    }
}
