import ColumnBatches
import ConnectorTestKit
import SourceConnectors

/// A connector with one bug of the kind that connectors have.
enum ConnectorBug: String, CaseIterable, Sendable {
    case skipsTies, losesRowsWithoutCursor, truncatesMicroseconds, reordersPages, swallowsErrors
    case queuesEverything, leaksCancelledSessions, takesWrongZone, tellsPartOfKey, printsSecret
    case overlapsRanges

    /// The property that must find it.
    var property: String {
        switch self {
        case .skipsTies: "K24a"
        case .losesRowsWithoutCursor: "K24c"
        case .truncatesMicroseconds: "K10"
        case .reordersPages: "K13a"
        case .swallowsErrors: "K20a"
        case .queuesEverything: "K16"
        case .leaksCancelledSessions: "K14"
        case .takesWrongZone: "K26a"
        case .tellsPartOfKey: "K06"
        case .printsSecret: "K03"
        case .overlapsRanges: "K11a"
        }
    }

    /// Words of the property's title that say what is wrong.
    var words: String {
        switch self {
        case .skipsTies: "ties"
        case .losesRowsWithoutCursor: "without a cursor value"
        case .truncatesMicroseconds: "values arrive as they are"
        case .reordersPages: "in order, across batches"
        case .swallowsErrors: "never early as if it were whole"
        case .queuesEverything: "queue has a bound"
        case .leaksCancelledSessions: "leaves nothing open"
        case .takesWrongZone: "UTC"
        case .tellsPartOfKey: "whole key"
        case .printsSecret: "secrets"
        case .overlapsRanges: "hold each row once"
        }
    }
}

struct PlantedConnector: SourceConnector {
    let base: SimulatedConnector
    let bug: ConnectorBug?

    func withSession<Result: Sendable>(
        for source: Source,
        _ body: sending (PlantedSession) async throws -> Result
    ) async throws -> Result {
        if bug == .printsSecret && base.databases[source.connection] == nil {
            throw SourceError(
                .invalid,
                message: "user reader, password \(PlantedTestBed.secret): no such host"
            )
        }
        let bug = bug
        let helper = bug == .leaksCancelledSessions ? holdOpen(source) : nil
        let result = try await base.withSession(for: source) { session in
            try await body(PlantedSession(base: session, bug: bug))
        }
        if !Task.isCancelled { helper?.cancel() }
        return result
    }

    /// A second connection that reads ahead, and that nobody ends when the session is cancelled.
    private func holdOpen(_ source: Source) -> Task<Void, any Error> {
        let base = base
        return Task.detached {
            try await base.withSession(for: source) { _ in try await Task.sleep(for: .seconds(600)) }
        }
    }
}

struct PlantedSession: SourceSession {
    let base: SimulatedSession
    let bug: ConnectorBug?

    func describe(_ table: TableName) async throws -> TableDescription? {
        var description = try await base.describe(table)
        if bug == .tellsPartOfKey { description?.primaryKey.removeFirst() }
        return description
    }

    func signals() async throws -> MarkSignals {
        var signals = try await base.signals()
        if bug == .takesWrongZone { signals.now += 3_600_000_000 }
        return signals
    }

    func rows(_ query: ReadQuery, at consistency: ReadConsistency) async throws -> PlantedRows {
        var query = query
        if bug == .skipsTies { query.window?.lowerBound += 1 }
        if bug == .overlapsRanges { query.range?.after = nil }
        if bug == .losesRowsWithoutCursor { query.window?.includesNulls = false }
        var rows = PlantedRows(base: try await base.rows(query, at: consistency), bug: bug)
        if bug == .queuesEverything || bug == .reordersPages {
            var queue: [ColumnBatch] = []
            for try await batch in rows.base { queue.append(batch) }
            if bug == .reordersPages && queue.count > 2 { queue.swapAt(1, 2) }
            rows.queue = queue
        }
        return rows
    }

    func endSnapshot() async throws { try await base.endSnapshot() }
}

extension PlantedSession: RangedSession {
    func bounds(of table: TableName, by key: [String], every rows: Int) async throws -> [KeyBound]? {
        try await base.bounds(of: table, by: key, every: rows)
    }

    func withReaders(
        _ count: Int,
        of table: TableName,
        feel: @escaping @Sendable (SourcePressure) async -> Void,
        _ read: @escaping @Sendable (Int, PlantedSession, SnapshotAgreement) async throws -> Void
    ) async throws {
        let bug = bug
        try await base.withReaders(count, of: table, feel: feel) { number, reader, agreement in
            try await read(number, PlantedSession(base: reader, bug: bug), agreement)
        }
    }
}

struct PlantedRows: AsyncSequence {
    let base: SimulatedRows
    let bug: ConnectorBug?
    var queue: [ColumnBatch]?

    struct AsyncIterator: AsyncIteratorProtocol {
        var base: SimulatedRows.AsyncIterator
        let bug: ConnectorBug?
        var queue: [ColumnBatch]?

        mutating func next() async throws -> ColumnBatch? {
            if queue != nil { return queue?.isEmpty ?? true ? nil : queue?.removeFirst() }
            do {
                let batch = try await base.next()
                return bug == .truncatesMicroseconds ? batch.map(Self.truncated) : batch
            } catch  where bug == .swallowsErrors {
                return nil
            }
        }

        private static func truncated(_ batch: ColumnBatch) -> ColumnBatch {
            let columns = batch.columns.map { column in
                guard column.type == .timestamp else { return column }
                var builder = ColumnBuilder(.timestamp)
                for value in column.values {
                    if case .timestamp(let time) = value {
                        builder.append(.timestamp(time / 1000 * 1000))
                    } else {
                        builder.append(value)
                    }
                }
                return builder.finish()
            }
            return ColumnBatch(schema: batch.schema, columns: columns, rowCount: batch.rowCount)
        }
    }

    func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(base: base.makeAsyncIterator(), bug: bug, queue: queue)
    }
}
