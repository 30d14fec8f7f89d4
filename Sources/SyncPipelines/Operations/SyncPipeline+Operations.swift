import DeltaTables
import FoundationEssentials
import ObjectStores
import SyncLedgers

extension SyncPipeline {
    /// Finds out what an operation would do to the tasks of a selection, and keeps the plan in the lake under its id.
    ///
    ///     let plan = try await pipeline.plan(selection, for: .reset)
    ///     print(plan.text)
    ///     let report = try await pipeline.run(plan: plan.id)
    public func plan(_ selection: TaskSelection, for operation: LakeOperation) async throws -> SyncPlan {
        try await keep(try await makePlan(selection, for: operation))
    }

    /// Does what an operation's plan showed.
    func perform(_ operation: LakeOperation, _ plan: SyncPlan, _ tasks: [SyncTask]) async throws -> RunReport
    {
        guard plan.isClear else {
            let problems = plan.tasks.compactMap { task in
                task.problem.map { "\(task.region)/\(task.client)/\(task.table): \($0)" }
            }
            throw SyncError(
                .needsPlan,
                step: "plan",
                message:
                    "something is in the way: \(problems.prefix(3).joined(separator: "; ")); cure it and plan again"
            )
        }
        switch operation {
        case .reset, .move: return await edit(operation, tasks, regions: plan.regions)
        case .resync, .backfill:
            var allowances: [TaskIdentity: TaskAllowance] = [:]
            for task in tasks {
                var allowance = TaskAllowance(mayRedefine: true)
                if case .backfill(let from, let to) = operation { allowance.range = from..<to }
                allowance.rereads = operation == .resync
                allowances[task.identity] = allowance
            }
            var run = PipelineRun(pipeline: self, tasks: tasks, allowances: allowances)
            run.operation = operation
            return await run.perform(regions: plan.regions)
        }
    }

    /// Changes what lies in the lake, task by task; no source is asked.
    private func edit(_ operation: LakeOperation, _ tasks: [SyncTask], regions: String) async -> RunReport {
        let id = UUID().uuidString.lowercased()
        let started = Date()
        let leases = LeaseBoard(store: lake, run: id, duration: configuration.limits.leaseDuration)
        var reports: [TaskReport] = []
        for task in tasks {
            do {
                if case .held(let holder) = try await leases.acquire(task.identity) {
                    reports.append(TaskReport(task: task.identity, heldBy: holder))
                    continue
                }
                reports.append(try await edit(operation, task))
            } catch {
                let failure = SyncError(wrapping: error, task: task.identity)
                reports.append(TaskReport(task: task.identity, failure: failure, attempts: 1, seconds: 0))
            }
            await leases.release(task.identity)
        }
        var report = RunReport(
            runID: id,
            startedAt: started,
            finishedAt: Date(),
            regions: regions,
            tasks: reports
        )
        do {
            try await RunHistory(store: lake).append(report.historyRows)
        } catch {
            report.bookkeepingError = "\(error)"
        }
        return report
    }

    private func edit(_ operation: LakeOperation, _ task: SyncTask) async throws -> TaskReport {
        let editor = TaskEdit(task: task, table: DeltaTable(store: lake, path: task.lakePath))
        if case .move(let region) = operation {
            var old = task.identity
            old.region = region
            let report = try await editor.move(from: region)
            try await QuarantineTable(store: lake).move(old, to: task.identity.region)
            return report
        }
        return try await editor.reset()
    }
}
