import DeltaLog
import DeltaTables
import FoundationEssentials
import IncrementalFilters
import Logging
import SourceConnectors
import StagedChanges
import SyncLedgers
import Synchronization

/// One run of a pipeline: its tasks within the budgets, then the ledger and the history.
///
/// The run alone decides what starts; the tasks send it what happens to them. A task that waits for its commit, or
/// pauses before another attempt, holds no slot.
struct PipelineRun<Connector: SourceConnector>: Sendable {
    let pipeline: SyncPipeline<Connector>
    let tasks: [SyncTask]
    /// What a plan lets tasks do; nil without a plan.
    var allowances: [TaskIdentity: TaskAllowance]?
    /// What the run is part of, beside bringing what changed.
    var operation: LakeOperation?
    let id = UUID().uuidString.lowercased()
    let readings = ReadingBoard()
    /// What the tables of clients looked like; read when the run begins.
    var shapes = ShapeBoard()
    /// The rows that are set aside; read when the run begins.
    var quarantine: QuarantineBoard?

    typealias Outcome = (report: TaskReport, transactions: TaskTransactions?)

    /// What a task sends to the run.
    enum Message: Sendable {
        case event(Int, TaskEvent)
        /// The source broke off.
        case failed(Int)
        case again(Int, TaskAttempt)
        case ended(Int, Outcome)
    }

    func perform(regions: String) async -> RunReport {
        var run = self
        run.shapes = await ShapeBoard.known(in: pipeline.lake, logger: pipeline.logger)
        run.quarantine = await QuarantineBoard.known(
            in: pipeline.lake,
            run: id,
            isNeeded: tasks.contains { task in
                task.template.quarantine != nil || allowances?[task.identity]?.replaysQuarantine == true
            }
        )
        return await run.performTraced(regions: regions)
    }

    private func performTraced(regions: String) async -> RunReport {
        await TraceSpan.around("sync run", ["run": id, "regions": regions]) { span in
            let report = await work(regions: regions)
            if !report.succeeded { span.fail("run") }
            return report
        }
    }

    private func work(regions: String) async -> RunReport {
        let started = Date()
        let tables = lakeTables()
        let leases = LeaseBoard(store: pipeline.lake, run: id, duration: limits.leaseDuration)
        let entries = await ExpectedSizes(configuration: pipeline.configuration, tables: tables).entries(
            for: tasks
        )
        let review: TaskReview
        do {
            review = try await pipeline.review(run: id)
        } catch {
            return failedReport(error, started: started, regions: regions)
        }
        let outcomes = await withTaskGroup(of: Void.self) { group in
            group.addTask { await keepHouse(tables: tables, leases: leases) }
            let outcomes = await perform(entries, tables, leases, review)
            group.cancelAll()
            return outcomes
        }
        let done = outcomes.compactMap { $0 }
        var report = RunReport(
            runID: id,
            startedAt: started,
            finishedAt: Date(),
            regions: regions,
            tasks: done.map(\.report)
        )
        report.tasksNotStarted = tasks.count - done.count
        report.rosterNote = pipeline.roster.note(at: started)
        for task in report.tasks { RunMetrics.record(task, finishedAt: report.finishedAt.microseconds) }
        await record(done, in: &report, tables: tables)
        if !Task.isCancelled { await tend(report, tables) }
        return report
    }

    /// What was staged and decided cannot be read: no task may run, for an approved rule might be missed.
    private func failedReport(_ error: any Error, started: Date, regions: String) -> RunReport {
        RunReport(
            runID: id,
            startedAt: started,
            finishedAt: Date(),
            regions: regions,
            tasks: tasks.map { task in
                let failure = SyncError(wrapping: error, task: task.identity)
                return TaskReport(task: task.identity, failure: failure, attempts: 1, seconds: 0)
            }
        )
    }

