import DeltaTables
import FoundationEssentials
import SyncLedgers

extension SyncPipeline {
    /// Compares the lake tables of a selection with what their bronze tables make of them, and sets them right if asked to.
    ///
    /// No source is read. Each partition is made anew from its landings in a table of its own, which goes again; where it
    /// differs, `applying` puts those rows in the place of the partition's in one commit, with the task's mark as it was.
    ///
    /// - Parameters:
    ///   - selection: Which clients and tables; tables without bronze are left out.
    ///   - applying: Whether to write; else the report only says what differs.
    /// - Returns: What was found and done; a task that fails leaves the others alone.
    /// - Throws: `SyncError` when the selection names what is not there, or no table with bronze.
    public func rebuild(_ selection: TaskSelection, applying: Bool = false) async throws -> RebuildReport {
        let tasks = try tasks(selection).filter { $0.template.bronze != nil }
        guard !tasks.isEmpty else {
            throw SyncError(
                .emptySelection,
                step: "rebuild",
                message: "no table of the selection has \"bronze\"; there is nothing to rebuild it from"
            )
        }
        let leases = LeaseBoard(
            store: lake,
            run: "rebuild-" + UUID().uuidString.lowercased(),
            duration: configuration.limits.leaseDuration
        )
        var reports: [RebuildReport.Task] = []
        for task in tasks {
            try Task.checkCancellation()
            reports.append(await rebuild(task, applying, leases))
        }
        return RebuildReport(tasks: reports)
    }

    private func rebuild(_ task: SyncTask, _ applying: Bool, _ leases: LeaseBoard) async -> RebuildReport.Task
    {
        var failed = RebuildReport.Task(
            region: task.identity.region,
            client: task.identity.client,
            table: task.template.qualifiedName
        )
        do {
            if applying, case .held(let holder) = try await leases.acquire(task.identity) {
                failed.error = "run \(holder.run) works on it now; try again when it has ended"
                return failed
            }
            let rebuild = TableRebuild(
                task: task,
                lake: LakeTable(DeltaTable(store: lake, path: task.lakePath)),
                bronze: DeltaTable(store: lake, path: task.template.bronzePath ?? ""),
                options: files,
                sliceBytes: configuration.limits.sliceBytes,
                isApplied: applying
            )
            let report = try await rebuild.run()
            await leases.release(task.identity)
            return report
        } catch {
            await leases.release(task.identity)
            failed.error = "\(SyncError(wrapping: error, task: task.identity))"
            return failed
        }
    }
}
