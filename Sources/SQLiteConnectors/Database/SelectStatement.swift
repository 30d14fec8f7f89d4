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
            conditions.append(try Self.condition(filter, query.table, &parameters))
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

    private static func condition(_ filter: RowFilter, _ table: TableName, _ parameters: inout [Parameter])
        throws(SourceError) -> String
    {
        let column = quoted(filter.column)
        let count = filter.values.count
        func refuse(_ message: String) -> SourceError {
            SourceError(.invalid, table: table, column: filter.column, message: message)
        }
        for value in filter.values {
            guard let parameter = Parameter(value) else {
                throw refuse("\(value) cannot be compared with; write a text, a number, true or false")
            }
            parameters.append(parameter)
        }
        switch filter.comparison {
        case .isNull, .isNotNull:
            guard count == 0 else { throw refuse("\(filter.comparison.rawValue) takes no value") }
            return filter.comparison == .isNull ? "\(column) IS NULL" : "\(column) IS NOT NULL"
        case .oneOf, .noneOf:
            guard count > 0 else { throw refuse("\(filter.comparison.rawValue) takes at least one value") }
            let places = Array(repeating: "?", count: count).joined(separator: ", ")
            return "\(column) \(filter.comparison == .oneOf ? "IN" : "NOT IN") (\(places))"
        case .equal, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual, .like:
            guard count == 1 else { throw refuse("\(filter.comparison.rawValue) takes one value") }
            return "\(column) \(filter.comparison == .like ? "LIKE" : filter.comparison.rawValue) ?"
        }
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
