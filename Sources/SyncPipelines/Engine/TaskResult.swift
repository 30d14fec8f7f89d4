import IncrementalFilters
import SourceConnectors
import StagedChanges
import SyncLedgers

/// What became of one task.
struct TaskResult: Sendable {
    var counts = TaskCounts()
    var wasFirstLoad = false
    var mark: Mark?
    /// What was read of the counter that the mark is of; nil for other cursors.
    var counter: CounterReading?
    var warnings: [String] = []
    /// Values that were read by a rule.
    var notices: [ValueNotice] = []
    /// The change set that waits for people.
    var staged: StagedChangeSet?
    /// The names of the task's transactions, for the ledger.
    var transactions: TaskTransactions?
    /// How a large table was loaded.
    var load: LoadReport?
    /// Rows that cannot be represented and were set aside.
    var rowsSetAside = 0
}

/// What a task says while it works.
enum TaskEvent: Sendable {
    /// Rows were read.
    case read(Int)
    /// The source answered a small question after this time.
    case answered(Duration)
    /// A piece of the task is committed, which another attempt does not read again.
    case advanced
    /// The source is no longer needed; the rows that wait for their commit take these bytes.
    case released(bytes: Int)
}

/// A task found that it is large, and gives its place to smaller ones until its turn comes.
struct TaskStepsBack: Error {
    let expectedRows: Int
}

/// What a task has read; the rows are still to be committed.
struct TaskRead: Sendable {
    var rows: UncommittedRows
    /// The new mark; nil where the present one stays.
    var mark: Mark?
    /// What the source told before the rows were read.
    var reading: SourceReading?
    /// What was read of the counter before the rows; nil for other cursors.
    var counter: CounterReading?
    /// Whether the mark is to move although nothing changed.
    var evenIfUnchanged: Bool
    /// The rules whose source row has changed.
    var staleRules: Set<String>
    var result: TaskResult
    /// What is kept of a load until it is complete.
    var finished: LoadStore?
    /// Whether nothing was read, nor is anything to be committed.
    var isQuiet = false
    /// Whether all rows of the source were read.
    var isWhole = false
    /// What is to be written down of rows that cannot be represented.
    var quarantine = QuarantineOutcome()
}
