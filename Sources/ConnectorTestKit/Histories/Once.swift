import Synchronization

/// Lets something happen once.
final class Once: Sendable {
    private let hasBegun = Atomic<Bool>(false)

    /// Whether this is the first call.
    func begin() -> Bool { !hasBegun.exchange(true, ordering: .relaxed) }
}
