#if MariaDB
import SourceConnectors
import Synchronization

/// Connections that no session needs at the moment, kept a while for the next one.
///
/// A task with nothing to do takes less time than to connect. A session takes from here before it opens a connection, and
/// gives back before it takes: what is kept never makes more connections to a server than were in use at once.
final class IdleConnections: Sendable {
    /// How long one is kept: a run comes back within moments, and a server has nothing of what idles longer.
    static let lifetime = Duration.seconds(5)

    /// A connection that nobody uses, and so may go from thread to thread.
    private struct Entry: @unchecked Sendable {
        let name: String
        let connection: ServerConnection
        let since: ContinuousClock.Instant

        func fits(_ wish: Wish) -> Bool {
            name == wish.name && (wish.identity == nil || connection.identity == wish.identity)
        }

        func isOld(_ now: ContinuousClock.Instant) -> Bool { since + lifetime <= now }
    }

    /// What was found for a session.
    private enum Found: Sendable {
        /// One that fits.
        case match(Entry)
        /// One that was made by other settings, and takes the place of what will be opened.
        case other(Entry)
        case none
    }

    private struct State {
        var entries: [Entry] = []
        var isWatched = false

        mutating func take(_ wish: Wish, now: ContinuousClock.Instant) -> Found {
            let fits = entries.indices.filter { entries[$0].fits(wish) && !entries[$0].isOld(now) }
            // The one that was used last, and that needs the least changes.
            if let index = fits.last(where: { entries[$0].connection.role == wish.role }) ?? fits.last {
                return .match(entries.remove(at: index))
            }
            if let index = entries.firstIndex(where: { $0.connection.settings.address == wish.address }) {
                return .other(entries.remove(at: index))
            }
            return .none
        }
    }

    /// What a session asks for.
    struct Wish: Sendable {
        /// The name of the settings.
        var name: String
        var role: ServerConnection.Role
        var address: MariaDBConnection.Address
        /// The server that the session has reached, if any.
        var identity: String?
    }

    private let state = Mutex(State())

    deinit {
        for entry in state.withLock({ $0.entries }) { entry.connection.close() }
    }

    /// A connection that fits and still works, if one is here.
    ///
    /// Where all that is here was made by other settings, one of the same address is closed in exchange for what will be
    /// opened.
    func take(_ wish: Wish) -> ServerConnection? {
        while true {
            switch state.withLock({ $0.take(wish, now: .now) }) {
            case .match(let entry):
                if entry.connection.isQuiet { return entry.connection }
                entry.connection.close()
            case .other(let entry):
                entry.connection.close()
                return nil
            case .none: return nil
            }
        }
    }

    /// Keeps a connection that holds nothing and that nobody uses.
    func put(_ connection: ServerConnection, name: String) {
        let entry = Entry(name: name, connection: connection, since: .now)
        let isWatched = state.withLock { state -> Bool in
            state.entries.append(entry)
            defer { state.isWatched = true }
            return state.isWatched
        }
        if !isWatched { watch() }
    }

    /// Closes what has been kept for long enough, until nothing is kept.
    private func watch() {
        Task.detached { [weak self] in
            repeat { try? await Task.sleep(for: Self.lifetime) } while self?.closeOld() == true
        }
    }

    /// Closes what has been kept for long enough; true when others are left.
    private func closeOld() -> Bool {
        let now = ContinuousClock.now
        let old = state.withLock { state -> [Entry] in
            defer { state.entries.removeAll { $0.isOld(now) } }
            return state.entries.filter { $0.isOld(now) }
        }
        for entry in old { entry.connection.close() }
        return state.withLock { state -> Bool in
            state.isWatched = !state.entries.isEmpty
            return state.isWatched
        }
    }
}
#endif
