public import SyncLedgers

/// The changes that one run found for one table of one client, waiting for people or decided by them.
public struct StagedChangeSet: Sendable, Hashable, Codable {
    /// What became of a change set.
    public enum State: String, Sendable, Hashable, Codable, CaseIterable {
        /// Somebody has to look.
        case pending
        /// It is in the lake.
        case applied
        /// It will not come into the lake.
        case rejected
        /// A later run found other changes, which wait in its place.
        case superseded
    }

    /// The set's name, the value of `change_set` in the stage.
    public var id: String
    /// The region.
    public var region: String
    /// The client.
    public var client: String
    /// The schema.
    public var schema: String
    /// The table.
    public var table: String
    /// What became of it.
    public var state: State = .pending
    /// When it was staged, in microseconds since 1970-01-01T00:00:00Z.
    public var stagedAt: Int64 = 0
    /// The run that staged it.
    public var run: String
    /// The mark that comes with the changes.
    public var mark: Int64
    /// What the mark is worth.
    public var guarantee: String?
    /// What holds the mark back.
    public var markHeldBy: String?
    /// The mark of the lake when the changes were found; nil before the first load.
    public var previousMark: Int64?
    /// The number of the task's last commit when the changes were found.
    public var sequence: Int64
    /// The names of the task's transactions.
    public var runTransaction: String
    /// The names of the task's transactions.
    public var markTransaction: String
    /// The digest of the task's definition.
    public var definition: String
    /// The columns that identify a row.
    public var keys: [String]
    /// The column whose greater value is the later row.
    public var version: String?
    /// The only columns to set on rows that are there already.
    public var filledColumns: [String]?
    /// Rows that the lake lacks.
    public var insertedCount = 0
    /// Rows that change.
    public var updatedCount = 0
    /// Rows that go.
    public var deletedCount = 0
    /// Rows that approved rules changed.
    public var patchedCount = 0
    /// The rules that were approved when the set was staged; their effect is part of its rows.
    public var appliedRules: [String] = []
    /// What the changes are; the same changes have the same digest.
    public var digest = ""
    /// Who decided.
    public var decidedBy: String?
    /// When it was decided, in microseconds since 1970-01-01T00:00:00Z.
    public var decidedAt: Int64?
    /// What the one who decided said.
    public var note: String?

    /// Makes a change set without changes.
    public init(
        task: TaskIdentity,
        run: String,
        mark: Int64,
        previousMark: Int64?,
        sequence: Int64,
        transactions: TaskTransactions,
        keys: [String]
    ) {
        id = StableHash.hexadecimal(UInt64.random(in: .min ... .max)).prefix(8).description
        region = task.region
        client = task.client
        schema = task.schema
        table = task.table
        self.run = run
        self.mark = mark
        self.previousMark = previousMark
        self.sequence = sequence
        runTransaction = transactions.run
        markTransaction = transactions.mark
        definition = transactions.definition
        self.keys = keys
    }

    /// The task.
    public var task: TaskIdentity {
        TaskIdentity(region: region, client: client, schema: schema, table: table)
    }

    /// The task's transactions.
    public var transactions: TaskTransactions {
        TaskTransactions(run: runTransaction, mark: markTransaction, definition: definition)
    }

    /// The number of changed rows.
    public var changeCount: Int { insertedCount + updatedCount + deletedCount }
}
