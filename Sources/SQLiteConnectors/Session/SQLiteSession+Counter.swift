#if SQLite
public import SourceConnectors

extension SQLiteSession {
    /// One past the greatest number that an `AUTOINCREMENT` key has had in a committed row.
    ///
    /// There is one writer at a time: what is not committed took its numbers after that.
    public func counter(_ column: String, of table: TableName) async throws -> Int64? {
        let database = try file(table.database).reading()
        guard let catalogue = try Catalogue(database, table.table), catalogue.counter == column else {
            return nil
        }
        let row = try Statement(
            "SELECT seq FROM sqlite_sequence WHERE name = ? COLLATE NOCASE",
            [.text(table.table)],
            on: database
        )
        guard try row.step() else { return 1 }
        // At the greatest number there is, no further row can be inserted.
        let (next, isLast) = row.integer(0).addingReportingOverflow(1)
        return isLast ? .max : next
    }
}
#endif
