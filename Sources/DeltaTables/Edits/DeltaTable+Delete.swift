public import DeltaLog

extension DeltaTable {
    /// Deletes the rows for which a predicate is true.
    ///
    /// A file whose rows all go is removed. Of another one the rows are marked in a deletion vector where the table has
    /// `delta.enableDeletionVectors`, else the file is written anew without them.
    ///
    /// - Returns: The version and the number of rows; the present version and 0 when there is no such row.
    /// - Throws: `DeltaLogError` with a conflict when another commit touched the same rows.
    public func delete(where predicate: Predicate) async throws -> (version: TableVersion, rowCount: Int) {
        let snapshot = try await snapshot()
        var edit = RowEdit(self, snapshot, operation: "DELETE", reading: predicate)
        return try await edit.perform { edit throws in
            try await edit.removeRows(where: predicate)
            edit.note("numDeletedRows", edit.removedRows)
        }
    }
}
