public import SourceConnectors

/// What one look at a counter tells of the numbers that are still to be written.
///
/// A statement takes its numbers from the counter when it begins to write, or earlier: one that inserts many rows reserves
/// ahead. So numbers are not written in their order, and a transaction that is open may hold any that was given since its
/// first statement began. What began after a reading took its numbers after it as well.
public struct CounterReading: Sendable, Hashable, Codable {
    /// The source's clock just after the counter was read, in microseconds since 1970-01-01T00:00:00Z.
    public var clock: Int64
    /// The counter: no statement that began after `clock` writes a lower number.
    public var next: Int64
    /// No statement that ran at the reading, or began later, writes a lower number after it.
    public var floor: Int64

    /// Makes a reading.
    public init(clock: Int64, next: Int64, floor: Int64) {
        self.clock = clock
        self.next = next
        self.floor = min(floor, next)
    }

    /// Makes the reading of a look at the source.
    ///
    /// - Parameters:
    ///   - next: The counter, read before the signals.
    ///   - signals: What the source said after that.
    ///   - earlier: Readings of the same counter that were made before, in order.
    ///   - cursor: The counter's column.
    public init(next: Int64, signals: MarkSignals, earlier: [CounterReading], cursor: Cursor) {
        var floor = next
        if !signals.limitations.isEmpty {
            floor = earlier.last?.next ?? cursor.leastNumber
        } else if let start = signals.oldestStatement {
            // One that ran at all of them is bounded by what the last one says of those that ran.
            floor = earlier.next(before: start) ?? earlier.last?.floor ?? cursor.leastNumber
        }
        self.init(clock: signals.now, next: next, floor: floor)
    }
}

extension [CounterReading] {
    /// The counter at the latest reading before something began; nil when it is older than all of them.
    func next(before start: Int64) -> Int64? { filter { $0.clock < start }.map(\.next).max() }

    /// The least number that a transaction may hold which began at some time; nil when it is older than all readings.
    ///
    /// Its first statement may have waited for a lock before the transaction began, and so have run at the reading.
    func floor(before start: Int64) -> Int64? { filter { $0.clock < start }.map(\.floor).max() }

    /// The readings that belong to a counter which stands at `next`: it was not reset since then.
    public func upTo(_ next: Int64) -> [CounterReading] { filter { $0.next <= next } }
}

extension Cursor {
    /// The least number that the counter gives; a mark that is here reads everything again.
    ///
    /// A server counts from 1. Zero is no mark.
    public var leastNumber: Int64 { isServerSet ? 1 : .min + 1 }
}
