import Synchronization

/// Counts the calls of a run up to the one before which something happens.
final class CallCounter: Sendable {
    private let left: Mutex<Int>

    init(before point: Int) { left = Mutex(point < 0 ? -1 : point) }

    /// Whether this is the call.
    func isNow() -> Bool {
        left.withLock { left in
            defer { if left >= 0 { left -= 1 } }
            return left == 0
        }
    }

    /// Whether the call has not come.
    var isAhead: Bool { left.withLock { $0 >= 0 } }
}
