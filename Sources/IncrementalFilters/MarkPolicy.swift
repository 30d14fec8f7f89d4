internal import ColumnBatches
public import SourceConnectors

/// How far marks stay behind what the signals allow.
///
/// `decide` is the last step of the four-signal mark: the mark is the earliest of the source's clock, the start
/// of its oldest running statement, the start of its oldest transaction that has written, and the oldest cursor
/// of a row in flight, less a tolerance, floored to the precision of the column. Every committed row that the
/// snapshot did not show then has a cursor at or past the mark:
///
/// - a row that was written and not committed when the probe passed is in flight, and bounds the mark;
/// - a row hidden from the probe by a later version that is rolled back belongs to a transaction that had written,
///   or to a statement that ran, when the signals were read;
/// - a row written after the probe belongs to a statement that ran when the signals were read, or to one that
///   began later and so carries a later time.
public struct MarkPolicy: Sendable, Hashable {
    /// How far the source's clock may step back unnoticed.
    public var clockTolerance: Duration
    /// How long a statement or a transaction may take, where the source does not tell.
    public var assumedLongestStatement: Duration
    /// How far back the probe of a first load looks for rows in flight.
    public var firstProbeReach: Duration
    /// How far a wall clock without zone may be behind UTC; 12 hours covers every zone.
    public var wallClockReach: Duration

    /// Makes the policy that suits nearly every source.
    public init() {
        clockTolerance = .milliseconds(1)
        assumedLongestStatement = .seconds(3600)
        firstProbeReach = .seconds(3600)
        wallClockReach = .seconds(12 * 3600)
    }

    /// The lower bound of the probe for rows in flight, in the cursor's scale.
    public func probeBound(previous: Mark?, signals: MarkSignals, cursor: Cursor) -> Int64 {
        if let previous { return min(previous.value, latest(signals, cursor)) }
        return latest(signals, cursor) - firstProbeReach.microseconds
    }

    /// The lower bound of the window to read, or nil to read everything.
    ///
    /// A clock that stands before the previous mark has stepped back: the window then begins where it stands.
    public func readBound(previous: Mark?, signals: MarkSignals, cursor: Cursor) -> Int64? {
        previous.map { min($0.value, cursor.floor(latest(signals, cursor) - clockTolerance.microseconds)) }
    }

    /// Whether the source's clock stands before a mark: it was set back since then.
    ///
    /// Rows that were written between the step and now carry times below the mark and below the clock, so that no
    /// window finds them: everything is to be read again. A step that the clock has made up for by now does not show.
    public func isSetBack(_ signals: MarkSignals, since previous: Mark?, cursor: Cursor) -> Bool {
        previous.map { latest(signals, cursor) < $0.value } ?? false
    }

    /// The mark of a window that has been read.
    ///
    /// - Parameters:
    ///   - previous: The mark the window began at, or nil for a first load.
    ///   - signals: What the source said before the probe.
    ///   - inFlight: The oldest cursor among the rows in flight, or nil when there were none.
    ///   - cursor: The cursor column.
    /// - Returns: The mark, what it is worth, and what held it back.
    public func decide(previous: Mark?, signals: MarkSignals, inFlight: Int64?, cursor: Cursor) -> Mark {
        var bound = signals.now
        var holder: String?
        if let statement = signals.oldestStatement, statement < bound {
            bound = statement
            holder = signals.heldBy ?? "a running statement"
        }
        if let writer = signals.oldestWriter, writer < bound {
            bound = writer
            holder = signals.heldBy ?? "an open transaction"
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
        if let previous, !steppedBack { value = max(value, previous.value) }
        return Mark(
            value: value,
            guarantee: guarantee(
                isFirst: previous == nil,
                steppedBack: steppedBack,
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
