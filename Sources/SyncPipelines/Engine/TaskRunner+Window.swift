import ColumnBatches
import DeltaLog
import IncrementalFilters
import SourceConnectors

extension TaskRunner {
    /// A window that was read again with this many rows and brought none still moves the mark.
    private static var idleRows: Int { 10_000 }

    /// Reads what changed since the mark, by the four signals; of a counter they are those of its numbers.
    func readWindow(
        _ session: MaskedSession<Connector.Session>,
        _ look: SourceLook,
        _ description: TableDescription,
        _ plan: TaskPlan,
        _ cursor: Cursor,
        _ editor: PartitionEditor,
        _ sink: ChangeSink,
        _ result: inout TaskResult
    ) async throws -> TaskRead {
        let transactions = editor.transactions
        var signals = look.signals
        let counter = look.counter
        if counter == nil { signals = policy.corrected(signals, since: transactions.previousReading) }
        let earlier = await readings.record(signals)
        let reading = SourceReading(signals)
        if counter == nil && !description.hasSnapshots {
            signals.limitations.append("the table's engine has no snapshots")
        }
        let knownSetBack =
            counter == nil ? policy.setBack(in: signals, since: transactions.previousReading) : nil
        let previous = usableMark(transactions, signals, cursor, counter, setBack: knownSetBack, &result)
        let setBack = knownSetBack ?? 0
        let bound =
            counter != nil
            ? previous?.value
            : policy.readBound(previous: previous, signals: signals, cursor: cursor, setBack: setBack)
        if let bound, let previous, counter == nil, signals.isClear, !policy.isStep(setBack),
            plan.history == nil, !isDue(deleteSearch(plan, description, editor), signals),
            try await !session.mayHaveRows(plan.query(window: cursor.window(from: bound)))
        {
            // What is written from the signals on carries later times: there is nothing that a probe could find.
            var read = TaskRead(
                rows: try await sink.finish(),
                mark: policy.decide(
                    previous: previous,
                    signals: signals,
                    inFlight: nil,
                    cursor: cursor,
                    setBack: setBack
                ),
                reading: reading,
                evenIfUnchanged: false,
                staleRules: sink.staleRules,
                result: result
            )
            read.isQuiet = true
            return read
        }
        // An open transaction may hold a row that carries the cursor of its committed version: rows are compared then.
        // Such a row of a counter is no new one.
        let comparesRows = signals.oldestWriter != nil && counter == nil
        var probe = InFlightProbe(
            keys: plan.sourceKeys,
            cursor: cursor.columns,
            comparing: comparesRows ? plan.readFields.map(\.name) : [],
            reading: cursor.type == .timestamp ? reading.map(cursor.floor) : nil
        )
        let probeBound =
            counter.map { policy.probeBound(previous: previous, counter: $0) }
            ?? policy.probeBound(previous: previous, signals: signals, cursor: cursor, setBack: setBack)
        let probeFields =
            plan.readFields.filter {
                comparesRows || cursor.columns.contains($0.name) || plan.sourceKeys.contains($0.name)
            } + plan.computedFields
        let uncommitted = plan.query(
            columns: probeFields,
            window: cursor.window(from: probeBound, includesNulls: false)
        )
        for try await batch in try await session.rows(uncommitted, at: .uncommitted) { probe.expect(batch) }
        var ended = plan.history.map {
            HistorySearch<MaskedSession<Connector.Session>>(
                plan,
                $0,
                editor,
                bound: bound,
                probeBound: probeBound
            )
        }
        try await ended?.expect(in: session)
        _ = await session.takeNotices()  // the rows that count are read below

        let query = plan.query(
            columns: plan.windowFields,
            window: bound.map { cursor.window(from: $0) },
            order: bound == nil ? plan.order : []
        )
        for try await batch in try await session.rows(query, at: .snapshot) {
            try Task.checkCancellation()
            result.counts.rowsRead += batch.rowCount
            tell(.read(batch.rowCount))
            probe.observe(batch)
            ended?.see(batch)
            try await sink.append(sink.patch(plan.conform(sink.sieve.sift(batch).sound)))
        }
        try await ended?.observe(in: session)
        var further = try await findDeletes(
            session,
            description,
            plan,
            editor,
            &ended,
            signals,
            sink,
            &result
        )
        var writesAnyway = !further.isEmpty
        try await session.endSnapshot()
        if probe.isInDoubt {
            let later = try await session.signals()
            probe.settle(clock: reading?.reached(by: later) ?? later.now)
        }
        let inFlight = [probe.oldest, ended?.oldestInFlight].compactMap(\.self).min()
        let mark =
            counter.map { counter in
                policy.decide(
                    previous: previous,
                    signals: signals,
                    counter: counter,
                    earlier: look.earlier,
                    inFlight: probe.oldest,
                    cursor: cursor,
                    wasReset: policy.isReset(counter.next, since: transactions.knownMark)
                )
            }
            ?? policy.decide(
                previous: previous,
                signals: signals,
                inFlight: inFlight,
                cursor: cursor,
                readings: earlier + (transactions.previousReading.map { [$0] } ?? []),
                setBack: setBack
            )
        if let ended {
            further += ended.reading(before: mark.value).transactions(transactions.names)
            if ended.isNew && !result.wasFirstLoad { writesAnyway = true }
        }
        result.notices = await session.takeNotices()
        let isIdleTooLong = result.counts.rowsRead > Self.idleRows && mark.value != previous?.value
        var rows = try await sink.finish()
        rows.further += further
        return TaskRead(
            rows: rows,
            mark: mark,
            reading: reading,
            counter: counter,
            evenIfUnchanged: isIdleTooLong || writesAnyway || (previous == nil && !result.wasFirstLoad),
            staleRules: sink.staleRules,
            result: result,
            isWhole: bound == nil
        )
    }

    /// The mark to read from; nil reads everything, and where that is no first load a warning says why.
    private func usableMark(
        _ transactions: TaskTransactionState,
        _ signals: MarkSignals,
        _ cursor: Cursor,
        _ counter: CounterReading?,
        setBack: Int64?,
        _ result: inout TaskResult
    ) -> Mark? {
        if allowance?.rereads == true { return nil }
        guard let value = transactions.previousMark else {
            if !result.wasFirstLoad {
                result.warnings.append("the task's definition is new: everything is read again and merged")
            }
            return nil
        }
        let mark = Mark(value: value, guarantee: .proven)
        if result.wasFirstLoad {
            result.warnings.append("the lake has a mark but no rows of this task: everything is read again")
            return nil
        }
        if let counter {
            guard policy.isReset(counter.next, since: mark) else {
                return transactions.disturbances.isEmpty ? mark : nil
            }
            result.warnings.append(
                "the counter of \(cursor.column) stands at \(counter.next), before the last mark \(value): it was reset, or "
                    + "rows with the greatest numbers were deleted; everything is read again"
                    + (cursor.tellsNewRowsOnly
                        ? ", and rows whose number and key the lake has already are not added: reset the task where numbers "
                            + "are given twice" : "")
            )
            return nil
        }
        let reading = transactions.previousReading
        if let setBack, policy.isStep(setBack) {
            result.warnings.append(
                "the source's clock was set back by up to \(setBack / 1_000_000 + 1) s since the last mark: the window "
                    + "begins that much earlier"
            )
        } else if setBack == nil, policy.isSetBack(signals, since: mark, reading: reading, cursor: cursor) {
            result.warnings.append(
                "the source's clock stands before the last mark: it was set back, and everything is read again"
            )
            return nil
        }
        return transactions.disturbances.isEmpty ? mark : nil
    }
}
