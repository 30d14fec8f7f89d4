#if MariaDB
import ColumnBatches
import SourceConnectors

/// Statements about the history of a system-versioned table.
extension SelectStatement {
    /// The history, and the rows that hold, where both are read.
    static let historyName = "tributary_history"
    static let historyAlias = historyName + "."
    static let currentAlias = "tributary_current."

    /// Lies past the end of every version that has ended, and not past that of those that hold, which is the last instant
    /// that the server's TIMESTAMP has: in 2106, or with older servers in 2038.
    static let endOfTime = "COALESCE(FROM_UNIXTIME(4294967295), FROM_UNIXTIME(2147483647))"

    /// Joins the row that holds with the key of one that has ended.
    ///
    /// A join, and no subquery, so that the server looks each key up and never goes through the whole table. Texts are
    /// compared by their bytes as well: a key that was changed to one which only its collation takes for the same is gone.
    static func join(
        _ query: ReadQuery,
        _ keys: [String],
        _ parameters: inout [Parameter]
    ) throws(SourceError) -> String {
        var conditions: [String] = []
        for key in keys {
            let names = (currentAlias + quoted(key), historyAlias + quoted(key))
            conditions.append("\(names.0) = \(names.1)")
            if query.columns.first(where: { $0.name == key })?.type == .string {
                conditions.append("CAST(\(names.0) AS BINARY) = CAST(\(names.1) AS BINARY)")
            }
        }
        for filter in query.filters {
            conditions.append(try condition(filter, query.table, currentAlias, &parameters))
        }
        return " LEFT JOIN \(quoted(query.table)) AS \(currentAlias.dropLast()) ON "
            + conditions.joined(separator: " AND ")
    }
}
#endif
