public import ColumnBatches
public import DeltaLog
import ObjectStores

/// The rows of a snapshot as batches, one row group at a time, file after file.
public struct TableRows: AsyncSequence, Sendable {
    let store: any ObjectStore
    let table: String
    let schema: TableSchema
    let files: [AddFile]
    let columns: [String]

    /// Reads the batches in turn.
    public struct AsyncIterator: AsyncIteratorProtocol {
        let rows: TableRows
        var nextFile = 0
        var reader: DataFileReader?
        var nextGroup = 0

        /// The next row group, or nil at the end.
        public mutating func next() async throws -> ColumnBatch? {
            while true {
                if let reader, nextGroup < reader.rowGroupCount {
                    try Task.checkCancellation()
                    nextGroup += 1
                    return try await reader.rows(ofGroup: nextGroup - 1, columns: rows.columns)
                }
                guard nextFile < rows.files.count else { return nil }
                let file = rows.files[nextFile]
                reader = try await DataFileReader(file, of: rows.table, schema: rows.schema, in: rows.store)
                nextFile += 1
                nextGroup = 0
            }
        }
    }

    /// Starts at the first file.
    public func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(rows: self)
    }
}

extension DeltaTable {
    /// The rows of a snapshot.
    ///
    /// - Parameters:
    ///   - snapshot: The state to read.
    ///   - partition: Only rows of this partition; nil reads all.
    ///   - columns: Only these columns, in this order; nil reads all in the order of the table.
    /// - Returns: The rows, read as they are asked for.
    /// - Throws: `DeltaTableError` when the table has no such column, or one of a type that is not supported.
    public func rows(
        of snapshot: Snapshot,
        partition: [String: String?]? = nil,
        columns: [String]? = nil
    ) throws -> TableRows {
        let schema = try schema(of: snapshot)
        let names = columns ?? schema.fields.map(\.name)
        if let unknown = names.first(where: { schema.field($0) == nil }) {
            throw DeltaTableError(
                .schemaMismatch,
                table: path,
                column: unknown,
                message: "the table has no such column"
            )
        }
        let files = partition.map { snapshot.files(inPartition: $0) } ?? snapshot.files
        return TableRows(store: store, table: path, schema: schema, files: files, columns: names)
    }
}
