import ColumnBatches
import SourceConnectors

/// A connector around another one, with one bug.
package struct PlantedConnector<Base: SourceConnector>: SourceConnector {
    package typealias Session = PlantedSession<Base.Session>

    let base: Base
    let bug: ConnectorBug?
    /// The sessions that nobody closes.
    let leaks: LeakedSessions

    package func withSession<Result: Sendable>(
        for source: Source,
        _ body: sending (PlantedSession<Base.Session>) async throws -> Result
    ) async throws -> Result {
        let bug = bug
        let helper = bug == .leaksCancelledSessions ? holdOpen(source) : nil
        do {
            let result = try await base.withSession(for: source) { session in
                try await body(PlantedSession(base: session, bug: bug))
            }
            await close(helper)
            return result
        } catch {
            await close(helper)
            throw printing(error)
        }
    }

    /// The error, with what nobody may see.
    private func printing(_ error: any Error) -> any Error {
        guard bug == .printsSecret, var error = error as? SourceError else { return error }
        error.message += " (user reader, password \(PlantedSecret.text))"
        return error
    }

    /// A second connection that reads ahead, and that nobody ends when the session is cancelled.
    private func holdOpen(_ source: Source) -> Task<Void, any Error> {
        let base = base
        return Task.detached {
            try await base.withSession(for: source) { session in
                // A session may connect only once it is asked for something.
                _ = try await session.signals()
                try await Task.sleep(for: .seconds(600))
            }
        }
    }

    private func close(_ helper: Task<Void, any Error>?) async {
        guard let helper else { return }
        if Task.isCancelled { return leaks.add(helper) }
        helper.cancel()
        _ = await helper.result
    }
}

package struct PlantedSession<Base: SourceSession>: SourceSession {
    package typealias Rows = PlantedRows<Base>

    let base: Base
    let bug: ConnectorBug?

    package func describe(_ table: TableName) async throws -> TableDescription? {
        var description = try await base.describe(table)
        if bug == .hidesUnmappedColumns { description?.columns.removeAll { $0.type == nil } }
        if bug == .tellsPartOfKey { description?.primaryKey.removeFirst() }
        return description
    }

    package func signals() async throws -> MarkSignals {
        var signals = try await base.signals()
        if bug == .takesWrongZone { signals.now += 3_600_000_000 }
        return signals
    }

    package func counter(_ column: String, of table: TableName) async throws -> Int64? {
        try await base.counter(column, of: table)
    }

    package func mayHaveRows(_ query: ReadQuery) async throws -> Bool {
        var query = planted(query)
        if bug == .overlooksTies { query.window?.lowerBound += 1 }
        return try await base.mayHaveRows(query)
    }

    private func planted(_ query: ReadQuery) -> ReadQuery {
        var query = query
        if bug == .skipsTies { query.window?.lowerBound += 1 }
        if bug == .overlapsRanges { query.range?.after = nil }
        if bug == .losesRowsWithoutCursor { query.window?.includesNulls = false }
        return query
    }

    package func rows(_ query: ReadQuery, at consistency: ReadConsistency) async throws -> PlantedRows<Base> {
        let query = planted(query)
        var rows = PlantedRows<Base>(base: try await base.rows(query, at: consistency), bug: bug)
        if bug == .queuesEverything || bug == .reordersPages {
            var queue: [ColumnBatch] = []
            for try await batch in rows.base { queue.append(batch) }
            if bug == .reordersPages && queue.count > 2 { queue.swapAt(1, 2) }
            rows.queue = queue
        }
        return rows
    }

    package func endSnapshot() async throws { try await base.endSnapshot() }
}

extension PlantedSession: SendableMetatype where Base: RangedSession {}

extension PlantedSession: RangedSession where Base: RangedSession {
    package func bounds(of table: TableName, by key: [String], every rows: Int) async throws -> [KeyBound]? {
        try await base.bounds(of: table, by: key, every: rows)
    }

    package func withReaders(
        _ count: Int,
        of table: TableName,
        feel: @escaping @Sendable (SourcePressure) async -> Void,
        _ read: @escaping @Sendable (Int, Self, SnapshotAgreement) async throws -> Void
    ) async throws {
        let bug = bug
        try await base.withReaders(count, of: table, feel: feel) { number, reader, agreement in
            try await read(number, PlantedSession(base: reader, bug: bug), agreement)
        }
    }
}

package struct PlantedRows<Base: SourceSession>: AsyncSequence {
    let base: Base.Rows
    let bug: ConnectorBug?
    var queue: [ColumnBatch]?

    package struct AsyncIterator: AsyncIteratorProtocol {
        var base: Base.Rows.AsyncIterator
        let bug: ConnectorBug?
        var queue: [ColumnBatch]?

        package mutating func next(isolation actor: isolated (any Actor)?) async throws -> ColumnBatch? {
            if queue != nil { return queue?.isEmpty ?? true ? nil : queue?.removeFirst() }
            do {
                let batch = try await base.next(isolation: actor)
                return bug == .truncatesMicroseconds ? batch.map(Self.truncated) : batch
            } catch {
                guard bug == .swallowsErrors else { throw error }
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

    package func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(base: base.makeAsyncIterator(), bug: bug, queue: queue)
    }
}
