#if MariaDB
import ColumnBatches
public import SourceConnectors

/// An open session with one MariaDB server, made by `MariaDBConnector.withSession`.
///
/// It takes one connection at a time, each opened when it is needed: one that reads the signals, one that reads what is not
/// committed yet, and one that holds the snapshot. What is asked while a snapshot is open takes a second one. All must be
/// on one server.
public final class MariaDBSession: SourceSession {
    /// The source that the session reads.
    public let source: Source
    let settings: MariaDBConnection
    /// What the server's settings take from the signals, once it is known.
    var knownLimitations: [String]?
    /// How the columns of tables are compared with bounds, once it is known.
    var knownKeys: [TableName: KeySQL] = [:]
    /// Whether the server is no replica, or the account may not ask it how far it lags.
    var cannotSeeLag = false
    let stopper: SessionStopper
    let shared: Shared
    private let pace: RowPace?
    private var connections: [ServerConnection.Role: ServerConnection] = [:]
    private var identity: String?
    private var stream: ResultStream?
    private var snapshot = Snapshot.none
    private let notices = NoticeCounter()

    private enum Snapshot {
        case none
        case open
        case lost
    }

    /// What a session has in common with others of its connector, and what stops it.
    struct Shared: Sendable {
        var activity: ServerActivity
        var tables: KnownTables
        var gate: LoginGate
        var budget: RowBudget
        var threads: SessionThreads
        var idle: IdleConnections
        var stopper: SessionStopper
    }

    init(source: Source, settings: MariaDBConnection, shared: Shared) {
        self.shared = shared
        pace = RowPace(shared.budget, settings)
        stopper = shared.stopper
        self.source = source
        self.settings = settings
    }

    /// Makes a session that reads by one connection, whose snapshot is open, beside another session.
    convenience init(reading connection: ServerConnection, besides session: MariaDBSession) {
        self.init(source: session.source, settings: session.settings, shared: session.shared)
        connections[.snapshot] = connection
        identity = session.identity
        snapshot = .open
    }

    /// Streams the rows of a query.
    ///
    /// The rows of the query before are dropped where they have not been read to their end.
    public func rows(_ query: ReadQuery, at consistency: ReadConsistency) async throws -> MariaDBRows {
        let text = try query.buckets == nil ? RowTextSQL(types: [:]) : rowText(of: query)
        let keys = try query.range == nil ? nil : keySQL(of: query.table)
        let statement = try located { () throws(SourceError) in
            try SelectStatement(query, text: text, keys: keys)
        }
        return try await rows(statement, fields: query.columns, of: query, at: consistency)
    }

    /// Whether a query has rows that are committed, in the session's snapshot where one is open.
    public func mayHaveRows(_ query: ReadQuery) async throws -> Bool {
        let statement = try located { () throws(SourceError) in try SelectStatement(query, asks: .existence) }
        var query = query
        query.columns = [Field("exists", .int64)]
        query.batchRows = 1
        var hasRows = false
        let answer = try await rows(statement, fields: query.columns, of: query, on: readingConnection())
        for try await batch in answer { hasRows = batch.columns[0][0].integer == 1 }
        return hasRows
    }

    /// Streams what a statement about a query returns.
    func rows(
        _ statement: SelectStatement,
        fields: [Field],
        of query: ReadQuery,
        at consistency: ReadConsistency
    ) async throws -> MariaDBRows {
        try checkCancellation()
        try endStream()
        let connection = try consistency == .snapshot ? snapshotConnection() : connection(.uncommitted)
        return try await rows(statement, fields: fields, of: query, on: connection)
    }

    private func rows(
        _ statement: SelectStatement,
        fields: [Field],
        of query: ReadQuery,
        on connection: ServerConnection
    ) async throws -> MariaDBRows {
        let stream = try ResultStream(
            statement.sql,
            statement.parameters,
            fields: fields,
            // No pause of a budget is then longer than a second.
            batchRows: min(query.batchRows, pace?.rate ?? .max),
            table: query.table,
            policies: query.policies,
            setsDefectsAside: query.setsDefectsAside,
            notices: notices,
            on: connection
        )
        self.stream = stream
        return MariaDBRows(stream: stream, pace: pace)
    }

    /// Ends the session's snapshot.
    public func endSnapshot() async throws {
        try checkCancellation()
        try endStream()
        guard snapshot == .open, let connection = connections[.snapshot], connection.isOpen else {
            snapshot = .none
            return
        }
        snapshot = .none
        try connection.run("COMMIT")
    }

    /// What was read by a rule since the last call, by column and rule.
    public func takeNotices() async -> [ValueNotice] { notices.take() }

    /// The connection that reads signals and descriptions.
    func control() throws -> ServerConnection {
        try checkCancellation()
        return try connection(.control)
    }

    /// The server's numbers of the connections that are open.
    var connectionIDs: [UInt64] { connections.values.map(\.id).sorted() }

    /// What identifies the server.
    var serverIdentity: String { identity ?? "" }

    /// Ends the session; its connections are kept for the next one, but for those that hold something.
    func end() {
        if stream?.isOpen == true { return close() }
        for role in connections.keys { close(role) }
    }

