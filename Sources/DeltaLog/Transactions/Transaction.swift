/// A change of a table that is ready to commit.
public struct Transaction: Sendable {
    /// What to commit, `commitInfo` aside.
    public var actions: [Action]
    /// What the actions were made from.
    public var readSet: ReadSet
    /// The snapshot that they were made from.
    public var base: Snapshot
    /// The operation, for the history.
    public var operation: String
    /// What the operation was told, for the history.
    public var operationParameters: [String: String]
    /// What the operation did in numbers, for the history.
    public var operationMetrics: [String: String] = [:]

    /// Makes a transaction.
    public init(
        _ actions: [Action],
        readSet: ReadSet,
        base: Snapshot,
        operation: String,
        operationParameters: [String: String] = [:]
    ) {
        self.actions = actions
        self.readSet = readSet
        self.base = base
        self.operation = operation
        self.operationParameters = operationParameters
    }

    /// Whether the transaction only adds files, and was made without a look at the table.
    var isBlindAppend: Bool {
        guard readSet.partitions == .nothing, readSet.files.isEmpty else { return false }
        var adds = false
        for action in actions {
            switch action {
            case .add: adds = true
            case .transaction: break
            default: return false
            }
        }
        return adds
    }

    /// A table that is append-only keeps its rows.
    func checkAppendOnly(_ metadata: TableMetadata) throws(DeltaLogError) {
        guard metadata.configuration["delta.appendOnly"] == "true" else { return }
        for case .remove(let file) in actions where file.dataChange {
            throw DeltaLogError(
                .unsupportedFeature,
                table: base.table,
                message: "the table is append-only; set delta.appendOnly to false to change or remove rows"
            )
        }
    }
}

/// How long a commit is tried against other writers.
public struct CommitPolicy: Sendable, Hashable {
    /// The most attempts.
    public var attempts = 200
    /// The most time.
    public var deadline: Duration = .seconds(120)
    /// The longest pause before another attempt; pauses are drawn by lot, and grow up to this with the attempts.
    public var longestPause: Duration = .milliseconds(50)
    /// How strictly concurrent appends are kept apart.
    public var isolation = IsolationLevel.serializable
    /// Rules that are not held: what a check that lacks them does, for tests that must find out.
    package var overlooked: Set<ConflictKind> = []

    /// Makes the policy that suits nearly every table.
    public init() {}
}

/// What became of a commit.
public struct CommitOutcome: Sendable, Hashable {
    /// The version that the commit got.
    public var version: TableVersion
    /// How many versions other writers took first.
    public var rebases: Int
    /// Whether this is the first transaction of its version, which is the one to look after what follows from it.
    public var isFirst: Bool
}
