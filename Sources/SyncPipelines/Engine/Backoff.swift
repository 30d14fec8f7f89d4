/// Pauses between attempts: twice as long each time, up to a limit, with jitter.
///
/// Only attempts that brought nothing count against the limits: a long load on a bad network goes on as long as it advances.
struct Backoff {
    private(set) var attempts = 1
    /// The attempts since the task last advanced.
    private var fruitless = 1
    /// When that was, after the task's beginning.
    private var advanced = Duration.zero
    private let limits: Limits

    init(limits: Limits) {
        self.limits = limits
    }

    /// The pause before the next attempt.
    ///
    /// - Parameters:
    ///   - elapsed: The time since the task's beginning.
    ///   - hasAdvanced: Whether the attempt that failed has committed something.
    /// - Returns: The pause, or nil when there is no other attempt, or it would come too late.
    mutating func next(after elapsed: Duration = .zero, hasAdvanced: Bool = false) -> Duration? {
        if hasAdvanced {
            fruitless = 1
            advanced = elapsed
        }
        guard fruitless < limits.attempts else { return nil }
        let ceiling = min(0.2 * Double(1 << min(fruitless + 1, 12)), 15)
        let pause = Duration.seconds(Double.random(in: ceiling / 2...ceiling))
        guard elapsed - advanced + pause < limits.retryTime else { return nil }
        attempts += 1
        fruitless += 1
        return pause
    }
}

extension Duration {
    /// The duration in seconds.
    var seconds: Double {
        Double(components.seconds) + Double(components.attoseconds) / 1e18
    }
}
