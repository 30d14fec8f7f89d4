import ColumnBatches
public import SourceConnectors
import Synchronization

/// Reads simulated databases, one for each connection name.
public struct SimulatedConnector: SourceConnector {
    /// The databases.
    public let databases: [String: SimulatedDatabase]

    /// Makes a connector.
    public init(databases: [String: SimulatedDatabase]) {
        self.databases = databases
    }

    /// Opens a session, unless the database is to fail.
    public func withSession<Result: Sendable>(
        for source: Source,
        _ body: sending (SimulatedSession) async throws -> Result
    ) async throws -> Result {
        guard let database = databases[source.connection] else {
            throw SourceError(
                .invalid,
                source: source,
                message: "no connection is named \(source.connection)"
            )
        }
        let failure = database.state.withLock { state in
            state.sessionErrors.isEmpty ? nil : state.sessionErrors.removeFirst()
        }
        if let failure { throw failure }
        if database.state.withLock({ $0.isDown }) {
            throw SourceError(.unreachable, source: source, isTransient: true, message: "the server is down")
        }
        database.state.withLock { $0.openSessions += 1 }
        defer { database.state.withLock { $0.openSessions -= 1 } }
        return try await body(SimulatedSession(database: database, source: source))
    }
}

/// A session with a simulated database.
public final class SimulatedSession: SourceSession {
    let database: SimulatedDatabase
    let source: Source
    var snapshot: [TableName: SimulatedTable]?

    init(database: SimulatedDatabase, source: Source) {
        self.database = database
        self.source = source
    }

    /// What the database says of a table.
    public func describe(_ table: TableName) async throws -> TableDescription? {
        database.state.withLock { state in
            var description = state.tables[table]?.description
            if description?.estimatedRows == nil {
                description?.estimatedRows = state.tables[table]?.committed.count
            }
            return description
        }
    }

    /// The clock, the oldest statement and the oldest writer.
    public func signals() async throws -> MarkSignals {
        database.state.withLock { $0.signals }
    }

    /// The number that the next row takes.
    public func counter(_ column: String, of table: TableName) async throws -> Int64? {
        database.state.withLock { $0.tables[table]?.nextNumber }
    }

    /// The rows of a query, batch by batch; uncommitted reads see each batch as it is when it is asked for.
    public func rows(_ query: ReadQuery, at consistency: ReadConsistency) async throws -> SimulatedRows {
        let (tables, cut) = database.state.withLock { state in
            state.queries.append(query)
            defer { if consistency == .snapshot { state.cutAfter = nil } }
            return (state.tables, consistency == .snapshot ? state.cutAfter : nil)
        }
        guard let table = tables[query.table] else {
            throw SourceError(.missing, source: source, table: query.table, message: "there is no such table")
        }
        for field in query.columns where !table.names.contains(field.name) {
            throw SourceError(
                .missing,
                source: source,
                table: query.table,
                column: field.name,
                message: "there is no such column"
            )
        }
        var seen: SimulatedTable?
        if consistency == .snapshot && table.description.hasSnapshots {
            let state = snapshot ?? tables
            snapshot = state
            seen = state[query.table]
        }
        return SimulatedRows(
            database: database,
            query: query,
            snapshot: seen,
            showsUncommitted: consistency == .uncommitted,
            cutAfter: cut
        )
    }

    /// Whether the query has a row that is committed.
    public func mayHaveRows(_ query: ReadQuery) async throws -> Bool {
        let table = database.state.withLock { $0.tables[query.table] }
        return table.map {
            SimulatedRows.AsyncIterator.select($0.rows(uncommitted: [], order: []), of: $0, query)
        }?
        .isEmpty != true
    }

    /// Forgets the snapshot.
    public func endSnapshot() async throws { snapshot = nil }
}
