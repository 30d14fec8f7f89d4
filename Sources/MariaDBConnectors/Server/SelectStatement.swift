#if MariaDB
import ColumnBatches
import SourceConnectors

/// The statement of a query, and the values to bind to it.
struct SelectStatement: Sendable, Hashable {
    /// Begins every statement that reads rows; signals tell by it that a statement is a read of this program.
    static let prefix = "SELECT /* tributary */ "

    /// What is asked about the rows of a query.
    enum Question: Sendable, Hashable {
        /// The rows themselves.
        case rows
        /// The digests of buckets that they are spread over.
        case digests(BucketRule)
        /// Whether there are any.
        case existence
    }

    /// The text, with placeholders for values and every name quoted.
    let sql: String
    /// The values, in the order of the placeholders.
    let parameters: [Parameter]

    /// Makes the statement of a question about the rows of a query.
    ///
    /// - Parameters:
    ///   - query: What to read.
    ///   - question: What is asked.
    ///   - text: How the server computes the text of rows, where buckets are selected or digested.
    ///   - keys: How the columns of the table are compared, where a range is read.
    /// - Throws: `SourceError` with code `invalid` when the query cannot be put as a statement.
    init(
        _ query: ReadQuery,
        asks question: Question = .rows,
        text: RowTextSQL = RowTextSQL(types: [:]),
        keys: KeySQL? = nil
    ) throws(SourceError) {
        guard !query.columns.isEmpty else {
            throw SourceError(.invalid, table: query.table, message: "a query must name at least one column")
        }
        var parameters: [Parameter] = []
        var conditions: [String] = []
        // A second table may have columns of the same names.
        let alias = if case .gone = query.versions { Self.historyAlias } else { "" }
        var from = " FROM \(Self.quoted(query.table))"
        if query.versions.history != nil { from += " FOR SYSTEM_TIME ALL" }
        if case .gone(_, let keys) = query.versions {
            from += " AS \(Self.historyName)" + (try Self.join(query, keys, &parameters))
            conditions += keys.prefix(1).map { "\(Self.currentAlias)\(Self.quoted($0)) IS NULL" }
        }
        if let window = query.window {
            conditions.append(
                try Self.condition(window, query.table, &parameters) { alias + Self.name($0, in: query) }
            )
            if query.versions.history != nil {
                conditions.append("\(alias)\(Self.quoted(window.column)) < \(Self.endOfTime)")
            }
        }
        if let range = query.range, range.after != nil || range.through != nil {
            guard let keys else {
                throw SourceError(
                    .invalid,
                    table: query.table,
                    message: "nothing tells how the key is compared"
                )
            }
            conditions.append(try keys.condition(range, &parameters))
        }
        for filter in query.filters {
            conditions.append(try Self.condition(filter, query.table, alias, &parameters))
        }
        if let buckets = query.buckets, !buckets.numbers.isEmpty {
            let numbers = buckets.numbers.map(String.init).joined(separator: ", ")
            conditions.append("\(text.bucket(buckets.rule, query.columns)) IN (\(numbers))")
        }
        if !conditions.isEmpty { from += " WHERE " + conditions.joined(separator: " AND ") }
        var sql = Self.prefix
        switch question {
        case .digests(let rule): sql += text.digests(rule, query.columns, from)
        case .existence: sql += "EXISTS(SELECT 1\(from))"
        case .rows:
            sql +=
                query.columns.map { alias + Self.selected($0.name, in: query) }.joined(separator: ", ") + from
            if !query.order.isEmpty {
                sql += " ORDER BY " + query.order.map(Self.quoted).joined(separator: ", ")
            }
        }
        self.sql = sql
        self.parameters = parameters
    }

    /// A column's name in backticks, or the expression that is read under it.
    private static func name(_ column: String, in query: ReadQuery) -> String {
        if let computed = query.computed, computed.column == column { return computed.column }
        return quoted(column)
    }

