import SourceConnectors
import Synchronization
@testable import SyncPipelines

/// Passes on to a memory connector, counts open sessions by host, and takes its time.
struct WatchedConnector: SourceConnector {
    final class Watch: Sendable {
        struct State {
            var open: [String: Int] = [:]
            var most: [String: Int] = [:]
            /// Sessions by client.
            var sessions: [String: Int] = [:]
        }

        let state = Mutex(State())

        var sessionCount: Int { state.withLock { $0.sessions.values.reduce(0, +) } }
    }

    let base: MemoryConnector
    let hosts: [String: String]
    /// How long a session takes to open.
    var delay: Duration
    let watch = Watch()

    func withSession<Result: Sendable>(
        for source: Source,
        _ body: sending (MemorySession) async throws -> Result
    ) async throws -> Result {
        let host = hosts[source.connection] ?? source.connection
        watch.state.withLock { state in
            state.open[host, default: 0] += 1
            state.most[host] = max(state.most[host, default: 0], state.open[host, default: 0])
            state.sessions[source.client, default: 0] += 1
        }
        defer { watch.state.withLock { $0.open[host, default: 1] -= 1 } }
        try await Task.sleep(for: delay)
        return try await base.withSession(for: source, body)
    }
}
