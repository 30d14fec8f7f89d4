public import SourceConnectors

/// What one look at a source's clock and statements tells of everything that begins later.
///
/// A statement carries the time of its start, be it held up by a lock on the table for minutes before it writes a row,
/// or before its transaction begins. Looked at by itself a transaction that is open therefore tells nothing of the
/// times of its rows. But one that began after a reading holds no row with a time before `quiet`: each of its
/// statements either ran when the reading was made, or began after it.
public struct SourceReading: Sendable, Hashable {
    /// The source's clock at the reading, in microseconds since 1970-01-01T00:00:00Z.
    public var clock: Int64
    /// The start of the oldest statement that ran at the reading, or the clock when none ran.
    public var quiet: Int64
    /// This program's own clock just before the reading, or nil where it is not known.
    public var seen: Int64?

    /// Makes a reading of instants in microseconds since 1970-01-01T00:00:00Z.
    public init(clock: Int64, quiet: Int64, seen: Int64? = nil) {
        self.clock = clock
        self.quiet = min(clock, quiet)
        self.seen = seen
    }

    /// By how many microseconds the source's clock was set back since the reading, at the most; nil where it cannot be told.
    ///
    /// It is what the source's clock advanced less than this program's own. A clock that runs slow and one that was
    /// set back are the same here, and so is one of another machine that is ahead of the last one's: for all of them
    /// no row that was written since carries a time before `clock` less this.
    public func setBack(in signals: MarkSignals) -> Int64? {
        guard let seen, let observed = signals.observed else { return nil }
        return max(0, (observed.upperBound - seen) - (signals.now - clock))
    }

    /// By how many microseconds the source's clock was set forward since the reading, at the most; nil where it cannot
    /// be told.
    public func setForward(in signals: MarkSignals) -> Int64? {
        guard let seen, let observed = signals.observed else { return nil }
        return max(0, (signals.now - clock) - (observed.lowerBound - seen))
    }

    /// How far the source's clock has come since the reading when it runs as this program's does.
    ///
    /// Where it was set forward meanwhile, that is before where it stands.
    public func reached(by signals: MarkSignals) -> Int64 {
        guard let seen, let observed = signals.observed else { return signals.now }
        return min(signals.now, clock + (observed.upperBound - seen))
    }

    /// The reading that some signals are; nil when they do not tell which statements run.
    public init?(_ signals: MarkSignals) {
        guard signals.limitations.isEmpty else { return nil }
        self.init(
            clock: signals.now,
            quiet: signals.oldestStatement ?? signals.now,
            seen: signals.observed?.lowerBound
        )
    }
}
