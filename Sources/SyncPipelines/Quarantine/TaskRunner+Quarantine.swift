import ColumnBatches
import DeltaLog
import SourceConnectors
import SyncLedgers

extension TaskRunner {
    /// The sieve of what the task reads.
    func sieve(_ plan: TaskPlan) async throws -> RowSieve {
        let isReplay = allowance?.replaysQuarantine == true
        guard isReplay || task.template.quarantine != nil else {
            return RowSieve(plan, open: [], settings: nil)
        }
        return RowSieve(
            plan,
            open: try await quarantine.entries(of: task.identity),
            // Rows that are read again were counted when they were set aside.
            settings: isReplay
                ? .unlimited : task.template.quarantine
        )
    }

    /// What is to be written down of the rows that a task has read.
    func outcome(
        of sieve: RowSieve,
        _ reach: RowSieve.Reach,
        _ plan: TaskPlan,
        in snapshot: Snapshot
    ) async throws -> QuarantineOutcome {
        let new = sieve.newKeys
        var older: Set<String> = []
        if !new.values.isEmpty {
            var index = KeyIndex(new.values, fields: new.fields)
            for try await batch in try lake.live(plan, of: snapshot, columns: plan.lakeKeys) {
                index.visit(batch.columns, count: batch.rowCount) { _, position in
                    older.insert(new.texts[position])
                }
            }
        }
        return sieve.outcome(of: reach, run: review.run, at: plan.observedAt, older: older)
    }

    /// Reads the rows of the open entries again, by their keys; the mark stays.
    func readQuarantined(
        _ session: MaskedSession<Connector.Session>,
        _ plan: TaskPlan,
        _ sink: ChangeSink,
        _ result: inout TaskResult
    ) async throws -> TaskRead {
        guard task.template.review == .none else {
            throw SyncError(
                .review,
                step: "read",
                task: task.identity,
                message:
                    "what people look at comes by runs alone, and a replay would take the place of what waits; "
                    + "touch the rows at the source, or resync the table"
            )
        }
        let queries = sink.sieve.open.isEmpty ? [] : quarantinedQueries(plan, sink.sieve)
        return try await readAgain(queries, onlyOpen: true, session, plan, sink, &result)
    }

    /// Queries that find the rows of the open entries, and perhaps others: one of all rows where keys cannot be compared with.
    private func quarantinedQueries(_ plan: TaskPlan, _ sieve: RowSieve) -> [ReadQuery] {
        var query = plan.query()
        query.setsDefectsAside = true
        let keys = plan.sourceKeys
        let fields = keys.compactMap { key in plan.readFields.first { $0.name == key } }
        let known = sieve.open.compactMap { SourceKey.values($0.key, fields: fields) }
        return KeyQueries.of(known, keys: keys, masks: task.masks, from: query) ?? [query]
    }
}
