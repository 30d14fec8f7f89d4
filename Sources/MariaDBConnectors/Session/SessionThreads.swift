#if MariaDB
import SourceConnectors
import Synchronization

/// The threads of a connector's sessions, kept for the next ones.
///
/// Memory that a thread gave back is at hand for its next session. Were each session to start a thread of its own, the
/// memory of those that have ended would be kept for nobody: the peak of a run would grow with its tasks.
final class SessionThreads: Sendable {
    /// The idle threads that are kept.
    private static let limit = 16
    private let idle = Mutex<[SessionThread]>([])

    deinit {
        for thread in idle.withLock({ $0 }) { thread.stop() }
    }

    /// A thread that nobody uses.
    func take() throws(SourceError) -> SessionThread {
        // The one that was used last, whose memory is warm.
        if let thread = idle.withLock({ $0.popLast() }) { return thread }
        return try SessionThread.startForMariaDB()
    }

    /// Takes a thread back.
    func give(back thread: SessionThread) {
        let isKept = idle.withLock { idle in
            guard idle.count < Self.limit else { return false }
            idle.append(thread)
            return true
        }
        if !isKept { thread.stop() }
    }
}
#endif
