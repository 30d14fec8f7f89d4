package import DeltaLog

extension DeltaTable {
    /// The rows of files that are written for a table, whether a commit names them or not.
    ///
    /// - Parameters:
    ///   - files: The files.
    ///   - snapshot: The state of the table whose columns they have.
    ///   - columns: These columns, in this order.
    /// - Returns: The rows, read as they are asked for.
    /// - Throws: `DeltaTableError` when the table has a column of a type that is not supported.
    package func rows(in files: [AddFile], of snapshot: Snapshot, columns: [String]) throws -> TableRows {
        TableRows(
            store: store,
            table: path,
            schema: try schema(of: snapshot),
            files: files,
            columns: columns,
            predicate: nil,
            batchRows: 65_536
        )
    }
}
