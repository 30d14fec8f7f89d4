#if MariaDB
import ColumnBatches
public import SourceConnectors

extension MariaDBSession {
    /// The next number of a counter: that of the table where the server counts the column, else one past the greatest
    /// number that anybody has written, committed or not.
    ///
    /// The table's counter covers numbers that statements have reserved and not written, and stays where it is when the
    /// rows with the greatest numbers are deleted.
    public func counter(_ column: String, of table: TableName) async throws -> Int64? {
        let number = try ownCounter(column, of: table) ?? greatest(column, of: table)
        guard let next = Int64(exactly: number) else {
            throw SourceError(
                .invalid,
                source: source,
                table: table,
                column: column,
                message:
                    "its numbers have passed 9223372036854775807, the greatest that a cursor can have; name a "
                    + "timestamp as the cursor, or null for none"
            )
        }
        return next
    }

    /// The table's own counter; nil where the column has none.
    private func ownCounter(_ column: String, of table: TableName) throws -> Int128? {
        let rows = try control().values(
            """
            SELECT CAST(t.AUTO_INCREMENT AS CHAR) FROM information_schema.TABLES t
            JOIN information_schema.COLUMNS c ON c.TABLE_SCHEMA = t.TABLE_SCHEMA AND c.TABLE_NAME = t.TABLE_NAME
            WHERE t.TABLE_SCHEMA = ? AND t.TABLE_NAME = ? AND c.COLUMN_NAME = ? AND c.EXTRA LIKE '%auto_increment%'
            """,
            [.text(table.database), .text(table.table), .text(column)],
            types: [.string]
        )
        return rows.first.flatMap { Int128($0[0].text) }
    }

    /// One past the greatest number, by the index that starts with the column.
    private func greatest(_ column: String, of table: TableName) throws -> Int128 {
        let name = SelectStatement.quoted(column)
        let rows = try plainConnection().values(
            "\(SelectStatement.prefix)CAST(MAX(\(name)) AS CHAR) FROM \(SelectStatement.quoted(table))",
            types: [.string]
        )
        return (rows.first.flatMap { Int128($0[0].text) } ?? 0) + 1
    }
}
#endif
