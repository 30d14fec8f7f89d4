/// Pauses between attempts: twice as long each time, up to a limit, with jitter.
struct Backoff {
    private(set) var attempts = 1
    private let limits: Limits

    init(limits: Limits) {
        self.limits = limits
    }

    /// The pause before the next attempt, or nil when there is none.
    mutating func next() -> Duration? {
        guard attempts < limits.attempts else { return nil }
        attempts += 1
        let ceiling = min(0.2 * Double(1 << min(attempts, 12)), 15)
        return .seconds(Double.random(in: ceiling / 2...ceiling))
    }
}

extension Duration {
    /// The duration in seconds.
    var seconds: Double {
        Double(components.seconds) + Double(components.attoseconds) / 1e18
    }
}
