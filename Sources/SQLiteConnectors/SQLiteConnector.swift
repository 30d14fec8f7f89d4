#if SQLite
public import SourceConnectors

/// Reads SQLite databases.
///
///     let connector = SQLiteConnector(connections: ["shops": SQLiteConnection(folder: "/var/lib/shops")])
///     let source = Source(region: "eu", client: "17", connection: "shops")
///     try await connector.withSession(for: source) { session in
///         let orders = try await session.describe(TableName(database: "shop_17.sqlite", table: "orders"))
///         …
///     }
///
/// Files are opened for reading only. To prove marks, a second connection takes the write lock for a moment and
/// writes nothing; see ``SQLiteConnection/asksForWriters``.
public struct SQLiteConnector: SourceConnector {
    /// The folders, by the name that a source's `connection` gives.
    public let connections: [String: SQLiteConnection]
    private let clock: @Sendable () -> Int64
    private let quiet = QuietTimes()

    /// Makes a connector for some folders.
    ///
    /// - Parameters:
    ///   - connections: The folders.
    ///   - clock: The clock by which cursors are set, in microseconds since 1970; this machine's unless said otherwise.
    public init(connections: [String: SQLiteConnection], clock: (@Sendable () -> Int64)? = nil) {
        self.connections = connections
        self.clock = clock ?? { MachineClock.now() }
    }

    /// Runs the body on a thread of its own, with a session that opens files when it first needs them.
    ///
    /// Cancelling the task breaks off a statement that is at work or waits for a lock.
    @concurrent
    public func withSession<Result: Sendable>(
        for source: Source,
        _ body: sending (SQLiteSession) async throws -> Result
    ) async throws -> Result {
        guard let settings = connections[source.connection] else {
            throw SourceError(
                .invalid,
                source: source,
                message:
                    "no connection is named '\(source.connection)'; name one of those given to the connector"
            )
        }
        let thread = try SessionThread.start()
        defer { thread.stop() }
        let stopper = DatabaseStopper()
        let shared = SQLiteSession.Shared(clock: clock, quiet: quiet, stopper: stopper)
        return try await withTaskExecutorPreference(thread) {
            try await withTaskCancellationHandler {
                try await Self.run(source, settings, shared, body)
            } onCancel: {
                stopper.stop()
            }
        }
    }

    /// Being `@concurrent` it is what moves to the thread.
    @concurrent
    private static func run<Result: Sendable>(
        _ source: Source,
        _ settings: SQLiteConnection,
        _ shared: SQLiteSession.Shared,
        _ body: (SQLiteSession) async throws -> Result
    ) async throws -> Result {
        let session = SQLiteSession(source: source, settings: settings, shared: shared)
        defer { session.close() }
        return try await body(session)
    }
}
#endif
