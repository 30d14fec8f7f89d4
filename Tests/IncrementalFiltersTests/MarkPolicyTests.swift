import ColumnBatches
import IncrementalFilters
import SourceConnectors
import Testing

@Suite("MarkPolicy") struct MarkPolicyTests {
    static let second: Int64 = 1_000_000
    static let now: Int64 = 1_700_000_000 * second

    static func cursor(
        _ type: ColumnType = .timestamp,
        digits: Int = 6,
        isIndexed: Bool = true,
        isServerSet: Bool = true
    ) -> Cursor {
        Cursor(
            CursorCandidate(
                column: "u",
                type: type,
                fractionalDigits: digits,
                isIndexed: isIndexed,
                isServerSet: isServerSet
            )
        )
    }

    let policy = MarkPolicy()
    let previous = Mark(value: now - 100 * second, guarantee: .proven)

    @Test("a quiet source proves a mark just below its clock")
    func quiet() {
        let mark = policy.decide(
            previous: previous,
            signals: MarkSignals(now: Self.now),
            inFlight: nil,
            cursor: Self.cursor()
        )
        #expect(mark == Mark(value: Self.now - 1000, guarantee: .proven))
    }

    @Test("each signal holds the mark back", arguments: 0..<3)
    func held(signal: Int) {
        let held = Self.now - 10 * Self.second
        let signals = MarkSignals(
            now: Self.now,
            oldestStatement: signal == 0 ? held : nil,
            oldestWriter: signal == 1 ? held : nil,
            heldBy: signal == 2 ? nil : "thread 7"
        )
        let mark = policy.decide(
            previous: previous,
            signals: signals,
            inFlight: signal == 2 ? held : nil,
            cursor: Self.cursor(),
            readings: [SourceReading(clock: held, quiet: held)]
        )
        #expect(mark.value == held - 1000)
        #expect(mark.heldBy == (signal == 2 ? "a row in flight" : "thread 7"))
    }

    @Test("a writer's rows are bounded by the last reading before it began, not by its own start")
    func readings() {
        let writer = Self.now - 10 * Self.second
        let waited = writer - 3 * Self.second
        let signals = MarkSignals(now: Self.now, oldestWriter: writer)
        func mark(_ readings: [SourceReading]) -> Int64 {
            policy.decide(
                previous: previous,
                signals: signals,
                inFlight: nil,
                cursor: Self.cursor(),
                readings: readings
            ).value
        }
        // A statement that waits for a lock on the table is older than the transaction that it begins.
        let reading = SourceReading(clock: writer - Self.second, quiet: waited)
        let older = SourceReading(clock: waited, quiet: waited - 5 * Self.second)
        let tooLate = SourceReading(clock: writer + 1, quiet: writer + 1)
        #expect(mark([older, reading, tooLate]) == waited - 1000)
        #expect(mark([tooLate, older]) == waited - 5 * Self.second - 1000)
        // Older than every reading: the mark stays.
        #expect(mark([tooLate]) == previous.value)
        #expect(mark([]) == previous.value)
    }

