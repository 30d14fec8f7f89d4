import ColumnBatches
import DeltaLog
import DeltaTables
import IncrementalFilters
import Logging
import SourceConnectors
import SyncLedgers

extension TaskRunner {
    /// A load in chunks that a task is to begin, or to go on with.
    struct PendingLoad: Sendable {
        var store: LoadStore
        var key: [String]
        /// The plan of a load that was broken off, and how far it came; nil for a new one.
        var unfinished: (plan: LoadPlan, progress: LoadProgress)?
    }

    /// Whether the task's rows are loaded in chunks: the table is large and its key can be cut, or a load was broken off.
    ///
    /// A load whose rows are not those that it committed is given up: the task then reads everything again and merges.
    func pendingLoad(
        _ plan: TaskPlan,
        _ description: TableDescription,
        _ editor: PartitionEditor,
        in session: some SourceSession
    ) async throws -> PendingLoad? {
        guard session is any RangedSession, let key = plan.chunkKey,
            allowance?.replaysQuarantine != true,
            review.rules(for: task.identity).isEmpty
        else { return nil }
        let names = editor.transactions.names
        let load = PendingLoad(store: LoadStore(store: lake.table.store, names: names), key: key)
        if editor.isEmpty { return limits.isChunked(description.estimatedRows) ? load : nil }
        guard editor.transactions.previousMark == nil, let kept = try await load.store.load(),
            kept.key == key,
            let progress = LoadProgress(kept, names, editor.snapshot)
        else { return nil }
        guard editor.rowCount == progress.rows else {
            logger.warning(
                "a load was broken off and its rows have changed since: everything is read again and merged",
                metadata: ["load.rows.before": "\(progress.rows)", "load.rows.found": "\(editor.rowCount)"]
            )
            return nil
        }
        var unfinished = load
        unfinished.unfinished = (kept, progress)
        return unfinished
    }

    /// Loads the table in chunks; nil when there is nothing to cut.
    func load(
        _ pending: PendingLoad,
        _ plan: TaskPlan,
        _ description: TableDescription,
        _ editor: PartitionEditor,
        by session: some RangedSession,
        _ look: SourceLook,
        _ sieve: RowSieve,
        _ result: inout TaskResult
    ) async throws -> TaskRead? {
        guard
            let (loadPlan, progress, history) = try await planned(
                pending,
                plan,
                description,
                editor,
                by: session,
                look
            )
        else { return nil }
        var sieve = sieve
        sieve.rowsBefore = progress.rows
        let load = ChunkedLoad(
            plan: plan,
            load: loadPlan,
            start: progress,
            editor: editor,
            hasSnapshots: description.hasSnapshots,
            sieve: sieve,
            quarantine: QuarantineRecord(board: quarantine, run: review.run, instant: plan.observedAt),
            limits: limits,
            logger: logger,
            tell: tell
        )
        let outcome = try await load.read(by: session)
        result.counts.rowsRead = outcome.rowsRead + outcome.sieve.findings.count
        result.notices = outcome.notices
        result.load = outcome.report
        if !outcome.report.isOneInstant {
            result.warnings.append("\(outcome.report.consistency); the next run brings what differs")
        }
        var read = TaskRead(
            rows: outcome.rows,
            mark: loadPlan.finalMark,
            reading: pending.unfinished == nil ? SourceReading(look.signals) : nil,
            counter: loadPlan.counter,
            // A load that brought nothing leaves no trace, as any other.
            evenIfUnchanged: progress.rows + outcome.rowsRead > 0,
            staleRules: [],
            result: result,
            finished: pending.store
        )
        // Without it, as where a load is gone on with, the next run compares all keys once.
        if let history { read.rows.further += history.transactions(editor.transactions.names) }
        read.quarantine = outcome.sieve.outcome(of: .some, run: review.run, at: plan.observedAt)
        return read
    }

    private func planned<Session: RangedSession>(
        _ pending: PendingLoad,
        _ plan: TaskPlan,
        _ description: TableDescription,
        _ editor: PartitionEditor,
        by session: Session,
        _ look: SourceLook
    ) async throws -> (LoadPlan, LoadProgress, HistoryReading?)? {
        if let (plan, progress) = pending.unfinished { return (plan, progress, nil) }
        let rows = ChunkedLoad.rangeRows(limits, expected: description.estimatedRows)
        // After the signals: a row beyond the last place belongs to a statement that began later, or was running.
        guard let bounds = try await session.bounds(of: task.sourceTable, by: pending.key, every: rows),
            !bounds.isEmpty
        else { return nil }
        let mark: Mark
        var history: HistoryReading?
        switch plan.mode {
        case .compare: mark = Mark(value: look.signals.now, guarantee: .proven)
        case .incremental(let cursor):
            if let counter = look.counter {
                // What is in flight is of a statement or a transaction that the signals tell of.
                mark = policy.decide(
                    previous: nil,
                    signals: look.signals,
                    counter: counter,
                    earlier: look.earlier,
                    inFlight: nil,
                    cursor: cursor
                )
                break
            }
            var signals = look.signals
            if !description.hasSnapshots {
                signals.limitations.append("the table's engine has no snapshots")
            }
            let probe = LoadProbe(
                plan: plan,
                cursor: cursor,
                policy: policy,
                signals: signals,
                ranges: LoadPlan(key: pending.key, bounds: bounds, mark: Mark(value: 0, guarantee: .proven))
            )
            var oldest = try await probe.oldestInFlight(in: session)
            var ended = plan.history.map { history in
                HistorySearch<Session>(
                    plan,
                    history,
                    editor,
                    bound: nil,
                    probeBound: policy.probeBound(previous: nil, signals: signals, cursor: cursor)
                )
            }
            if ended != nil {
                try await ended?.expect(in: session)
                try await ended?.observe(in: session)
                try await session.endSnapshot()
                _ = await session.takeNotices()
                oldest = [oldest, ended?.oldestInFlight].compactMap(\.self).min()
            }
            mark = policy.decide(previous: nil, signals: signals, inFlight: oldest, cursor: cursor)
            history = ended?.reading(before: mark.value)
        }
        let kept = try await pending.store.keep(
            LoadPlan(key: pending.key, bounds: bounds, mark: mark, counter: look.counter)
        )
        return (kept, LoadProgress(), history)
    }
}
