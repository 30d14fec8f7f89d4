import ColumnBatches
import SourceConnectors
import Synchronization

/// A database in memory, for pipelines without a server: rows that are committed and rows that are not yet.
final class MemoryDatabase: Sendable {
    struct Table: Sendable {
        var description: TableDescription
        var committed: [[ColumnValue]] = []
        /// Rows of open transactions, as an uncommitted read shows them in place of the committed ones.
        var uncommitted: [[ColumnValue]] = []
    }

    struct State: Sendable {
        var tables: [TableName: Table] = [:]
        var signals = MarkSignals(now: 1_700_000_000_000_000)
        var isDown = false
        var failures: [SourceError] = []
        var queries: [ReadQuery] = []
    }

    let state = Mutex(State())

    func update(_ body: (inout State) -> Void) {
        state.withLock { body(&$0) }
    }
}

/// Reads memory databases, one for each connection name.
struct MemoryConnector: SourceConnector {
    let databases: [String: MemoryDatabase]

    func withSession<Result: Sendable>(
        for source: Source,
        _ body: sending (MemorySession) async throws -> Result
    ) async throws -> Result {
        guard let database = databases[source.connection] else {
            throw SourceError(.invalid, source: source, message: "no connection of that name")
        }
        if let failure = database.state.withLock({ $0.failures.isEmpty ? nil : $0.failures.removeFirst() }) {
            throw failure
        }
        if database.state.withLock({ $0.isDown }) {
            throw SourceError(.unreachable, source: source, isTransient: true, message: "the server is down")
        }
        return try await body(MemorySession(database: database))
    }
}

final class MemorySession: SourceSession {
    private let database: MemoryDatabase
    private var snapshot: [TableName: MemoryDatabase.Table]?

    init(database: MemoryDatabase) {
        self.database = database
    }

    func describe(_ table: TableName) async throws -> TableDescription? {
        database.state.withLock { $0.tables[table]?.description }
    }

    func signals() async throws -> MarkSignals {
        database.state.withLock { $0.signals }
    }

    func rows(_ query: ReadQuery, at consistency: ReadConsistency) async throws -> AsyncThrowingStream<
        ColumnBatch, any Error
    > {
        let tables = database.state.withLock { state in
            state.queries.append(query)
            return state.tables
        }
        if consistency == .snapshot && snapshot == nil { snapshot = tables }
        let seen = consistency == .snapshot ? snapshot ?? tables : tables
        let batches = try seen[query.table].map { try Self.batches($0, query, consistency) } ?? []
        return AsyncThrowingStream { continuation in
            for batch in batches { continuation.yield(batch) }
            continuation.finish()
        }
    }

    func endSnapshot() async throws { snapshot = nil }

    private static func batches(
        _ table: MemoryDatabase.Table,
        _ query: ReadQuery,
        _ consistency: ReadConsistency
    ) throws -> [ColumnBatch] {
        let names = table.description.columns.map(\.name)
        var rows = table.committed
        if consistency == .uncommitted {
            for row in table.uncommitted {
                rows.removeAll { $0[0] == row[0] }
                rows.append(row)
            }
        }
        if let window = query.window, let index = names.firstIndex(of: window.column) {
            rows = rows.filter { row in
                switch row[index] {
                case .timestamp(let value), .timestampNTZ(let value): value >= window.lowerBound
                default: window.includesNulls
                }
            }
        }
        for filter in query.filters {
            guard let index = names.firstIndex(of: filter.column) else { continue }
            rows = rows.filter { row in
                switch (filter.comparison, row[index], filter.values[0]) {
                case (.equal, let value, let wanted): value == wanted
                case (.greaterOrEqual, .timestamp(let time), .timestamp(let bound)): time >= bound
                case (.less, .timestamp(let time), .timestamp(let bound)): time < bound
                default: true
                }
            }
        }
        return stride(from: 0, to: rows.count, by: max(query.batchRows, 1)).map { start in
            let slice = rows[start..<min(start + query.batchRows, rows.count)]
            let columns = query.columns.map { field in
                var builder = ColumnBuilder(field.type)
                let index = names.firstIndex(of: field.name)
                // Rows that were there before a column was have no value in it.
                for row in slice { builder.append(index.flatMap { $0 < row.count ? row[$0] : nil } ?? .null) }
                return builder.finish()
            }
            return ColumnBatch(schema: BatchSchema(query.columns), columns: columns, rowCount: slice.count)
        }
    }
}
