#if MariaDB
import SourceConnectors
import Synchronization

/// What the sessions of a connector know of what its servers are doing.
///
/// A server keeps INNODB_TRX for a tenth of a second after anybody has read it, and so for ever where a program
/// reads it more often. A stale list lacks the transactions that wrote since. Their statements ran when the
/// activity of an earlier, fresh reading was taken, or began after its clock: that reading bounds the mark.
final class ServerActivity: Sendable {
    /// A reading of a server whose list of transactions was fresh.
    struct Reading: Sendable, Hashable {
        /// The server's clock.
        var now: Int64
        /// The start of the oldest statement then.
        var oldestStatement: Int64?

        /// No row that the stale list hides can have an earlier time.
        var bound: Int64 { min(now, oldestStatement ?? now) }
    }

    /// Signals, and when they began to be read.
    private struct Look {
        var signals: MarkSignals
        var instant: ContinuousClock.Instant
    }

    private struct State {
        var readings: [String: Reading] = [:]
        var looks: [String: Look] = [:]
        var connections: [String: Set<UInt64>] = [:]
    }

    private let state = Mutex(State())

    /// The last fresh reading of a server.
    func reading(of server: String) -> Reading? {
        state.withLock { $0.readings[server] }
    }

    /// Keeps a fresh reading.
    func record(_ reading: Reading, of server: String) {
        state.withLock { $0.readings[server] = reading }
    }

    /// The last signals of a server, as an account sees them, that were not read before an instant.
    func signals(of server: String, account: String, since instant: ContinuousClock.Instant) -> MarkSignals? {
        state.withLock { $0.looks[server + "|" + account] }.flatMap {
            $0.instant >= instant ? $0.signals : nil
        }
    }

    /// Keeps signals that began to be read at an instant.
    func record(
        _ signals: MarkSignals,
        of server: String,
        account: String,
        at instant: ContinuousClock.Instant
    ) {
        state.withLock { $0.looks[server + "|" + account] = Look(signals: signals, instant: instant) }
    }

    /// The numbers that a server gave the connections of this connector.
    func connections(to server: String) -> Set<UInt64> {
        state.withLock { $0.connections[server] ?? [] }
    }

    /// Counts a connection among those of a server for as long as the result is kept.
    func count(_ id: UInt64, server: String) -> Presence {
        state.withLock { _ = $0.connections[server, default: []].insert(id) }
        return Presence(activity: self, id: id, server: server)
    }

    /// A connection is there.
    final class Presence: Sendable {
        private let activity: ServerActivity
        private let id: UInt64
        private let server: String

        fileprivate init(activity: ServerActivity, id: UInt64, server: String) {
            self.activity = activity
            self.id = id
            self.server = server
        }

        deinit { activity.state.withLock { _ = $0.connections[server]?.remove(id) } }
    }
}
#endif