    /// What is selected for a column; the value of an expression as a time of one type, whatever it is made of.
    private static func selected(_ column: String, in query: ReadQuery) -> String {
        if let computed = query.computed, computed.column == column {
            return "CAST(\(computed.column) AS DATETIME(6))"
        }
        return quoted(column)
    }

    /// A name in backticks.
    static func quoted(_ name: String) -> String {
        "`" + name.split(separator: "`", omittingEmptySubsequences: false).joined(separator: "``") + "`"
    }

    /// A table's name, each part in backticks.
    static func quoted(_ table: TableName) -> String {
        quoted(table.database) + "." + quoted(table.table)
    }

    /// The condition of a filter.
    static func condition(
        _ filter: RowFilter,
        _ table: TableName,
        _ alias: String,
        _ parameters: inout [Parameter]
    ) throws(SourceError) -> String {
        try filter.sql(
            column: alias + quoted(filter.column),
            in: table,
            hint: "for a missing value use isNull"
        ) { value in
            guard let parameter = Parameter(value) else { return false }
            parameters.append(parameter)
            return true
        }
    }

    /// A zero date is no value either; it is part of the window, for the reader to refuse or to read as missing.
    private static func condition(
        _ window: CursorWindow,
        _ table: TableName,
        _ parameters: inout [Parameter],
        name: (String) -> String
    ) throws(SourceError) -> String {
        let bound: Parameter
        let isTime: Bool
        switch window.type {
        case .timestamp, .timestampNTZ:
            guard CalendarTime(microseconds: window.lowerBound) != nil else {
                throw SourceError(
                    .invalid,
                    table: table,
                    column: window.column,
                    message: "the window's bound lies outside the years 1 to 9999"
                )
            }
            bound = .dateTime(window.lowerBound)
            isTime = true
        case let type where type.isCounter:
            bound = .integer(window.lowerBound)
            isTime = false
        default:
            throw SourceError(
                .invalid,
                table: table,
                column: window.column,
                message: "a window cannot be put on a column of type \(window.type)"
            )
        }
        let columns = ([window.column] + window.further).map(name)
        parameters += columns.map { _ in bound }
        // The last column first: where one is null, the next one counts. Written out, an index on the first one serves.
        var condition = ""
        for column in columns.reversed() {
            let rest = condition.isEmpty ? nil : condition
            let zero = isTime && window.includesNulls ? " OR \(column) = '0000-00-00 00:00:00'" : ""
            if let rest {
                condition = "(\(column) >= ? OR (\(column) IS NULL AND \(rest))\(zero))"
            } else {
                condition =
                    window.includesNulls ? "(\(column) >= ? OR \(column) IS NULL\(zero))" : "\(column) >= ?"
            }
        }
        return condition
    }
}

extension Parameter {
    /// The value as it is bound; nil for a missing one, and for one that no column of a server holds.
    init?(_ value: ColumnValue) {
        switch value {
        case .null, .time, .list, .structure, .map: return nil
        case .unsigned(let number): self = .text(String(number))
        case .boolean(let bit): self = .integer(bit ? 1 : 0)
        case .integer(let number): self = .integer(number)
        case .decimal(let unscaled, let scale): self = .text(Self.text(unscaled, scale: scale))
        case .float(let number): self = .double(Double(number))
        case .double(let number): self = .double(number)
        case .date(let days): self = .date(days)
        case .timestamp(let time), .timestampNTZ(let time): self = .dateTime(time)
        case .string(let text): self = .text(text)
        case .binary(let bytes): self = .bytes(bytes)
        }
    }

    private static func text(_ unscaled: Int128, scale: Int) -> String {
        var digits = String(unscaled.magnitude)
        guard scale > 0 else { return (unscaled < 0 ? "-" : "") + digits }
        if digits.count <= scale { digits = String(repeating: "0", count: scale + 1 - digits.count) + digits }
        return (unscaled < 0 ? "-" : "") + digits.dropLast(scale) + "." + digits.suffix(scale)
    }
}
#endif
