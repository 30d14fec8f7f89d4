import FoundationEssentials
import IncrementalFilters
import SourceConnectors

/// What a task asks its source before it reads rows.
struct SourceLook: Sendable {
    /// The clock, and what is under way.
    var signals: MarkSignals
    /// What was read of the counter, where the cursor is one.
    var counter: CounterReading?
    /// Earlier readings of the counter, in order.
    var earlier: [CounterReading] = []
}

extension TaskRunner {
    /// How often a counter without an earlier reading is looked at, and how long the pauses are.
    private static var counterLooks: (count: Int, pause: Duration) { (6, .milliseconds(700)) }
    /// So long the signals serve all tasks of a server.
    private static var signalsAge: Duration { .milliseconds(200) }

    /// Reads the counter where the cursor is one, then the signals, which may be those of another task of the run.
    ///
    /// What is under way began after a reading, or it may hold any number. Where there is no reading yet, the counter is
    /// looked at for some seconds until what ran at the first look has ended: else everything would be read again.
    func look(
        at session: MaskedSession<Connector.Session>,
        _ plan: TaskPlan,
        _ description: TableDescription,
        _ transactions: TaskTransactionState
    ) async throws -> SourceLook {
        guard case .incremental(let cursor) = plan.mode, cursor.isCounter else {
            let clock = ContinuousClock()
            let asked = clock.now
            let began = Date().microseconds
            var signals = try await session.signals(since: max(readings.since, asked - Self.signalsAge))
            if let seen = signals.observed?.upperBound, seen < began {
                // Another run has meanwhile brought what was written after those signals.
                if signals.now > transactions.latestInstant { return SourceLook(signals: signals) }
                signals = try await session.signals()
            }
            tell(.answered(clock.now - asked))
            return SourceLook(signals: signals)
        }
        var earlier = transactions.previousCounter.map { [$0] } ?? []
        for number in 1... {
            let look = try await look(at: session, cursor, description, transactions, earlier)
            guard let counter = look.counter, number < Self.counterLooks.count,
                isUnbounded(look, counter, cursor, transactions)
            else { return look }
            earlier = look.earlier + [counter]
            try await Task.sleep(for: Self.counterLooks.pause)
        }
        throw CancellationError()
    }

    private func look(
        at session: MaskedSession<Connector.Session>,
        _ cursor: Cursor,
        _ description: TableDescription,
        _ transactions: TaskTransactionState,
        _ earlier: [CounterReading]
    ) async throws -> SourceLook {
        guard let next = try await session.counter(cursor.column, of: task.sourceTable) else {
            throw SourceError(
                .invalid,
                source: task.source,
                table: task.sourceTable,
                column: cursor.column,
                message:
                    "the source does not tell its counters; name a timestamp as the cursor, or null for none"
            )
        }
        let clock = ContinuousClock()
        let asked = clock.now
        var signals = try await session.signals()
        tell(.answered(clock.now - asked))
        if !description.hasSnapshots { signals.limitations.append("the table's engine has no snapshots") }
        // The start of a statement is the clock less its age: where the clock was set forward that is too late.
        if let start = signals.oldestStatement, let reading = transactions.previousReading {
            signals.oldestStatement = start - (reading.setForward(in: signals) ?? 0)
        }
        let known = earlier.upTo(next)
        let counter = CounterReading(next: next, signals: signals, earlier: known, cursor: cursor)
        return SourceLook(signals: signals, counter: counter, earlier: known)
    }

    /// Whether what is under way may hold any number, but will probably have ended soon.
    private func isUnbounded(
        _ look: SourceLook,
        _ counter: CounterReading,
        _ cursor: Cursor,
        _ transactions: TaskTransactionState
    ) -> Bool {
        // A clock that is not real does not move while the task sleeps.
        guard look.signals.limitations.isEmpty, look.signals.observed != nil else { return false }
        let previous = transactions.knownMark
        guard previous == nil || policy.isReset(counter.next, since: previous) else { return false }
        let mark = policy.decide(
            previous: nil,
            signals: look.signals,
            counter: counter,
            earlier: look.earlier,
            inFlight: nil,
            cursor: cursor
        )
        return mark.value < counter.next && mark.value == cursor.leastNumber
    }
}
