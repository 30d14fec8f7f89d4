#if MariaDB
import ColumnBatches
public import SourceConnectors

extension MariaDBSession {
    /// Has the server look at an expression, without reading a row, and refuses one that is no time.
    public func candidate(for expression: CursorExpression, of table: TableName) async throws
        -> CursorCandidate?
    {
        let from = " FROM \(SelectStatement.quoted(table)) LIMIT 0"
        let statement = SelectStatement.prefix + expression.column + from
        do {
            // The server's metadata tells TIMESTAMP from DATETIME; both are times in the session's zone, UTC.
            do {
                _ = try plainConnection().values(statement, types: [.timestampNTZ])
            } catch let error as SourceError where error.serverCode == nil && error.code == .unsupportedType {
                // A result of another type has ended its connection.
                _ = try plainConnection().values(statement, types: [.timestamp])
            }
        } catch var error as SourceError {
            error.source = source
            error.table = table
            guard !error.isTransient, error.serverCode != nil || error.code == .unsupportedType else {
                throw error
            }
            error.message =
                error.serverCode == nil
                ? "the cursor's expression \"\(expression.text)\" is no TIMESTAMP or DATETIME; write one that is, by a CAST "
                    + "where it must be"
                : "the server refuses the cursor's expression \"\(expression.text)\": \(error.message)"
            throw error
        }
        return CursorCandidate(
            column: expression.column,
            type: expression.type,
            // The digits of the result say nothing of those that its parts keep: whole seconds hold for all.
            fractionalDigits: 0,
            isIndexed: false,
            isServerSet: false,
            isAutomatic: false,
            expression: expression
        )
    }
}
#endif
