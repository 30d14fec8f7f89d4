import IncrementalFilters
import SourceConnectors

/// A mark to commit, and what the source told when it was made.
struct MarkMove: Sendable, Hashable {
    var value: Int64
    /// Nil where the source was not asked, or does not tell; the reading of the mark before then stays.
    var reading: SourceReading?
    /// What was read of the counter that the mark is of; nil for other cursors.
    var counter: CounterReading?

    init(_ value: Int64, reading: SourceReading? = nil, counter: CounterReading? = nil) {
        self.value = value
        self.reading = reading
        self.counter = counter
    }
}

/// The readings of the servers that a run has talked to: tasks that come later know more of young transactions.
actor ReadingBoard {
    /// When the run began: what was read before is that of another one.
    let since = ContinuousClock.now
    private var readings: [String: [SourceReading]] = [:]
    /// Readings closer together than this, in microseconds, say nearly the same.
    private static let distance: Int64 = 500_000
    private static let kept = 16

    /// Keeps a reading, and gives those that were made before it.
    func record(_ signals: MarkSignals) -> [SourceReading] {
        let earlier = readings[signals.server] ?? []
        guard !signals.server.isEmpty, let reading = SourceReading(signals) else { return earlier }
        guard let last = earlier.last, abs(reading.clock - last.clock) < Self.distance else {
            readings[signals.server] = Array((earlier + [reading]).suffix(Self.kept))
            return earlier
        }
        return earlier
    }
}
