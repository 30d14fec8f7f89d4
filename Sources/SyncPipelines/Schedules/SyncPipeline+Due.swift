public import FoundationEssentials
import SyncLedgers

extension SyncPipeline {
    /// Says which tasks of a selection are due at an instant, and why; it asks no source.
    ///
    /// - Throws: `SyncError` when the selection names what is not there; errors of the lake.
    public func due(_ selection: TaskSelection, at now: Date = Date()) async throws -> DueReport {
        let tasks = try tasks(selection)
        let openings = tasks.compactMap { task in
            task.template.schedule?.lastOpening(upTo: now, region: task.identity.region)
        }
        var runs: [TaskIdentity: [PastRun]] = [:]
        if let oldest = openings.min() {
            for run in try await RunHistory(store: lake).runs(since: oldest.microseconds) {
                runs[run.task, default: []].append(run)
            }
        }
        return DueReport(
            at: now,
            regions: selection.regions.description,
            rosterNote: roster.note(at: now),
            tasks: tasks.map { task in
                let schedule = task.template.schedule
                let region = task.identity.region
                let decision = DueDecision(
                    schedule: schedule,
                    region: region,
                    runs: runs[task.identity] ?? [],
                    at: now
                )
                return DueReport.Task(
                    region: region,
                    client: task.identity.client,
                    schema: task.identity.schema,
                    table: task.identity.table,
                    schedule: schedule?.description,
                    zone: schedule?.zone(ofRegion: region),
                    isDue: decision.isDue,
                    reason: decision.reason,
                    openedAt: decision.opened,
                    nextAt: decision.next
                )
            }
        )
    }

    /// Brings the tasks that a report names as due.
    public func run(due report: DueReport) async throws -> RunReport {
        let due = Set(
            report.due.map {
                TaskIdentity(region: $0.region, client: $0.client, schema: $0.schema, table: $0.table)
            }
        )
        let all = try tasks(TaskSelection(regions: .all))
        let run = PipelineRun(pipeline: self, tasks: all.filter { due.contains($0.identity) })
        return await run.perform(regions: report.regions)
    }
}
