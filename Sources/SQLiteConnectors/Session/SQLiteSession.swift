#if SQLite
import ColumnBatches
public import SourceConnectors

/// An open session with the database files of one folder, made by `SQLiteConnector.withSession`.
///
/// For each file it holds up to three connections, opened when they are first needed: one for catalogues and for
/// reads of what is committed now, one that holds the snapshot, and one that asks who is writing.
public final class SQLiteSession: SourceSession {
    /// The source that the session reads.
    public let source: Source
    let settings: SQLiteConnection
    let shared: Shared
    private var files: [String: DatabaseFile] = [:]
    /// The file that was described or read last, whose clock and writers `signals` asks for.
    private(set) var current: String?
    private var stream: RowStream?
    private let notices = NoticeCounter()

    /// What a session has in common with others of its connector, and what stops it.
    struct Shared: Sendable {
        var clock: @Sendable () -> Int64
        var quiet: QuietTimes
        var stopper: DatabaseStopper
    }

    init(source: Source, settings: SQLiteConnection, shared: Shared) {
        self.source = source
        self.settings = settings
        self.shared = shared
    }

    /// Streams the rows of a query.
    ///
    /// The rows of the query before are dropped where they have not been read to their end.
    public func rows(_ query: ReadQuery, at consistency: ReadConsistency) async throws -> SQLiteRows {
        try checkCancellation()
        endStream()
        let file = try file(query.table.database)
        let cursor = try query.window.map { window in
            DeclaredType(try declaredType(of: window.column, in: query.table, on: file.reading()))
        }
        let database = try consistency == .snapshot ? file.snapshot() : file.reading()
        do throws(SourceError) {
            let stream = try RowStream(
                query,
                SelectStatement(query, cursor: cursor),
                notices: notices,
                on: database
            )
            self.stream = stream
            return SQLiteRows(stream: stream)
        } catch {
            var error = error
            error.source = source
            error.table = query.table
            throw error
        }
    }

    /// Ends the snapshots of the session's files.
    public func endSnapshot() async throws {
        try checkCancellation()
        endStream()
        for file in files.values { try file.endSnapshot() }
    }

    /// What was read by a rule since the last call, by column and rule.
    public func takeNotices() async -> [ValueNotice] { notices.take() }

    /// The file of a database.
    func file(_ name: String) throws(SourceError) -> DatabaseFile {
        try checkCancellation()
        current = name
        if let file = files[name] { return file }
        guard !name.isEmpty, name != ".", name != "..", !name.contains("/"), !name.contains("\0") else {
            throw SourceError(
                .invalid,
                source: source,
                message: "'\(name)' is no name of a file; a database is a file in the connection's folder"
            )
        }
        let file = DatabaseFile(
            path: settings.folder + "/" + name,
            settings: settings,
            stopper: shared.stopper,
            source: source
        )
        files[name] = file
        return file
    }

    /// Ends all connections.
    func close() {
        endStream()
        files = [:]
    }

    private func endStream() {
        stream?.close()
        stream = nil
    }

    private func checkCancellation() throws(SourceError) {
        guard shared.stopper.isStopped || Task.isCancelled else { return }
        throw SourceError(.cancelled, source: source, message: "the task was cancelled")
    }
}
#endif
