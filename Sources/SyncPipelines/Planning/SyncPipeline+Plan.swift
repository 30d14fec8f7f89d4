import FoundationEssentials
import ObjectStores
import SourceConnectors
import SyncLedgers

extension SyncPipeline {
    /// Finds out what a run of a selection would do, from metadata alone, and keeps the plan in the lake under its id.
    public func plan(_ selection: TaskSelection) async throws -> SyncPlan {
        try await keep(try await makePlan(selection))
    }

    /// Keeps a plan in the lake under its id.
    func keep(_ plan: SyncPlan) async throws -> SyncPlan {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        do {
            try await lake.putIfAbsent(Self.planPath(plan.id), Array(try encoder.encode(plan)))
        } catch let error as ObjectStoreError where error.code == .alreadyExists {}  // it decides the same
        return plan
    }

    /// Does what a plan said: prepares the tables and runs, with leave for what the plan showed as destructive.
    ///
    /// - Parameter id: The plan's id.
    /// - Returns: The run's report.
    /// - Throws: `SyncError` with code `stalePlan` when something that the plan decides has changed since.
    public func run(plan id: String) async throws -> RunReport {
        let plan = try await loadPlan(id)
        let regions: RegionSelection = plan.regions == "all" ? .all : .only(plan.regions)
        let selection = TaskSelection(regions: regions, client: plan.client, table: plan.table)
        let now = try await makePlan(selection, for: plan.operation)
        guard now.id == plan.id else {
            let before = Set(plan.decisions)
            let changed = now.decisions.filter { !before.contains($0) }
            throw SyncError(
                .stalePlan,
                step: "plan",
                message: "the plan \(id) no longer holds; now it would be: "
                    + changed.prefix(3).joined(separator: " | ") + (changed.count > 3 ? " | …" : "")
                    + "; make a new plan"
            )
        }
        if let operation = plan.operation {
            return try await perform(operation, plan, try tasks(selection))
        }
        if plan.tables.contains(where: { $0.preparation == "created" || $0.preparation == "extended" }) {
            let report = try await prepare(selection)
            if let failed = report.tables.first(where: { $0.outcome == .failed }) {
                throw SyncError(
                    .notPrepared,
                    step: "prepare",
                    message: "\(failed.table): \(failed.error ?? "")"
                )
            }
        }
        var allowances: [TaskIdentity: TaskAllowance] = [:]
        for task in plan.tasks {
            guard let dot = task.table.firstIndex(of: ".") else { continue }
            let identity = TaskIdentity(
                region: task.region,
                client: task.client,
                schema: String(task.table[..<dot]),
                table: String(task.table[task.table.index(after: dot)...])
            )
            allowances[identity] = TaskAllowance(
                mayRedefine: !task.destructive.isEmpty,
                deletions: 2 * (task.predictedDeletes ?? 0)  // the source's estimate may be off by as much
            )
        }
        let run = PipelineRun(pipeline: self, tasks: try tasks(selection), allowances: allowances)
        return await run.perform(regions: plan.regions)
    }

    func makePlan(_ selection: TaskSelection, for operation: LakeOperation? = nil) async throws -> SyncPlan {
        let tasks = try tasks(selection)
        var plan = try await SyncPlanner(pipeline: self, tasks: tasks).plan(selection)
        if let operation {
            var planner = OperationPlanner(operation, tasks, store: lake)
            try await planner.describe(&plan)
            plan.id = plan.derivedID
        }
        return plan
    }

    private func loadPlan(_ id: String) async throws -> SyncPlan {
        let isName = id.utf8.allSatisfy {
            (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
                || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains($0)
        }
        guard isName, let bytes = try? await lake.read(Self.planPath(id)),
            let plan = try? JSONDecoder().decode(SyncPlan.self, from: Data(bytes))
        else {
            throw SyncError(
                .stalePlan,
                step: "plan",
                message: "the lake has no plan \"\(id)\"; make one with \"plan\", which prints its id"
            )
        }
        return plan
    }

    private static func planPath(_ id: String) -> String { "tributary/plans/\(id).json" }
}
