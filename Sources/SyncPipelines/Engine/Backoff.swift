/// Pauses between attempts: twice as long each time, up to a limit, with jitter.
struct Backoff {
    private(set) var attempts = 1
    private let limits: Limits

    init(limits: Limits) {
        self.limits = limits
    }

    /// The pause before the next attempt, or nil when there is none, or it would come too late.
    mutating func next(after elapsed: Duration = .zero) -> Duration? {
        guard attempts < limits.attempts else { return nil }
        let ceiling = min(0.2 * Double(1 << min(attempts + 1, 12)), 15)
        let pause = Duration.seconds(Double.random(in: ceiling / 2...ceiling))
        guard elapsed + pause < limits.retryTime else { return nil }
        attempts += 1
        return pause
    }
}

extension Duration {
    /// The duration in seconds.
    var seconds: Double {
        Double(components.seconds) + Double(components.attoseconds) / 1e18
    }
}
