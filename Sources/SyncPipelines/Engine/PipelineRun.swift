import DeltaLog
import DeltaTables
import FoundationEssentials
import IncrementalFilters
import Logging
import SourceConnectors
import SyncLedgers
import Synchronization

/// One run of a pipeline: its tasks within the limits, then the ledger and the history.
struct PipelineRun<Connector: SourceConnector>: Sendable {
    let pipeline: SyncPipeline<Connector>
    let tasks: [SyncTask]
    let id = UUID().uuidString.lowercased()

    func perform(regions: String) async -> RunReport {
        let started = Date()
        let tables = lakeTables()
        let tally = ProgressTally(taskCount: tasks.count, report: pipeline.progress)
        var outcomes: [(report: TaskReport, transactions: TaskTransactions?)?] = Array(
            repeating: nil,
            count: tasks.count
        )
        await withTaskGroup(of: (Int, TaskReport, TaskTransactions?).self) { group in
            var schedule = RegionSchedule(tasks: tasks, limits: pipeline.configuration.limits)
            while schedule.hasWork {
                while let index = schedule.start() {
                    let task = tasks[index]
                    guard let lake = tables[task.lakePath] else { continue }
                    group.addTask {
                        let (report, transactions) = await attempt(task, lake, tally)
                        return (index, report, transactions)
                    }
                }
                guard let (index, report, transactions) = await group.next() else { break }
                schedule.end(index)
                outcomes[index] = (report, transactions)
                tally.end(failed: report.outcome == .failed)
            }
        }
        let done = outcomes.compactMap { $0 }
        var report = RunReport(
            runID: id,
            startedAt: started,
            finishedAt: Date(),
            regions: regions,
            tasks: done.map(\.report)
        )
        await record(done, in: &report, tables: tables)
        return report
    }

    private func lakeTables() -> [String: LakeTable] {
        var tables: [String: LakeTable] = [:]
        for task in tasks where tables[task.lakePath] == nil {
            tables[task.lakePath] = LakeTable(DeltaTable(store: pipeline.lake, path: task.lakePath))
        }
        return tables
    }

    /// Runs a task until it succeeds, fails for good, or has used up its attempts.
    private func attempt(
        _ task: SyncTask,
        _ lake: LakeTable,
        _ tally: ProgressTally
    ) async -> (TaskReport, TaskTransactions?) {
        var logger = pipeline.logger
        logger[metadataKey: "run"] = "\(id)"
        logger[metadataKey: "region"] = "\(task.identity.region)"
        logger[metadataKey: "client"] = "\(task.identity.client)"
        logger[metadataKey: "schema"] = "\(task.identity.schema)"
        logger[metadataKey: "table"] = "\(task.identity.table)"
        let runner = TaskRunner(
            task: task,
            connector: pipeline.connector,
            lake: lake,
            policy: pipeline.markPolicy,
            options: pipeline.files,
            sliceBytes: pipeline.configuration.limits.changeBytesPerTask,
            logger: logger,
            progress: { tally.read($0) }
        )
        let clock = ContinuousClock()
        let start = clock.now
        let limits = pipeline.configuration.limits
        let deadline = limits.taskSeconds.map { start.advanced(by: .seconds($0)) }
        var backoff = Backoff(limits: limits)
        while true {
            do {
                let left = deadline.map { clock.now.duration(to: $0) }
                let result = try await withDeadline(left) { try await runner.run() }
                let report = TaskReport(
                    task: task.identity,
                    result: result,
                    attempts: backoff.attempts,
                    seconds: start.duration(to: clock.now).seconds
                )
                logger.info("task ended", metadata: report.logMetadata)
                return (report, result.transactions)
            } catch {
                let failure = SyncError(wrapping: error, task: task.identity)
                if failure.isTransient, !Task.isCancelled, backoff.attempts <= failure.retryLimit ?? .max,
                    let pause = backoff.next(after: start.duration(to: clock.now))
                {
                    logger.warning(
                        "task will be tried again",
                        metadata: [
                            "error.code": "\(failure.code)", "error": "\(failure)", "pause": "\(pause)",
                        ]
                    )
                    do {
                        try await Task.sleep(for: pause)
                        continue
                    } catch {}
                }
                let report = TaskReport(
                    task: task.identity,
                    failure: failure,
                    attempts: backoff.attempts,
                    seconds: start.duration(to: clock.now).seconds
                )
                logger.error(
                    "task failed",
                    metadata: ["error.code": "\(failure.code)", "error": "\(failure)"]
                )
                return (report, nil)
            }
        }
    }

    /// Brings the ledger up to the logs of the tables and adds the run to the history.
    private func record(
        _ done: [(report: TaskReport, transactions: TaskTransactions?)],
        in report: inout RunReport,
        tables: [String: LakeTable]
    ) async {
        do {
            let ledger = SyncLedger(store: pipeline.lake)
            _ = try await ledger.reconcile {
                var entries: [LedgerEntry] = []
                for outcome in done {
                    guard let names = outcome.transactions, let lake = tables[outcome.report.lakePath] else {
                        continue
                    }
                    let snapshot = try await lake.snapshot()
                    guard let mark = snapshot.transactionVersion(names.mark) else { continue }
                    entries.append(
                        LedgerEntry(
                            task: outcome.report.identity,
                            mark: mark,
                            runSequence: snapshot.transactionVersion(names.run) ?? 0,
                            definition: names.definition
                        )
                    )
                }
                return entries
            }
            try await RunHistory(store: pipeline.lake).append(report.historyRows)
        } catch {
            pipeline.logger.error(
                "the ledger or the history could not be written",
                metadata: ["error": "\(error)"]
            )
            report.bookkeepingError = "\(error)"
        }
    }
}

/// Which task may start next: in the order given, within the limits for each region and in all.
struct RegionSchedule {
    private var waiting: [Int]
    private var running: [String: Int] = [:]
    private var runningCount = 0
    private let regions: [String]
    private let limits: Limits

    init(tasks: [SyncTask], limits: Limits) {
        waiting = Array(tasks.indices)
        regions = tasks.map(\.identity.region)
        self.limits = limits
    }

    /// Whether tasks wait or run.
    var hasWork: Bool { !waiting.isEmpty || runningCount > 0 }

    /// The next task, or nil when none may start now.
    mutating func start() -> Int? {
        guard runningCount < limits.tasks else { return nil }
        guard
            let position = waiting.firstIndex(where: {
                running[regions[$0], default: 0] < limits.tasksPerRegion
            })
        else { return nil }
        let index = waiting.remove(at: position)
        running[regions[index], default: 0] += 1
        runningCount += 1
        return index
    }

    /// Counts a task that has ended.
    mutating func end(_ index: Int) {
        running[regions[index], default: 1] -= 1
        runningCount -= 1
    }
}

/// Pauses between attempts: twice as long each time, up to a limit, with jitter.
struct Backoff {
    private(set) var attempts = 1
    private let limits: Limits

    init(limits: Limits) {
        self.limits = limits
    }

    /// The pause before the next attempt, or nil when there is none.
    mutating func next(after elapsed: Duration = .zero) -> Duration? {
        guard attempts < limits.attempts else { return nil }
        let ceiling = min(0.2 * Double(1 << min(attempts + 1, 12)), 15)
        let pause = Duration.seconds(Double.random(in: ceiling / 2...ceiling))
        guard elapsed + pause < .seconds(limits.retrySeconds) else { return nil }
        attempts += 1
        return pause
    }
}

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

extension Duration {
    /// The duration in seconds.
    var seconds: Double {
        Double(components.seconds) + Double(components.attoseconds) / 1e18
    }
}
