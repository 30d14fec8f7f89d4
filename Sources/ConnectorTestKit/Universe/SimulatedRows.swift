public import ColumnBatches
import SourceConnectors
import Synchronization

/// The rows of a query of a simulated database.
public struct SimulatedRows: AsyncSequence {
    let database: SimulatedDatabase
    let query: ReadQuery
    /// The state that is read, or nil when each batch reads what is there when it is asked for.
    let snapshot: SimulatedTable?
    let showsUncommitted: Bool
    let cutAfter: Int?

    /// Begins at the first row.
    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(rows: self) }

    /// Reads batch by batch.
    public struct AsyncIterator: AsyncIteratorProtocol {
        let rows: SimulatedRows
        private var fixed: [[ColumnValue]]?
        private var last: [ColumnValue]?
        private var handedOut = 0

        init(rows: SimulatedRows) {
            self.rows = rows
            fixed = rows.snapshot.map { table in
                Self.select(table.rows(uncommitted: [], order: rows.order), of: table, rows.query)
            }
        }

        /// The next rows, in order of cursor and key unless the query has an order of its own.
        public mutating func next() async throws -> ColumnBatch? {
            if Task.isCancelled { throw CancellationError() }
            let limit = Swift.max(rows.query.batchRows, 1)
            let (page, table) = try rows.database.state.withLock { state in
                guard let table = rows.snapshot ?? state.tables[rows.query.table] else {
                    throw SourceError(.missing, table: rows.query.table, message: "the table is gone")
                }
                let page =
                    fixed.map { Array($0[handedOut..<Swift.min(handedOut + limit, $0.count)]) }
                    ?? livePage(table, state, limit)
                state.rowsHandedOut += page.count
                return (page, table)
            }
            if let cut = rows.cutAfter, handedOut + page.count > cut || page.isEmpty {
                throw SourceError(.interrupted, isTransient: true, message: "the connection broke")
            }
            guard !page.isEmpty else { return nil }
            handedOut += page.count
            last = page.last
            return try Self.batch(page, table, rows.query)
        }

        /// The rows after the last one that was handed out, as they are now.
        private func livePage(_ table: SimulatedTable, _ state: SimulatedState, _ limit: Int)
            -> [[ColumnValue]]
        {
            let uncommitted = rows.showsUncommitted ? state.uncommitted : []
            let all = table.rows(uncommitted: uncommitted, order: rows.order)
            let columns = (rows.order + table.description.primaryKey).compactMap {
                table.names.firstIndex(of: $0)
            }
            let rest = all.filter { row in last.map { ValueOrder.precedes($0, row, by: columns) } ?? true }
            return Array(Self.select(rest, of: table, rows.query).prefix(limit))
        }

        static func select(
            _ rows: [[ColumnValue]],
            of table: SimulatedTable,
            _ query: ReadQuery
        ) -> [[ColumnValue]] {
            let window = query.window.map { window in
                (window, ([window.column] + window.further).compactMap { table.names.firstIndex(of: $0) })
            }
            let filters = query.filters.compactMap { filter in
                table.names.firstIndex(of: filter.column).map { (filter, $0) }
            }
            return rows.filter { row in
                (query.range?.contains(row, of: table) ?? true)
                    && (window.map { $0.contains($1.map { row[$0] }.first { $0 != .null } ?? .null) } ?? true)
                    && filters.allSatisfy { $0.accepts(row[$1]) }
            }
        }

        private static func batch(
            _ rows: [[ColumnValue]],
            _ table: SimulatedTable,
            _ query: ReadQuery
        ) throws -> ColumnBatch {
            var defects: [RowDefect] = []
            let columns = try query.columns.map { field in
                var builder = ColumnBuilder(field.type)
                let index = table.names.firstIndex(of: field.name)
                let refused = table.unrepresentable[field.name] ?? []
                for (position, row) in rows.enumerated() {
                    let value = index.map { row[$0] } ?? .null
                    if refused.contains(value) {
                        defects.append(try refusal(of: field, row: position, query))
                        builder.append(.null)
                    } else {
                        builder.append(value)
                    }
                }
                return builder.finish()
            }
            return ColumnBatch(
                schema: BatchSchema(query.columns),
                columns: columns,
                rowCount: rows.count,
                defects: defects
            )
        }

        /// A value that cannot be represented, where the query sets such rows aside.
        private static func refusal(of field: Field, row: Int, _ query: ReadQuery) throws -> RowDefect {
            let reason = "a value is none that \(field.type) can hold; correct it at the source"
            guard query.setsDefectsAside else {
                throw SourceError(
                    .unrepresentableValue,
                    table: query.table,
                    column: field.name,
                    message: reason
                )
            }
            return RowDefect(row: row, column: field.name, rule: "simulated", reason: reason)
        }
    }

    private var order: [String] {
        query.order.isEmpty ? [query.window?.column].compactMap(\.self) : query.order
    }
}
