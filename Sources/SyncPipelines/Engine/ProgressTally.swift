import Synchronization

/// Counts rows and tasks of a run from many threads.
final class ProgressTally: Sendable {
    private let taskCount: Int
    private let tasksDone = Atomic<Int>(0)
    private let tasksFailed = Atomic<Int>(0)
    private let rowsRead = Atomic<Int>(0)
    private let report: (@Sendable (SyncProgress) -> Void)?

    init(taskCount: Int, report: (@Sendable (SyncProgress) -> Void)?) {
        self.taskCount = taskCount
        self.report = report
    }

    func read(_ rows: Int) {
        rowsRead.add(rows, ordering: .relaxed)
        tell()
    }

    func end(failed: Bool) {
        tasksDone.add(1, ordering: .relaxed)
        if failed { tasksFailed.add(1, ordering: .relaxed) }
        tell()
    }

    private func tell() {
        report?(
            SyncProgress(
                tasksDone: tasksDone.load(ordering: .relaxed),
                taskCount: taskCount,
                tasksFailed: tasksFailed.load(ordering: .relaxed),
                rowsRead: rowsRead.load(ordering: .relaxed)
            )
        )
    }
}
