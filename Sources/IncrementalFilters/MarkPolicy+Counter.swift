public import SourceConnectors

/// The marks of counters.
///
/// The order in which numbers are given is not the order of commits. The mark is the least of the counter before the signals
/// were read, of what is known of the oldest statement and of the oldest transaction that has written, and of the numbers of
/// rows in flight. Every committed row that the snapshot did not show then has a number at or past the mark:
///
/// - a number that was given after the counter was read is at least the counter. The greatest number that the snapshot
///   shows would not do: a row below it may have got its number before that one, and be written after the snapshot;
/// - a number that was given before and is written by a statement which has ended when the signals are read belongs to a
///   row that is committed, rolled back, or of a transaction that has written. That one took it after it began, or while
///   its first statement waited: the latest reading before it began bounds both. Where it is older than all readings, the mark
///   stays where it is, for by the same argument none of its rows was below the mark before;
/// - a number that was given before and is not written when the signals are read belongs to a statement that runs. It
///   began after the latest reading before its start, and took its numbers after that.
///
/// What is rolled back leaves numbers that no row has. They bound nothing once their transaction is gone.
extension MarkPolicy {
    /// Whether a counter stands before a mark: it was reset, or the table was emptied or made anew.
    public func isReset(_ next: Int64, since previous: Mark?) -> Bool {
        previous.map { next < $0.value } ?? false
    }

    /// The lower bound of the probe for rows in flight: the last mark.
    ///
    /// Without a mark the signals alone tell what is in flight: a row below the counter that is not committed is of a
    /// transaction that has written, or of a statement that runs.
    public func probeBound(previous: Mark?, counter: CounterReading) -> Int64 {
        previous?.value ?? counter.next
    }

    /// The mark of a window of a counter that has been read.
    ///
    /// - Parameters:
    ///   - previous: The mark the window began at, or nil where everything was read.
    ///   - signals: What the source said before the probe, and after the counter was read.
    ///   - counter: What was read of the counter.
    ///   - earlier: Earlier readings of the same counter, in order.
    ///   - inFlight: The least number among the rows in flight, or nil when there were none.
    ///   - cursor: The counter's column.
    ///   - wasReset: Whether the counter stood before the last mark.
    /// - Returns: The mark, what it is worth, and what held it back.
    public func decide(
        previous: Mark?,
        signals: MarkSignals,
        counter: CounterReading,
        earlier: [CounterReading],
        inFlight: Int64?,
        cursor: Cursor,
        wasReset: Bool = false
    ) -> Mark {
        let unknown = min(previous?.value ?? cursor.leastNumber, earlier.last?.floor ?? .max)
        var bound = counter.next
        var holder: String?
        func hold(_ number: Int64, _ name: String) {
            guard number < bound else { return }
            bound = number
            holder = name
        }
        if let statement = signals.oldestStatement {
            hold(earlier.next(before: statement) ?? unknown, signals.heldBy ?? "a running statement")
        }
        if let writer = signals.oldestWriter {
            hold(earlier.floor(before: writer) ?? unknown, signals.heldBy ?? "an open transaction")
        }
        if let limitation = signals.limitations.first {
            hold(earlier.last?.next ?? cursor.leastNumber, limitation)
        }
        if let inFlight { hold(inFlight, "a row in flight") }
        return Mark(
            value: max(bound, previous?.value ?? bound),
            guarantee: guarantee(signals, earlier, cursor, wasReset: wasReset),
            heldBy: holder
        )
    }

    private func guarantee(
        _ signals: MarkSignals,
        _ earlier: [CounterReading],
        _ cursor: Cursor,
        wasReset: Bool
    ) -> MarkGuarantee {
        guard cursor.isIndexed && cursor.isServerSet && cursor.tellsNewRowsOnly && !wasReset else {
            return .digestOnly
        }
        guard !signals.limitations.isEmpty else { return .proven }
        // What began after the last reading is seen; only what is older may hold a number below it.
        let age = earlier.last.map { (signals.now - $0.clock) / 1_000_000 }
        return .bounded(age.map { .seconds(max($0, 0)) } ?? assumedLongestStatement)
    }

    /// What the marks of a counter will be worth on a server with some limitations.
    func counterExpectation(for cursor: Cursor, limitations: [String]) -> MarkExpectation {
        var reasons: [String] = []
        if !cursor.tellsNewRowsOnly {
            reasons.append(
                "\(cursor.column) counts rows as they are inserted: rows that are changed or deleted later are not seen; "
                    + "with \"write\": \"append\" only new rows count, and verify finds what was changed"
            )
        }
        if !cursor.isServerSet {
            reasons.append(
                "the server does not count \(cursor.column) itself: a program may write a number after greater ones; "
                    + "declare it AUTO_INCREMENT"
            )
        }
        if !cursor.isIndexed {
            reasons.append(
                "no index starts with \(cursor.column); rows in flight cannot be looked for, and each run scans the table"
            )
        }
        guard reasons.isEmpty else { return MarkExpectation(guarantee: .digestOnly, reasons: reasons) }
        guard limitations.isEmpty else {
            return MarkExpectation(
                guarantee: .bounded(assumedLongestStatement),
                reasons: limitations + [
                    "no row is lost as long as no statement or transaction takes longer than the time between two runs"
                ]
            )
        }
        return MarkExpectation(
            guarantee: .proven,
            reasons: [
                "the server counts \(cursor.column), an index starts with it, and all signals can be read; only new rows count"
            ]
        )
    }
}
