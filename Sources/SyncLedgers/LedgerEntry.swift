/// One row of the ledger: up to where a task is in sync.
public struct LedgerEntry: Sendable, Hashable {
    /// The task.
    public var task: TaskIdentity
    /// The mark, in microseconds since 1970-01-01T00:00:00Z.
    public var mark: Int64
    /// The number of the run that set the mark.
    public var runSequence: Int64
    /// The digest of the task's definition.
    public var definition: String

    /// Makes an entry.
    public init(task: TaskIdentity, mark: Int64, runSequence: Int64, definition: String) {
        self.task = task
        self.mark = mark
        self.runSequence = runSequence
        self.definition = definition
    }
}
