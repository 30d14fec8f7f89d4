import ColumnBatches
import IncrementalFilters
import SourceConnectors
import Testing

/// Marks of counters, and what a reading of a counter says of the numbers that are still to come.
@Suite("MarkPolicy, counters") struct CounterMarkTests {
    private static let second: Int64 = 1_000_000
    private let policy = MarkPolicy()

    private func cursor(
        _ type: ColumnType = .int64,
        isIndexed: Bool = true,
        isServerSet: Bool = true,
        tellsNewRowsOnly: Bool = true
    ) -> Cursor {
        let candidate = CursorCandidate(
            column: "id",
            type: type,
            fractionalDigits: 0,
            isIndexed: isIndexed,
            isServerSet: isServerSet
        )
        return Cursor(candidate, tellsNewRowsOnly: tellsNewRowsOnly)
    }

    /// At second 100 the counter stood at 50, and no statement of then wrote less than 40.
    private let earlier = [CounterReading(clock: 100 * Self.second, next: 50, floor: 40)]

    private func mark(
        _ signals: MarkSignals,
        previous: Int64? = 30,
        next: Int64 = 90,
        earlier: [CounterReading]? = nil,
        inFlight: Int64? = nil,
        cursor: Cursor? = nil
    ) -> Mark {
        let cursor = cursor ?? self.cursor()
        let earlier = earlier ?? self.earlier
        return policy.decide(
            previous: previous.map { Mark(value: $0, guarantee: .proven) },
            signals: signals,
            counter: CounterReading(next: next, signals: signals, earlier: earlier, cursor: cursor),
            earlier: earlier,
            inFlight: inFlight,
            cursor: cursor
        )
    }

    @Test("with nothing under way the mark is the counter, numbers that no row has included")
    func quiet() {
        let mark = mark(MarkSignals(now: 200 * Self.second))
        #expect(mark == Mark(value: 90, guarantee: .proven))
    }

    @Test("the least number in flight bounds the mark")
    func inFlight() {
        let mark = mark(MarkSignals(now: 200 * Self.second), inFlight: 70)
        #expect(mark.value == 70 && mark.heldBy == "a row in flight")
    }

    @Test("a statement that began after a reading holds no number below that counter")
    func youngStatement() {
        let signals = MarkSignals(now: 200 * Self.second, oldestStatement: 150 * Self.second)
        #expect(mark(signals).value == 50)
    }

    @Test("a statement that is older than the readings leaves the mark where it is")
    func oldStatement() {
        let signals = MarkSignals(now: 200 * Self.second, oldestStatement: 99 * Self.second)
        #expect(mark(signals).value == 30)
        // One that began at the very instant of the reading may have done so before it.
        let same = MarkSignals(now: 200 * Self.second, oldestStatement: 100 * Self.second)
        #expect(mark(same).value == 30)
    }

    @Test("a transaction may hold the numbers of a statement that waited before it began")
    func transaction() {
        let young = MarkSignals(now: 200 * Self.second, oldestWriter: 150 * Self.second)
        #expect(mark(young).value == 40)
        let old = MarkSignals(now: 200 * Self.second, oldestWriter: 90 * Self.second)
        #expect(mark(old).value == 30)
    }

    @Test("without any reading what is under way may hold every number")
    func unknown() {
        let signals = MarkSignals(now: 200 * Self.second, oldestStatement: 199 * Self.second)
        #expect(mark(signals, previous: nil, earlier: []).value == 1)
        let application = cursor(isServerSet: false)
        #expect(mark(signals, previous: nil, earlier: [], cursor: application).value == .min + 1)
    }

    @Test("a reading tells of the statements that ran then")
    func floors() {
        let cursor = cursor()
        func reading(_ statement: Int64?, limitations: [String] = []) -> CounterReading {
            let signals = MarkSignals(
                now: 200 * Self.second,
                oldestStatement: statement.map { $0 * Self.second },
                limitations: limitations
            )
            return CounterReading(next: 90, signals: signals, earlier: earlier, cursor: cursor)
        }
        #expect(reading(nil).floor == 90)
        #expect(reading(150).floor == 50)
        #expect(reading(80).floor == 40)
        #expect(reading(nil, limitations: ["no PROCESS"]).floor == 50)
    }

    @Test("a mark never goes back while the counter does not")
    func monotonous() {
        let signals = MarkSignals(now: 200 * Self.second, oldestStatement: 1)
        #expect(mark(signals, previous: 85).value == 85)
        #expect(policy.isReset(84, since: Mark(value: 85, guarantee: .proven)))
        #expect(!policy.isReset(85, since: Mark(value: 85, guarantee: .proven)))
        #expect(earlier.upTo(49).isEmpty && earlier.upTo(50) == earlier)
    }

    @Test("limited signals prove nothing: what is older than the last reading may hold a number below it")
    func limited() {
        let signals = MarkSignals(now: 200 * Self.second, limitations: ["no PROCESS"])
        #expect(mark(signals) == Mark(value: 50, guarantee: .bounded(.seconds(100)), heldBy: "no PROCESS"))
        let first = mark(signals, previous: nil, earlier: [])
        #expect(first.value == 1 && first.guarantee == .bounded(.seconds(3600)))
    }

    @Test(
        "what is expected is what a mark that follows another is worth",
        arguments: [
            (true, true, true, [], MarkGuarantee.proven), (false, true, true, [], .digestOnly),
            (true, false, true, [], .digestOnly), (true, true, false, [], .digestOnly),
            (true, true, false, ["a replica"], .digestOnly),
        ] as [(Bool, Bool, Bool, [String], MarkGuarantee)]
    )
    func expectation(
        indexed: Bool,
        serverSet: Bool,
        newRowsOnly: Bool,
        limitations: [String],
        guarantee: MarkGuarantee
    ) {
        let cursor = cursor(isIndexed: indexed, isServerSet: serverSet, tellsNewRowsOnly: newRowsOnly)
        let expected = policy.expectation(for: cursor, limitations: limitations)
        #expect(expected.guarantee == guarantee && !expected.reasons.isEmpty)
        let signals = MarkSignals(now: 200 * Self.second, limitations: limitations)
        #expect(mark(signals, cursor: cursor).guarantee == guarantee)
    }

    @Test(
        "the probe takes numbers of every width",
        arguments: [ColumnType.int16, .int32, .int64, .decimal(precision: 20, scale: 0)]
    )
    func widths(type: ColumnType) {
        func batch(_ numbers: [Int64]) -> ColumnBatch {
            var keys = ColumnBuilder(.string)
            var cursors = ColumnBuilder(type)
            for number in numbers {
                keys.append(.string("k\(number)"))
                if case .decimal = type {
                    cursors.append(.decimal(Int128(number), scale: 0))
                } else {
                    cursors.append(.integer(number))
                }
            }
            return ColumnBatch(
                schema: BatchSchema([Field("k", .string), Field("id", type)]),
                columns: [keys.finish(), cursors.finish()],
                rowCount: numbers.count
            )
        }
        var probe = InFlightProbe(keys: ["k"], cursor: "id")
        probe.expect(batch([7, 8, 9]))
        probe.observe(batch([7, 9]))
        #expect(probe.oldest == 8)
    }
}
