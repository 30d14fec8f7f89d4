internal import ColumnBatches
public import SourceConnectors

/// How far marks stay behind what the signals allow.
///
/// `decide` is the last step of the four-signal mark: the mark is the earliest of the source's clock, the start
/// of its oldest running statement, what is known of its oldest transaction that has written, and the oldest cursor
/// of a row in flight, less a tolerance, floored to the precision of the column. Every committed row that the
/// snapshot did not show then has a cursor at or past the mark:
///
/// - a row that was written and not committed when the probe passed is in flight, and bounds the mark;
/// - a row hidden from the probe by a later version that is rolled back belongs to a transaction that had written,
///   or to a statement that ran, when the signals were read. Such a transaction may be younger than its rows, whose
///   statement waited for a lock on the table. Its rows are bounded by the latest reading of the source that was made
///   before it began; where it is older than all readings, the mark stays where it is, for by the same argument
///   none of its rows was below the mark before;
/// - a row written after the probe belongs to a statement that ran when the signals were read, or to one that
///   began later and so carries a later time.
public struct MarkPolicy: Sendable, Hashable {
    /// How far the source's clock may step back unnoticed.
    public var clockTolerance: Duration
    /// How far the source's clock may fall behind this program's between two runs before it counts as set back.
    public var driftTolerance: Duration
    /// How long a statement or a transaction may take, where the source does not tell.
    public var assumedLongestStatement: Duration
    /// How far back the probe of a first load looks for rows in flight.
    public var firstProbeReach: Duration
    /// How far a wall clock without zone may be behind UTC; 12 hours covers every zone.
    public var wallClockReach: Duration

    /// Makes the policy that suits nearly every source.
    public init() {
        clockTolerance = .milliseconds(1)
        driftTolerance = .seconds(1)
        assumedLongestStatement = .seconds(3600)
        firstProbeReach = .seconds(3600)
        wallClockReach = .seconds(12 * 3600)
    }

    /// The lower bound of the probe for rows in flight, in the cursor's scale.
    ///
    /// - Parameters:
    ///   - previous: The last mark.
    ///   - signals: What the source says now.
    ///   - cursor: The cursor column.
    ///   - setBack: By how many microseconds the clock was set back since that mark, at the most.
    /// - Returns: The bound.
    public func probeBound(previous: Mark?, signals: MarkSignals, cursor: Cursor, setBack: Int64 = 0) -> Int64
    {
        if let previous { return min(previous.value, latest(signals, cursor)) - setBack }
        return latest(signals, cursor) - firstProbeReach.microseconds
    }

    /// The lower bound of the window to read, or nil to read everything.
    ///
    /// Where the source's clock was set back, rows that were written since may lie below the mark: the window begins
    /// earlier by as much.
    ///
    /// - Parameters:
    ///   - previous: The last mark.
    ///   - signals: What the source says now.
    ///   - cursor: The cursor column.
    ///   - setBack: By how many microseconds the clock was set back since that mark, at the most.
    /// - Returns: The bound, in the cursor's scale and on its step.
    public func readBound(previous: Mark?, signals: MarkSignals, cursor: Cursor, setBack: Int64 = 0) -> Int64?
    {
        previous.map { mark in
            let bound = min(mark.value, latest(signals, cursor) - clockTolerance.microseconds)
            return cursor.floor(setBack > 0 ? bound - setBack : bound)
        }
    }

    /// By how many microseconds the source's clock was set back since a reading, at the most; what the tolerance covers
    /// is none.
    ///
    /// - Parameters:
    ///   - signals: What the source says now.
    ///   - reading: What it said when the last mark was made.
    /// - Returns: The time, or nil where it cannot be told.
    public func setBack(in signals: MarkSignals, since reading: SourceReading?) -> Int64? {
        reading?.setBack(in: signals).map { $0 > clockTolerance.microseconds ? $0 : 0 }
    }

    /// Signals whose oldest statement is as old as it may be, where the clock was set forward since a reading.
    ///
    /// The start of a statement is the clock less its age: of one that began before the step that is too late.
    ///
    /// - Parameters:
    ///   - signals: What the source says now.
    ///   - reading: What it said when the last mark was made.
    /// - Returns: The signals.
    public func corrected(_ signals: MarkSignals, since reading: SourceReading?) -> MarkSignals {
        guard let start = signals.oldestStatement, let step = reading?.setForward(in: signals), isStep(step)
        else { return signals }
        var signals = signals
        signals.oldestStatement = start - step
        return signals
    }

