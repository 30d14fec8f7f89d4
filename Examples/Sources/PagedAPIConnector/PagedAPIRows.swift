public import ColumnBatches
import Foundation
import SourceConnectors

/// The rows of a query, a page a batch.
public struct PagedAPIRows: AsyncSequence {
    let session: PagedAPISession
    let query: ReadQuery

    private struct Page: Decodable {
        /// Cells as text; numbers and timestamps in digits.
        var rows: [[String?]]
        /// Where the next page begins, or nil after the last one.
        var next: String?
    }

    /// Reads page after page.
    public struct AsyncIterator: AsyncIteratorProtocol {
        let rows: PagedAPIRows
        private var next: String? = ""

        init(rows: PagedAPIRows) {
            self.rows = rows
        }

        /// The next page, or nil after the last one.
        public mutating func next() async throws -> ColumnBatch? {
            while let place = next {
                guard let page = try await rows.session.get(Page.self, rows.path(from: place)) else {
                    throw SourceError(.missing, table: rows.query.table, message: "the API has no such table")
                }
                next = page.next
                if !page.rows.isEmpty { return try rows.batch(page.rows) }
            }
            return nil
        }
    }

    /// Begins at the first page.
    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(rows: self) }

    private func path(from place: String) -> String {
        var path =
            "/tables/\(query.table.table.escaped)/rows?limit=\(Swift.min(Swift.max(query.batchRows, 1), 500))"
        path += "&columns=" + query.columns.map(\.name.escaped).joined(separator: ",")
        path += "&order=" + (query.order.isEmpty ? "cursor" : "key")
        if let window = query.window { path += "&since=\(window.lowerBound)&nulls=\(window.includesNulls)" }
        return path + (place.isEmpty ? "" : "&after=" + place.escaped)
    }

    private func batch(_ rows: [[String?]]) throws -> ColumnBatch {
        var builders = query.columns.map { ColumnBuilder($0.type) }
        for row in rows {
            guard row.count == builders.count else {
                throw SourceError(
                    .server,
                    table: query.table,
                    message: "the API sent a row of \(row.count) cells"
                )
            }
            for (index, cell) in row.enumerated() {
                builders[index].append(try value(cell, query.columns[index]))
            }
        }
        let columns = builders.indices.map { builders[$0].finish() }
        return ColumnBatch(schema: BatchSchema(query.columns), columns: columns, rowCount: rows.count)
    }

    private func value(_ cell: String?, _ field: Field) throws -> ColumnValue {
        guard let cell else { return .null }
        if field.type == .string { return .string(cell) }
        guard let number = Int64(cell) else {
            throw SourceError(
                .unrepresentableValue,
                table: query.table,
                column: field.name,
                message: "the API sent no number"
            )
        }
        return field.type == .timestamp ? .timestamp(number) : .integer(number)
    }
}