    @Test("a reading that cannot see every statement is none")
    func blindReading() {
        #expect(SourceReading(MarkSignals(now: 5, limitations: ["no PROCESS privilege"])) == nil)
        #expect(
            SourceReading(MarkSignals(now: 5, oldestStatement: 3)) == SourceReading(clock: 5, quiet: 3)
        )
    }

    @Test("a clock that fell behind this program's since the last reading widens window and probe by as much")
    func setBackByOwnClock() {
        let reading = SourceReading(clock: Self.now, quiet: Self.now, seen: 5_000_000)
        // Twenty seconds by our clock, eight by the source's.
        let signals = MarkSignals(now: Self.now + 8 * Self.second, observed: 24_900_000...25_000_000)
        let setBack = policy.setBack(in: signals, since: reading)
        #expect(setBack == 12 * Self.second)
        let window = policy.readBound(
            previous: previous,
            signals: signals,
            cursor: Self.cursor(),
            setBack: 12 * Self.second
        )
        #expect(window == previous.value - 12 * Self.second)
        let probe = policy.probeBound(
            previous: previous,
            signals: signals,
            cursor: Self.cursor(),
            setBack: 12 * Self.second
        )
        #expect(probe == previous.value - 12 * Self.second)
        func mark(_ setBack: Int64) -> Mark {
            let flight = previous.value - 5 * Self.second
            return policy.decide(
                previous: previous,
                signals: signals,
                inFlight: flight,
                cursor: Self.cursor(),
                setBack: setBack
            )
        }
        #expect(mark(12 * Self.second).value == previous.value - 5 * Self.second - 1000)
        #expect(mark(12 * Self.second).guarantee == .digestOnly)
        #expect(mark(0) == Mark(value: previous.value, guarantee: .proven, heldBy: "a row in flight"))
        // A clock that runs ahead, and one whose lag the tolerance covers, change nothing.
        let ahead = MarkSignals(now: Self.now + 30 * Self.second, observed: 24_900_000...25_000_000)
        #expect(policy.setBack(in: ahead, since: reading) == 0)
        let near = MarkSignals(now: Self.now + 20 * Self.second - 900, observed: 24_900_000...25_000_000)
        #expect(policy.setBack(in: near, since: reading) == 0)
        #expect(policy.setBack(in: MarkSignals(now: Self.now), since: reading) == nil)
    }

    @Test("statements are older than they seem where the clock was set forward")
    func setForward() {
        let reading = SourceReading(clock: Self.now, quiet: Self.now, seen: 5_000_000)
        func start(after seconds: Int64, own: ClosedRange<Int64>?) -> Int64? {
            let now = Self.now + seconds * Self.second
            let signals = MarkSignals(now: now, oldestStatement: now - 3 * Self.second, observed: own)
            return policy.corrected(signals, since: reading).oldestStatement.map { $0 - now }
        }
        #expect(start(after: 30, own: 15_000_000...15_000_100) == -23 * Self.second)
        #expect(start(after: 10, own: 15_000_000...15_000_100) == -3 * Self.second)
        #expect(start(after: 30, own: nil) == -3 * Self.second)
        #expect(policy.corrected(MarkSignals(now: Self.now), since: reading).oldestStatement == nil)
    }

    @Test("a clock before the last reading was set back, though it is past the mark")
    func setBackPastTheMark() {
        let reading = SourceReading(clock: Self.now, quiet: Self.now)
        func isSetBack(by microseconds: Int64) -> Bool {
            policy.isSetBack(
                MarkSignals(now: Self.now - microseconds),
                since: previous,
                reading: reading,
                cursor: Self.cursor()
            )
        }
        #expect(isSetBack(by: Self.second))
        #expect(!isSetBack(by: 1000))
    }

    @Test("a mark never goes back while the clock goes on")
    func monotone() {
        let signals = MarkSignals(now: Self.now, oldestWriter: Self.now - 1000 * Self.second)
        let mark = policy.decide(previous: previous, signals: signals, inFlight: nil, cursor: Self.cursor())
        #expect(mark.value == previous.value)
    }

    @Test("a clock that was set back takes the mark with it, and proves nothing")
    func clockStep() {
        let signals = MarkSignals(now: previous.value - 60 * Self.second)
        let mark = policy.decide(previous: previous, signals: signals, inFlight: nil, cursor: Self.cursor())
        #expect(mark.value == signals.now - 1000)
        #expect(mark.guarantee == .digestOnly)
        #expect(
            policy.readBound(previous: previous, signals: signals, cursor: Self.cursor()) == signals.now
                - 1000
        )
    }

    @Test(
        "the mark is floored to the precision of the column",
        arguments: [(0, 1_000_000), (3, 1000), (6, 1)]
    )
    func precision(digits: Int, step: Int64) {
        let mark = policy.decide(
            previous: nil,
            signals: MarkSignals(now: Self.now + 123_456),
            inFlight: nil,
            cursor: Self.cursor(digits: digits)
        )
        #expect(mark.value % step == 0)
        #expect(mark.value <= Self.now + 123_456 - 1000)
        #expect(mark.value > Self.now + 123_456 - 1000 - step)
    }

    @Test("instants before 1970 are floored, not cut")
    func negative() {
        let mark = policy.decide(
            previous: nil,
            signals: MarkSignals(now: -500_000),
            inFlight: nil,
            cursor: Self.cursor(digits: 0)
        )
        #expect(mark.value == -1_000_000)
    }

    @Test("without the privilege to see statements the mark stays behind and says so")
    func limited() {
        let mark = policy.decide(
            previous: nil,
            signals: MarkSignals(now: Self.now, limitations: ["no PROCESS privilege"]),
            inFlight: nil,
            cursor: Self.cursor()
        )
        #expect(mark.value == Self.now - 3600 * Self.second - 1000)
        #expect(mark.guarantee == .bounded(.seconds(3600)))
    }

    @Test("a wall clock is read from twelve hours back")
    func wallClock() {
        let mark = policy.decide(
            previous: nil,
            signals: MarkSignals(now: Self.now),
            inFlight: nil,
            cursor: Self.cursor(.timestampNTZ)
        )
        #expect(mark.value == Self.now - 12 * 3600 * Self.second - 1000)
        #expect(mark.guarantee == .bounded(.seconds(12 * 3600)))
    }

    @Test("what the server does not set or index is only worth a comparison")
    func digestOnly() {
        for cursor in [Self.cursor(isIndexed: false), Self.cursor(isServerSet: false)] {
            let mark = policy.decide(
                previous: previous,
                signals: MarkSignals(now: Self.now),
                inFlight: nil,
                cursor: cursor
            )
            #expect(mark.guarantee == .digestOnly)
        }
    }
}
