import SourceConnectors
import SyncLedgers

extension SyncPipeline {
    /// The rows of a selection that are set aside because they cannot be represented.
    ///
    /// - Parameter selection: The regions, and the client or the table, if only one.
    /// - Returns: The open entries, in the order of the tasks and their keys.
    /// - Throws: `SyncError` when the selection names something that is not there, and errors of the lake.
    public func quarantine(_ selection: TaskSelection) async throws -> QuarantineReport {
        let entries = try await QuarantineTable(store: lake).entries().filter { $0.state == .open }
        let byTask = Dictionary(grouping: entries, by: \.task)
        return QuarantineReport(
            try tasks(selection).flatMap { task in
                (byTask[task.identity] ?? []).sorted { $0.key < $1.key }
            }
        )
    }

    /// Reads the rows of a selection that are set aside once more, and brings those that can be represented by now.
    ///
    /// For values that were corrected without moving the row's cursor. What comes is merged, and its entries are
    /// `cured`; entries whose rows the source has no longer are `gone`; all others stay open. Marks stay as they are.
    ///
    /// - Parameter selection: The regions, and the client or the table, if only one.
    /// - Returns: The report of the tasks that have open entries.
    /// - Throws: `SyncError` when the selection names something that is not there, and errors of the lake.
    public func replayQuarantine(_ selection: TaskSelection) async throws -> RunReport {
        let entries = try await QuarantineTable(store: lake).entries().filter { $0.state == .open }
        let open = Set(entries.map(\.task))
        let tasks = try tasks(selection).filter { open.contains($0.identity) }
        var allowances: [TaskIdentity: TaskAllowance] = [:]
        for task in tasks {
            // Rows that another policy lets through may come before the run that it needs a plan for.
            var allowance = TaskAllowance(mayRedefine: true)
            allowance.replaysQuarantine = true
            allowances[task.identity] = allowance
        }
        let run = PipelineRun(pipeline: self, tasks: tasks, allowances: allowances)
        return await run.perform(regions: selection.regions.description)
    }
}
