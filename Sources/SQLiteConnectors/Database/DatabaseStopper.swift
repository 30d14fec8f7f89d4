#if SQLite
import Synchronization

/// Breaks off what the connections of a session do, from any thread.
final class DatabaseStopper: Sendable {
    private let stopped = Atomic(false)

    /// Whether the session was told to stop.
    var isStopped: Bool { stopped.load(ordering: .relaxed) }

    /// Tells statements that run or wait to end.
    func stop() { stopped.store(true, ordering: .relaxed) }
}
#endif
