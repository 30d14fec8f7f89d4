import ColumnBatches
import DeltaLog
import SourceConnectors

extension TaskRunner {
    /// Hands the keys of rows that the source no longer has to the sink: by its history, or by a comparison of all keys.
    ///
    /// - Returns: What the commit carries beside the task's own transactions.
    /// - Throws: `SyncError` with code `guardrail` when more rows would go than may.
    func findDeletes(
        _ session: MaskedSession<Connector.Session>,
        _ description: TableDescription,
        _ plan: TaskPlan,
        _ editor: PartitionEditor,
        _ ended: inout HistorySearch<MaskedSession<Connector.Session>>?,
        _ signals: MarkSignals,
        _ sink: ChangeSink,
        _ result: inout TaskResult
    ) async throws -> [ApplicationTransaction] {
        guard !result.wasFirstLoad else { return [] }
        let search = deleteSearch(plan, description, editor)
        var isDue = isDue(search, signals)
        if let gap = ended?.gap, !isDue {
            result.warnings.append("\(gap): all keys are compared, to find rows that were deleted")
            isDue = true
        }
        if !isDue, ended != nil, case .gone(let keys)? = try await ended?.answer(in: session) {
            try await setValve(plan, editor, for: keys.count, sink)
            sink.delete(keys)
            return []
        }
        guard isDue || ended != nil else { return [] }
        try await search.run(in: session, sink)
        return search.transactions(now: signals.now)
    }

    /// Whether a run at the source's clock compares all keys, whatever the window brings.
    func isDue(_ search: DeleteSearch<MaskedSession<Connector.Session>>, _ signals: MarkSignals) -> Bool {
        search.isDue(asked: findsDeletes || allowance?.rereads == true, now: signals.now)
    }

    /// The comparison of a task's keys.
    func deleteSearch(_ plan: TaskPlan, _ description: TableDescription, _ editor: PartitionEditor)
        -> DeleteSearch<MaskedSession<Connector.Session>>
    {
        DeleteSearch(
            plan: plan,
            description: description,
            editor: editor,
            guardrails: guardrails,
            allowance: allowance
        )
    }

    /// Counts the rows that may go against those which the source has, where the lake keeps others beside them.
    private func setValve(_ plan: TaskPlan, _ editor: PartitionEditor, for count: Int, _ sink: ChangeSink)
        async throws
    {
        guard count > guardrails.deletions(ofRows: 0), !LiveRows(plan).columns.isEmpty else { return }
        var rows = 0
        for try await batch in try lake.live(plan, of: editor.snapshot, columns: plan.lakeKeys) {
            rows += batch.rowCount
        }
        sink.valve = valve(ofRows: rows)
    }
}
