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
            cursor: Self.cursor()
        )
        #expect(mark.value == held - 1000)
        #expect(mark.heldBy == (signal == 2 ? "a row in flight" : "thread 7"))
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
