/// What a run remembers of a task between its attempts.
struct TaskAttempt: Sendable {
    var backoff: Backoff
    /// When the task began, after the start of the run.
    var startedAt: Duration
    /// The time that earlier attempts and pauses took.
    var spent: Duration = .zero
    /// The rows that the task said it would read, when it stepped back.
    var expectedRows: Int?

    init(limits: Limits, startedAt: Duration) {
        backoff = Backoff(limits: limits)
        self.startedAt = startedAt
    }
}
