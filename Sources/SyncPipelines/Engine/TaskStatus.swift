public import SyncLedgers

/// Up to where one task is in sync, what that is worth, and who works on it.
public struct TaskStatus: Sendable, Hashable {
    /// The task.
    public var task: TaskIdentity
    /// The mark in microseconds since 1970-01-01T00:00:00Z, or nil when nothing was brought yet.
    public var mark: Int64?
    /// The number of the run that set it.
    public var runSequence: Int64?
    /// What the mark was worth at the last run.
    public var guarantee: String?
    /// What held the mark back at the last run.
    public var markHeldBy: String?
    /// The last run of the task that the history knows.
    public var lastRun: LastRun?
    /// Who works on it now.
    public var lease: LeaseHolder?
    /// The change set that waits for a decision.
    public var waitingChangeSet: String?
    /// Rows that cannot be represented and are set aside.
    public var rowsQuarantined = 0

    /// Makes a status.
    public init(task: TaskIdentity, mark: Int64?, runSequence: Int64?) {
        self.task = task
        self.mark = mark
        self.runSequence = runSequence
    }
}
