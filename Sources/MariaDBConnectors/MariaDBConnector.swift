#if MariaDB
public import SourceConnectors

/// Reads MariaDB databases.
///
///     let connector = MariaDBConnector(connections: [
///         "shop-eu": MariaDBConnection(host: "db.example.com", user: "reader", password: .environment("EU_PASSWORD"))
///     ])
///     try await connector.withSession(for: source) { session in
///         let orders = try await session.describe(TableName(database: "shop", table: "orders"))
///         …
///     }
///
/// The account needs `SELECT` on the tables and, for a proven mark, the global privilege `PROCESS`.
public struct MariaDBConnector: SourceConnector {
    /// The servers, by the name that a source's `connection` gives.
    public let connections: [String: MariaDBConnection]
    private let activity = ServerActivity()
    private let tables = KnownTables()
    private let gate = LoginGate()
    private let budget = RowBudget()
    private let threads = SessionThreads()
    private let idle = IdleConnections()

    /// Makes a connector for some servers.
    public init(connections: [String: MariaDBConnection]) {
        self.connections = connections
    }

    /// Runs the body on a thread of its own, with a session that connects when it is first used.
    ///
    /// Everything the body calls without an actor of its own stays on that thread: the blocking calls of the
    /// client library as well as what the caller does with each batch. Cancelling the task breaks off a statement
    /// that is waiting for the server.
    @concurrent
    public func withSession<Result: Sendable>(
        for source: Source,
        _ body: sending (MariaDBSession) async throws -> Result
    ) async throws -> Result {
        guard let settings = connections[source.connection] else {
            throw SourceError(
                .invalid,
                source: source,
                message:
                    "no connection is named '\(source.connection)'; name one of those given to the connector"
            )
        }
        let threads = threads
        let thread = try threads.take()
        defer { threads.give(back: thread) }
        let stopper = SessionStopper()
        let shared = MariaDBSession.Shared(
            activity: activity,
            tables: tables,
            gate: gate,
            budget: budget,
            threads: threads,
            idle: idle,
            stopper: stopper
        )
        return try await withTaskExecutorPreference(thread) {
            try await withTaskCancellationHandler {
                try await Self.run(source, settings, shared, body)
            } onCancel: {
                stopper.stop()
            }
        }
    }

    /// Being `@concurrent` it is what moves to the thread: setting the preference alone moves nothing.
    @concurrent
    private static func run<Result: Sendable>(
        _ source: Source,
        _ settings: MariaDBConnection,
        _ shared: MariaDBSession.Shared,
        _ body: (MariaDBSession) async throws -> Result
    ) async throws -> Result {
        let session = MariaDBSession(source: source, settings: settings, shared: shared)
        do {
            let result = try await body(session)
            session.end()
            return result
        } catch {
            session.close()
            throw error
        }
    }
}
#endif
