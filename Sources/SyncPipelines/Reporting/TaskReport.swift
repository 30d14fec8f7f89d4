public import SourceConnectors

/// What became of a task.
public enum TaskOutcome: String, Sendable, Hashable, Codable, CaseIterable {
    /// Rows came into an empty partition.
    case loaded
    /// Changes were merged.
    case merged
    /// There was nothing to change.
    case unchanged
    /// Changes wait in the stage for people to decide.
    case staged
    /// Another run holds the lease of the partition, or had it while this one waited.
    case held
    /// The task's rows and marks left the lake, as an operation had it.
    case reset
    /// Everything was read again and merged, as an operation had it.
    case resynced
    /// A range of time was read again and merged, as an operation had it.
    case backfilled
    /// The task's rows and marks came from another region, as an operation had it.
    case moved
    /// The task failed; nothing of it is in the lake but complete slices.
    case failed
}

/// Why a task failed.
public struct TaskFailure: Sendable, Hashable, Codable {
    /// The kind of failure.
    public var code: String
    /// The step that failed.
    public var step: String
    /// What happened and what to do.
    public var message: String

    /// Makes a failure.
    public init(code: String, step: String, message: String) {
        self.code = code
        self.step = step
        self.message = message
    }
}

/// What one task did.
public struct TaskReport: Sendable, Hashable, Codable {
    /// The region.
    public var region: String
    /// The client's id.
    public var client: String
    /// The schema.
    public var schema: String
    /// The table.
    public var table: String
    /// What became of the task.
    public var outcome: TaskOutcome
    /// Rows that the source sent.
    public var rowsRead = 0
    /// Rows that the lake did not have.
    public var rowsInserted = 0
    /// Rows that replaced others.
    public var rowsUpdated = 0
    /// Rows that left the lake.
    public var rowsDeleted = 0
    /// Rows that the lake had already.
    public var rowsUnchanged = 0
    /// Changed rows that wait in the stage.
    public var rowsStaged = 0
    /// Rows that cannot be represented and are set aside.
    public var rowsQuarantined = 0
    /// The change set that waits in the stage.
    public var changeSet: String?
    /// Data files that were written.
    public var filesAdded = 0
    /// Data files that left the table.
    public var filesRemoved = 0
    /// The size of the files that were written, in bytes.
    public var bytesWritten = 0
    /// The version of the last commit, or nil when nothing was committed.
    public var tableVersion: Int64?
    /// The mark, in microseconds since 1970-01-01T00:00:00Z; of a counter, the source's clock when it was read.
    public var mark: Int64?
    /// The mark of a counter: every row with a lower number is in the lake; nil for other cursors.
    public var markNumber: Int64?
    /// What the mark is worth.
    public var guarantee: String?
    /// What keeps the mark from being later.
    public var markHeldBy: String?
    /// How often the task was tried.
    public var attempts = 1
    /// When it started, in seconds after the run did.
    public var startedAfter = 0.0
    /// How long it took, in seconds; attempts and pauses between them included.
    public var seconds = 0.0
    /// Why it failed.
    public var error: TaskFailure?
    /// What users should know.
    public var warnings: [String] = []
    /// How many values were read by a rule, such as dates that no calendar has, by column.
    public var values: [ValueNotice] = []
    /// How a large table was loaded; nil when it was not.
    public var load: LoadReport?
    /// What is otherwise in the client's table than it was.
    public var drift: [SchemaDrift] = []

    /// Makes a report without counts.
    public init(region: String, client: String, schema: String, table: String, outcome: TaskOutcome) {
        self.region = region
        self.client = client
        self.schema = schema
        self.table = table
        self.outcome = outcome
    }
}