    /// Ends all connections.
    func close() {
        stream?.abandon()
        stream = nil
        for connection in connections.values { connection.close() }
        let interrupted = connections.values.filter { $0.wasInterrupted }.map(\.id)
        connections = [:]
        if !interrupted.isEmpty { stopAtServer(interrupted) }
    }

    /// A server notices a closed connection only when it sends: a statement that sorts would run on for nobody.
    private func stopAtServer(_ ids: [UInt64]) {
        var settings = settings
        settings.connectTimeout = .seconds(1)
        settings.readTimeout = .seconds(1)
        guard
            let connection = try? ServerConnection(
                settings,
                source: source,
                stopper: SessionStopper(),
                gate: shared.gate
            )
        else {
            return
        }
        // The server has noticed by itself where it no longer knows the number.
        for id in ids { try? connection.run("KILL \(id)") }
        connection.close()
    }

    /// Ends the connections that readers beside this session have no use for.
    func closeIdle() {
        close(.uncommitted)
        close(.snapshot)
        snapshot = .none
    }

    private func close(_ role: ServerConnection.Role) {
        guard let connection = connections.removeValue(forKey: role) else { return }
        guard role != .snapshot || snapshot == .none, connection.rest() else { return connection.close() }
        shared.idle.put(connection, name: source.connection)
    }

    /// Ends connections that hold nothing: a session takes as few of a server's connections as it can.
    private func closeUnused() {
        for (role, connection) in connections {
            let isNeeded = role == .snapshot && snapshot == .open
            if !isNeeded && !(stream.map { $0.isOpen && $0.isOn(connection) } ?? false) { close(role) }
        }
    }

    private func snapshotConnection() throws -> ServerConnection {
        if snapshot == .open && connections[.snapshot]?.isOpen != true { snapshot = .lost }
        guard snapshot != .lost else {
            throw SourceError(
                .interrupted,
                source: source,
                isTransient: true,
                message:
                    "the connection that held the snapshot is gone; end the snapshot and read all of it again"
            )
        }
        let connection = try connection(.snapshot)
        if snapshot == .none {
            // What is not committed was looked at before; the connection would idle while the snapshot is read.
            close(.uncommitted)
            try connection.run("START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY")
            snapshot = .open
        }
        return connection
    }

    /// A connection that reads what is committed, in the session's snapshot where one is open.
    func readingConnection() throws -> ServerConnection {
        try checkCancellation()
        try endStream()
        return try snapshot == .none ? connection(.snapshot) : snapshotConnection()
    }

    /// A connection that reads without a snapshot, in UTC.
    func plainConnection() throws -> ServerConnection {
        try checkCancellation()
        try endStream()
        return try connection(.uncommitted)
    }

    /// A connection whose reads show what is committed, each at its own instant.
    func committedConnection() throws -> ServerConnection {
        let connection = try connection(.snapshot)
        if snapshot == .open { try connection.run("COMMIT") }
        snapshot = .none
        return connection
    }

    private func connection(_ role: ServerConnection.Role) throws -> ServerConnection {
        if let connection = connections[role], connection.isOpen { return connection }
        closeUnused()
        let connection = try makeConnection(role)
        connections[role] = connection
        return connection
    }

    /// Opens one more connection to the server that the session has reached.
    func makeConnection(_ role: ServerConnection.Role) throws -> ServerConnection {
        try checkCancellation()
        let wish = IdleConnections.Wish(
            name: source.connection,
            role: role,
            address: settings.address,
            identity: identity
        )
        if let connection = shared.idle.take(wish) {
            connection.resume(for: source, stopper: stopper)
            do {
                try connection.take(role)
                identity = connection.identity
                return connection
            } catch {
                // It broke since; a new one tells why.
                connection.close()
            }
        }
        let connection = try ServerConnection(settings, source: source, stopper: stopper, gate: shared.gate)
        do {
            try connection.setUp(role)
            connection.rowPath = try RowPathTest.path(settings.rowPath, on: connection)
            let identity = try connection.serverIdentity()
            connection.identity = identity
            connection.presence = shared.activity.count(connection.id, server: identity)
            guard self.identity == nil || self.identity == identity else {
                throw SourceError(
                    .invalid,
                    source: source,
                    message: "two connections reached different servers; name one server, not a balancer"
                )
            }
            self.identity = identity
        } catch {
            connection.close()
            throw error
        }
        return connection
    }

    /// A snapshot must survive an iteration that stopped early; any other connection is cheaper to replace.
    func endStream() throws {
        guard let stream else { return }
        self.stream = nil
        guard stream.isOpen else { return }
        if stream.isOn(connections[.snapshot]) { try stream.drain() } else { stream.abandon() }
    }

    private func checkCancellation() throws {
        guard stopper.isStopped || Task.isCancelled else { return }
        throw SourceError(.cancelled, source: source, message: "the task was cancelled")
    }

    private func located<Value>(_ body: () throws(SourceError) -> Value) throws -> Value {
        do throws(SourceError) {
            return try body()
        } catch {
            var error = error
            error.source = source
            throw error
        }
    }
}
#endif