    /// Whether a clock that is behind by some microseconds was set back, rather than slow.
    public func isStep(_ setBack: Int64) -> Bool { setBack > driftTolerance.microseconds }

    /// Whether the source's clock stands before a mark: it was set back since then.
    ///
    /// Rows that were written between the step and now may carry times below the mark. By how much is told by
    /// `SourceReading.setBack`; where that is not known, everything is to be read again.
    ///
    /// - Parameters:
    ///   - signals: What the source says now.
    ///   - previous: The last mark.
    ///   - reading: What the source said when that mark was made, where it is known.
    ///   - cursor: The cursor column.
    /// - Returns: Whether the window from the mark on is not enough.
    public func isSetBack(
        _ signals: MarkSignals,
        since previous: Mark?,
        reading: SourceReading? = nil,
        cursor: Cursor
    ) -> Bool {
        if let reading, signals.now < reading.clock - clockTolerance.microseconds { return true }
        return previous.map { latest(signals, cursor) < $0.value } ?? false
    }

    /// The mark of a window that has been read.
    ///
    /// - Parameters:
    ///   - previous: The mark the window began at, or nil for a first load.
    ///   - signals: What the source said before the probe.
    ///   - inFlight: The oldest cursor among the rows in flight, or nil when there were none.
    ///   - cursor: The cursor column.
    ///   - readings: Earlier readings of the same source.
    ///   - setBack: By how many microseconds the source's clock was set back since the previous mark, at the most.
    /// - Returns: The mark, what it is worth, and what held it back.
    public func decide(
        previous: Mark?,
        signals: MarkSignals,
        inFlight: Int64?,
        cursor: Cursor,
        readings: [SourceReading] = [],
        setBack: Int64 = 0
    ) -> Mark {
        var bound = signals.now
        var holder: String?
        if let statement = signals.oldestStatement, statement < bound {
            bound = statement
            holder = signals.heldBy ?? "a running statement"
        }
        if let writer = signals.oldestWriter {
            let known = readings.filter { $0.clock <= writer }.map(\.quiet).max()
            let earliest = known ?? previous.map { $0.value + shift(of: cursor) } ?? writer
            if min(earliest, writer) < bound {
                bound = min(earliest, writer)
                holder = signals.heldBy ?? "an open transaction"
            }
        }
        if !signals.limitations.isEmpty {
            bound = min(bound, signals.now - assumedLongestStatement.microseconds)
        }
        bound -= shift(of: cursor)
        if let inFlight, inFlight < bound {
            bound = inFlight
            holder = "a row in flight"
        }
        var value = cursor.floor(bound - clockTolerance.microseconds)
        let steppedBack = isSetBack(signals, since: previous, cursor: cursor)
        if let previous, !steppedBack {
            value = max(value, isStep(setBack) ? cursor.floor(previous.value - setBack) : previous.value)
            // A small lag may be that of the network: only a row that is there takes the mark back.
            if setBack > 0, let inFlight {
                value = min(value, cursor.floor(inFlight - clockTolerance.microseconds))
            }
        }
        return Mark(
            value: value,
            guarantee: guarantee(
                isFirst: previous == nil,
                steppedBack: steppedBack || isStep(setBack),
                signals: signals,
                cursor: cursor
            ),
            heldBy: holder
        )
    }

    private func guarantee(
        isFirst: Bool,
        steppedBack: Bool,
        signals: MarkSignals,
        cursor: Cursor
    ) -> MarkGuarantee {
        if steppedBack || !cursor.isIndexed || !cursor.isServerSet { return .digestOnly }
        if !signals.limitations.isEmpty { return .bounded(assumedLongestStatement) }
        if cursor.type == .timestampNTZ { return .bounded(wallClockReach) }
        return isFirst ? .bounded(firstProbeReach) : .proven
    }

    /// The source's clock on the cursor's scale.
    private func latest(_ signals: MarkSignals, _ cursor: Cursor) -> Int64 {
        signals.now - shift(of: cursor)
    }

    private func shift(of cursor: Cursor) -> Int64 {
        cursor.type == .timestampNTZ ? wallClockReach.microseconds : 0
    }
}

extension Duration {
    /// Whole microseconds, rounded towards zero.
    var microseconds: Int64 {
        components.seconds * 1_000_000 + components.attoseconds / 1_000_000_000_000
    }
}
