#if MariaDB
import ColumnBatches
public import SourceConnectors

extension MariaDBSession {
    /// The places that cut a table into ranges of about as many rows, the last of them at the greatest key.
    ///
    /// Where one whole number is the key and few numbers are missing, the ranges have as many numbers; the table is not
    /// touched. Every other key is walked along its index, once. Nil comes back for a key that begins with an
    /// enumeration, a set, a bit field, a floating point number or a long text, and where the table has none.
    public func bounds(of table: TableName, by key: [String], every rows: Int) async throws -> [KeyBound]? {
        let sql = try keySQL(of: table)
        let columns = sql.columns(of: key)
        guard !columns.isEmpty else { return nil }
        func row(
            _ rest: String,
            in range: KeyRange? = nil,
            on connection: ServerConnection
        ) throws -> KeyBound? {
            try located(table) {
                var parameters: [Parameter] = []
                let condition = try range.map { " WHERE " + (try sql.condition($0, &parameters)) } ?? ""
                let from = " FROM \(SelectStatement.quoted(table))"
                let text = SelectStatement.prefix + sql.selection(columns) + from + condition + rest
                let rows = try connection.values(text, parameters, types: columns.map { _ in .string })
                return rows.first.map { KeyBound($0.map(\.text)) }
            }
        }
        let names = columns.map(SelectStatement.quoted)
        let ascending = " ORDER BY " + names.joined(separator: ", ")
        let descending = " ORDER BY " + names.map { $0 + " DESC" }.joined(separator: ", ")
        let greatest = try row(descending + " LIMIT 1", on: try plainConnection())
        // A row that an open transaction has removed is still there when that one is rolled back.
        let beyond = try row(
            descending + " LIMIT 1",
            in: greatest.map { KeyRange(key: columns, after: $0) },
            on: try committedConnection()
        )
        guard let last = beyond ?? greatest else { return [] }
        let step = max(rows, 1)
        if columns.count == 1, key.count == 1, sql[columns[0]] == .integer || sql[columns[0]] == .unsigned,
            let first = try row(ascending + " LIMIT 1", on: try plainConnection()),
            let bounds = Self.bounds(from: first, to: last, every: step, rows: try estimatedRows(of: table))
        {
            return bounds
        }
        var bounds: [KeyBound] = []
        while true {
            try Task.checkCancellation()
            let range = KeyRange(key: columns, after: bounds.last, through: last)
            let next = try row(
                "\(ascending) LIMIT 1 OFFSET \(step - 1)",
                in: range,
                on: try plainConnection()
            )
            guard let next, next != last else { return bounds + [last] }
            bounds.append(next)
        }
    }

    /// Bounds at equal distances between two whole numbers; nil where most numbers would be missing.
    static func bounds(from first: KeyBound, to last: KeyBound, every step: Int, rows: Int?) -> [KeyBound]? {
        guard let low = first.values.first.flatMap({ Int128($0) }),
            let high = last.values.first.flatMap({ Int128($0) }),
            high - low <= Int128(max(rows ?? 0, step)) * 8
        else { return nil }
        return stride(from: low + Int128(step) - 1, to: high, by: step).map { KeyBound(["\($0)"]) } + [last]
    }

    private func estimatedRows(of table: TableName) throws -> Int? {
        try control().values(
            "SELECT CAST(TABLE_ROWS AS SIGNED) FROM information_schema.TABLES WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ?",
            [.text(table.database), .text(table.table)],
            types: [.int64]
        ).first?[0].integer.map { Int($0) }
    }

    /// How the columns of a table are compared; asked for once a session.
    func keySQL(of table: TableName) throws -> KeySQL {
        if let known = knownKeys[table] { return known }
        let rows = try control().values(
            KeySQL.columnsStatement,
            [.text(table.database), .text(table.table)],
            types: KeySQL.columnTypes
        )
        let sql = KeySQL(rows, of: table)
        knownKeys[table] = sql
        return sql
    }

    private func located<Value>(_ table: TableName, _ body: () throws -> Value) throws -> Value {
        do {
            return try body()
        } catch var error as SourceError {
            error.source = source
            error.table = table
            throw error
        }
    }
}
#endif