    /// Keeps small what the run wrote to.
    private func tend(_ report: RunReport, _ tables: [String: LakeTable]) async {
        if report.tasks.contains(where: { limits.isLarge($0.rowsRead) }) { FreedMemory.giveBack() }
        let upkeep = LakeUpkeep(byteLimit: limits.upkeepBytes, logger: pipeline.logger)
        for (path, lake) in tables {
            let written = report.tasks.filter { $0.lakePath == path && $0.tableVersion != nil }
            guard let first = written.compactMap(\.tableVersion).min() else { continue }
            let clients = Set(written.map(\.identity.client))
            let partitions = tasks.filter { $0.lakePath == path && clients.contains($0.identity.client) }.map(
                \.partition
            )
            await upkeep.tend(lake, partitions, since: TableVersion(first))
            if let bronze = lake.bronze { await upkeep.tend(bronze.table, partitions) }
        }
        if report.tasks.contains(where: { $0.tableVersion != nil }) {
            async let history: Void = upkeep.tend(RunHistory(store: pipeline.lake).table)
            async let ledger: Void = upkeep.tend(SyncLedger(store: pipeline.lake).table)
            async let shapes: Void = upkeep.tend(ShapeHistory(store: pipeline.lake).table)
            _ = await (history, ledger, shapes)
        }
    }

    var limits: Limits { pipeline.configuration.limits }

    /// Starts tasks as the schedule allows, until all have ended.
    private func perform(
        _ entries: [FleetSchedule.Entry],
        _ tables: [String: LakeTable],
        _ leases: LeaseBoard,
        _ review: TaskReview
    ) async -> [Outcome?] {
        var outcomes: [Outcome?] = Array(repeating: nil, count: tasks.count)
        let tally = ProgressTally(taskCount: tasks.count, report: pipeline.progress)
        let mailbox = Mailbox<Message>()
        let clock = ContinuousClock()
        let begin = clock.now
        await withDiscardingTaskGroup { group in
            var schedule = FleetSchedule(entries, limits: limits)
            var attempts: [Int: TaskAttempt] = [:]
            var throttles: [String: HostThrottle] = [:]
            var alone: Set<Int> = []  // tasks that no group waits for
            for (index, entry) in entries.enumerated() where limits.isLarge(entry.expectedRows) {
                alone.insert(index)
                await tables[tasks[index].lakePath]?.leave(tasks[index].identity)
            }
            while schedule.hasWork {
                if Task.isCancelled { await leave(schedule.stop(), tables) }
                while let index = schedule.start() {
                    let attempt =
                        attempts[index]
                        ?? TaskAttempt(limits: limits, startedAt: begin.duration(to: clock.now))
                    let task = tasks[index]
                    guard let lake = tables[task.lakePath] else { continue }
                    group.addTask {
                        let names = task.identity.names.merging(["run": self.id]) { $1 }
                        await TraceSpan.around("sync task", names) { span in
                            await self.attempt(task, attempt, lake, leases, review, span) {
                                mailbox.send($0(index))
                            }
                        }
                    }
                }
                if schedule.waitsForMemory { for lake in tables.values { await lake.hurry() } }
                guard schedule.hasWork else { break }
                for message in await mailbox.receive() {
                    switch message {
                    case .event(_, .read(let rows)): tally.read(rows)
                    case .event(_, .advanced): break
                    case .event(let index, .released(let bytes)): schedule.release(index, retaining: bytes)
                    case .event(let index, .answered(let time)):
                        throttle(entries[index].host, &throttles, &schedule) {
                            $0.record(answer: time, at: begin.duration(to: clock.now))
                        }
                    case .failed(let index):
                        throttle(entries[index].host, &throttles, &schedule) {
                            $0.recordFailure(at: begin.duration(to: clock.now))
                        }
                    case .again(let index, let attempt):
                        attempts[index] = attempt
                        if limits.isLarge(attempt.expectedRows) && alone.insert(index).inserted {
                            await tables[tasks[index].lakePath]?.leave(tasks[index].identity)
                        }
                        schedule.again(
                            index,
                            expectedRows: attempt.expectedRows ?? entries[index].expectedRows
                        )
                    case .ended(let index, let outcome):
                        schedule.end(index)
                        outcomes[index] = outcome
                        tally.end(failed: outcome.report.outcome == .failed)
                        if alone.insert(index).inserted {
                            await tables[tasks[index].lakePath]?.leave(tasks[index].identity)
                        }
                    }
                }
                if !schedule.waitsForMemory {
                    for lake in tables.values { await lake.hurry(Task.isCancelled) }
                }
            }
        }
        return outcomes
    }

