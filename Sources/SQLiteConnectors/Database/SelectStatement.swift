#if SQLite
import ColumnBatches
import SourceConnectors

/// The statement of a query, and the values to bind to it.
struct SelectStatement: Sendable {
    /// The text, with placeholders for values and every name quoted.
    let sql: String
    /// The values, in the order of the placeholders.
    let parameters: [Parameter]
    /// The bound that the reader checks exactly, on the last column of the statement; nil where there is none.
    let bound: (window: CursorWindow, instants: InstantReader)?

    /// Makes the statement of a query.
    ///
    /// - Throws: `SourceError` with code `invalid` when the query cannot be put as a statement.
    init(_ query: ReadQuery, cursor declared: DeclaredType?) throws(SourceError) {
        guard !query.columns.isEmpty else {
            throw SourceError(.invalid, table: query.table, message: "a query must name at least one column")
        }
        var parameters: [Parameter] = []
        var conditions: [String] = []
        var columns = query.columns.map { Self.quoted($0.name) }
        var bound: (CursorWindow, InstantReader)?
        if let window = query.window {
            let name = Self.quoted(window.column)
            let condition: String
            switch window.type {
            case .timestamp, .timestampNTZ:
                let instants = InstantReader(
                    declared ?? DeclaredType(nil),
                    window.type,
                    query.policies[window.column]
                )
                condition = instants.condition(name, from: window.lowerBound, &parameters)
                columns.append(name)
                bound = (window, instants)
            case .int8, .int16, .int32, .int64:
                parameters.append(.integer(window.lowerBound))
                condition = "\(name) >= ?"
            default:
                throw SourceError(
                    .invalid,
                    table: query.table,
                    column: window.column,
                    message: "a window cannot be put on a column of type \(window.type)"
                )
            }
            conditions.append("(\(condition)" + (window.includesNulls ? " OR \(name) IS NULL)" : ")"))
        }
        for filter in query.filters {
            let condition = try filter.sql(
                column: Self.quoted(filter.column),
                in: query.table,
                hint: "write a text, a number, true or false"
            ) { value in
                guard let parameter = Parameter(value) else { return false }
                parameters.append(parameter)
                return true
            }
            conditions.append(condition)
        }
        var sql = "SELECT \(columns.joined(separator: ", ")) FROM \(Self.quoted(query.table.table))"
        if !conditions.isEmpty { sql += " WHERE " + conditions.joined(separator: " AND ") }
        if !query.order.isEmpty { sql += " ORDER BY " + query.order.map(Self.quoted).joined(separator: ", ") }
        self.sql = sql
        self.parameters = parameters
        self.bound = bound
    }

    /// A name in backticks, which, other than quotes, never make it a text where there is no such column.
    static func quoted(_ name: String) -> String {
        "`" + name.split(separator: "`", omittingEmptySubsequences: false).joined(separator: "``") + "`"
    }
}

extension Parameter {
    /// The value as it is bound; nil for one that SQLite has no type for.
    init?(_ value: ColumnValue) {
        switch value {
        case .string(let text): self = .text(text)
        case .integer(let number): self = .integer(number)
        case .boolean(let bit): self = .integer(bit ? 1 : 0)
        case .double(let number): self = .double(number)
        case .float(let number): self = .double(Double(number))
        case .date(let days): self = .text(TimeText.day(of: Int64(days) * 86_400_000_000))
        default: return nil
        }
    }
}
#endif
