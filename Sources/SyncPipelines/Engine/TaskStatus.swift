public import SyncLedgers

/// Up to where one task is in sync.
public struct TaskStatus: Sendable, Hashable {
    /// The task.
    public var task: TaskIdentity
    /// The mark in microseconds since 1970-01-01T00:00:00Z, or nil when nothing was brought yet.
    public var mark: Int64?
    /// The number of the run that set it.
    public var runSequence: Int64?

    /// Makes a status.
    public init(task: TaskIdentity, mark: Int64?, runSequence: Int64?) {
        self.task = task
        self.mark = mark
        self.runSequence = runSequence
    }
}
