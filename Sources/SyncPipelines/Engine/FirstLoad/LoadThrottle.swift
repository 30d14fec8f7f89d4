import SourceConnectors

/// How many readers of a load may take further chunks: fewer when the server's answers become slow, none while a replica
/// lags, more again later.
///
/// A replica that does not recover by itself is still read, by one reader for a moment now and then: a load never hangs.
struct LoadThrottle: Sendable {
    private var answers: HostThrottle
    private let lagLimit: Duration
    /// Since when nobody may read.
    private var pausedSince: Duration?

    /// How long a lag may keep all readers waiting.
    static let longestPause = Duration.seconds(30)

    init(readers: Int, lagLimit: Duration) {
        answers = HostThrottle(budget: readers)
        self.lagLimit = lagLimit
    }

    /// Takes what a look at the server told; `now` is the time since the load began.
    ///
    /// - Returns: The readers that may take a chunk.
    mutating func record(_ pressure: SourcePressure, at now: Duration) -> Int {
        guard let lag = pressure.lag, lag > lagLimit else {
            pausedSince = nil
            answers.record(answer: pressure.answer, at: now)
            return answers.limit
        }
        answers.recordFailure(at: now)
        guard let since = pausedSince, now - since >= Self.longestPause else {
            pausedSince = pausedSince ?? now
            return 0
        }
        pausedSince = nil
        return 1
    }
}