    /// Tells the throttle of a host what happened, and the schedule what follows.
    private func throttle(
        _ host: String,
        _ throttles: inout [String: HostThrottle],
        _ schedule: inout FleetSchedule,
        _ body: (inout HostThrottle) -> Void
    ) {
        var throttle = throttles[host] ?? HostThrottle(budget: limits.tasksPerHost)
        body(&throttle)
        throttles[host] = throttle
        schedule.setLimit(throttle.limit, ofHost: host)
    }

    /// Tasks that will not start are waited for by no group.
    private func leave(_ dropped: [Int], _ tables: [String: LakeTable]) async {
        for index in dropped { await tables[tasks[index].lakePath]?.leave(tasks[index].identity) }
        for lake in tables.values { await lake.hurry() }
    }

    /// Commits groups that nobody finds due, and renews leases, until the run ends or is cancelled.
    private func keepHouse(tables: [String: LakeTable], leases: LeaseBoard) async {
        let clock = ContinuousClock()
        var renewed = clock.now
        while (try? await Task.sleep(for: .milliseconds(100))) != nil {
            for lake in tables.values { await lake.commitIfLate() }
            if leases.isOn && clock.now - renewed > limits.leaseDuration / 3 {
                await leases.renew()
                renewed = clock.now
            }
        }
        for lake in tables.values { await lake.hurry() }
    }

    private func lakeTables() -> [String: LakeTable] {
        var tables: [String: LakeTable] = [:]
        for task in tasks where tables[task.lakePath] == nil {
            tables[task.lakePath] = LakeTable(
                DeltaTable(store: pipeline.lake, path: task.lakePath),
                size: limits.commitGroup,
                patience: limits.commitPatience,
                expected: tasks.count { $0.lakePath == task.lakePath },
                bronzePath: task.template.bronzePath
            )
        }
        return tables
    }

    /// Brings the ledger up to the logs of the tables, and adds the run to the history and what tables look like now to
    /// theirs: three tables, written beside each other.
    private func record(
        _ done: [(report: TaskReport, transactions: TaskTransactions?)],
        in report: inout RunReport,
        tables: [String: LakeTable]
    ) async {
        let run = report
        async let ledger = problem { try await bringLedgerUp(done, tables) }
        async let history = problem { try await RunHistory(store: pipeline.lake).append(run.historyRows) }
        async let shapes = problem {
            let brought = run.tasks.filter { $0.outcome != .failed && $0.outcome != .held }
            try await self.shapes.keep(of: brought.map(\.identity), run: run, in: pipeline.lake)
        }
        let problems = await [ledger, history, shapes].compactMap { $0 }
        guard !problems.isEmpty else { return }
        report.bookkeepingError = problems.joined(separator: "; ")
        pipeline.logger.error(
            "the ledger or the history could not be written",
            metadata: ["error": "\(problems.joined(separator: "; "))"]
        )
    }

    private func problem(_ body: () async throws -> Void) async -> String? {
        do {
            try await body()
            return nil
        } catch {
            return "\(error)"
        }
    }

    private func bringLedgerUp(
        _ done: [(report: TaskReport, transactions: TaskTransactions?)],
        _ tables: [String: LakeTable]
    ) async throws {
        _ = try await SyncLedger(store: pipeline.lake).reconcile {
            var entries: [LedgerEntry] = []
            var snapshots: [String: Snapshot] = [:]
            for (path, lake) in tables
            where done.contains(where: { $0.transactions != nil && $0.report.lakePath == path }) {
                snapshots[path] = try await lake.snapshot()
            }
            for outcome in done {
                guard let names = outcome.transactions,
                    let snapshot = snapshots[outcome.report.lakePath],
                    let mark = names.markTime(in: snapshot)
                else { continue }
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
    }
}
