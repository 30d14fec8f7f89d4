#if MariaDB
import CMariaDB
import Synchronization

/// Breaks off what the connections of a session wait for, from any thread.
///
/// It shuts down duplicates of the connections' sockets, which it owns, so that a cancellation may come at any
/// moment, while a connection is closed as well.
final class SessionStopper: Sendable {
    private struct State {
        var isStopped = false
        var descriptors: Set<Int32> = []
    }

    private let state = Mutex(State())

    /// Whether the session was told to stop.
    var isStopped: Bool { state.withLock { $0.isStopped } }

    /// Shuts down all sockets, now and those that are added later.
    func stop() {
        state.withLock { state in
            state.isStopped = true
            for descriptor in state.descriptors { tributary_shut_down(descriptor) }
        }
    }

    /// Takes over a duplicate of a connection's socket.
    func add(_ descriptor: Int32) {
        guard descriptor >= 0 else { return }
        state.withLock { state in
            state.descriptors.insert(descriptor)
            if state.isStopped { tributary_shut_down(descriptor) }
        }
    }

    /// Hands the duplicate back as it is; false when it has been shut down.
    func release(_ descriptor: Int32) -> Bool {
        state.withLock { state in
            guard !state.isStopped else { return false }
            return state.descriptors.remove(descriptor) != nil
        }
    }

    /// Closes the duplicate.
    func remove(_ descriptor: Int32) {
        state.withLock { state in
            guard state.descriptors.remove(descriptor) != nil else { return }
            tributary_close_descriptor(descriptor)
        }
    }
}
#endif
