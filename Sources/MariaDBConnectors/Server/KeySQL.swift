#if MariaDB
import ColumnBatches
import SourceConnectors

/// How the columns of a table are compared with the places of a key, and how such places are read.
///
/// A place is kept as text: numbers and times as the server writes them, characters and bytes in hexadecimal, as they
/// are stored. Bound again they take the column's own type, character set and collation, so that the server compares
/// them as it orders the index, whatever connection asks.
struct KeySQL: Sendable, Hashable {
    /// How one column is compared.
    enum Form: Sendable, Hashable {
        case integer
        case unsigned
        /// A type that text is cast to, such as `DATETIME(6)`.
        case cast(String)
        case bytes
        case text(characterSet: String, collation: String)
    }

    /// The forms by column; columns that no range can be put on are missing.
    private var forms: [String: Form] = [:]
    private let table: TableName

    /// Takes the rows of `columnsStatement`.
    init(_ rows: [[ColumnValue]], of table: TableName) {
        self.table = table
        for row in rows { forms[row[0].text] = Form(row) }
    }

    /// Asks for name, type, declaration, character set, collation, and digits of each column of a table.
    static let columnsStatement = """
        SELECT COLUMN_NAME, DATA_TYPE, CAST(COLUMN_TYPE AS CHAR), COALESCE(CHARACTER_SET_NAME, ''),
            COALESCE(COLLATION_NAME, ''), CAST(COALESCE(DATETIME_PRECISION, 0) AS SIGNED),
            CAST(COALESCE(NUMERIC_PRECISION, 0) AS SIGNED), CAST(COALESCE(NUMERIC_SCALE, 0) AS SIGNED)
        FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ?
        """

    /// The types of the columns that `columnsStatement` returns.
    static let columnTypes: [ColumnType] = [
        .string, .string, .string, .string, .string, .int64, .int64, .int64,
    ]

    /// The columns of a key that ranges can be put on: all of them, or those that come first.
    func columns(of key: [String]) -> [String] { Array(key.prefix { forms[$0] != nil }) }

    /// The form of a column.
    subscript(column: String) -> Form? { forms[column] }

    /// What a statement selects to read the place of a row.
    func selection(_ columns: [String]) -> String {
        columns.map { column in
            let name = SelectStatement.quoted(column)
            switch forms[column] {
            case .bytes, .text: return "HEX(\(name))"
            default: return "CAST(\(name) AS CHAR)"
            }
        }.joined(separator: ", ")
    }

    /// The condition of a range.
    ///
    /// - Throws: `SourceError` with code `invalid` when a place does not suit the columns.
    func condition(_ range: KeyRange, _ parameters: inout [Parameter]) throws(SourceError) -> String {
        let columns = columns(of: range.key)
        var conditions: [String] = []
        if let after = range.after {
            conditions.append(
                try compare(columns[...], after.values[...], ">", isIncluded: false, &parameters)
            )
        }
        if let through = range.through {
            conditions.append(
                try compare(columns[...], through.values[...], "<", isIncluded: true, &parameters)
            )
        }
        return conditions.joined(separator: " AND ")
    }

    /// Compares column by column: the server finds the range of an index in this form, not in that of rows.
    private func compare(
        _ columns: ArraySlice<String>,
        _ values: ArraySlice<String>,
        _ sign: String,
        isIncluded: Bool,
        _ parameters: inout [Parameter]
    ) throws(SourceError) -> String {
        guard let column = columns.first, let value = values.first, let form = forms[column],
            columns.count == values.count, let parameter = form.parameter(value)
        else {
            throw SourceError(
                .invalid,
                table: table,
                column: columns.first,
                message: "a place in the key's order does not suit the key; make the ranges again"
            )
        }
        let name = SelectStatement.quoted(column)
        parameters.append(parameter)
        guard columns.count > 1 else { return "\(name) \(sign)\(isIncluded ? "=" : "") \(form.placeholder)" }
        parameters.append(parameter)
        let rest = try compare(
            columns.dropFirst(),
            values.dropFirst(),
            sign,
            isIncluded: isIncluded,
            &parameters
        )
        return "(\(name) \(sign) \(form.placeholder) OR (\(name) = \(form.placeholder) AND \(rest)))"
    }
}

extension KeySQL.Form {
    /// The form of a column, or nil when the order of its index is not that of comparisons with a value.
    fileprivate init?(_ row: [ColumnValue]) {
        func count(_ index: Int) -> Int64 { row[index].integer ?? 0 }
        switch row[1].text.lowercased() {
        case "tinyint", "smallint", "mediumint", "int", "bigint":
            self = row[2].text.lowercased().contains("unsigned") ? .unsigned : .integer
        case "year": self = .integer
        case "decimal": self = .cast("DECIMAL(\(count(6)),\(count(7)))")
        case "date": self = .cast("DATE")
        case "datetime", "timestamp": self = .cast("DATETIME(\(count(5)))")
        case "time": self = .cast("TIME(\(count(5)))")
        case "uuid": self = .cast("UUID")
        case "inet4": self = .cast("INET4")
        case "inet6": self = .cast("INET6")
        case "binary", "varbinary": self = .bytes
        case "char", "varchar":
            let names = (row[3].text, row[4].text)
            guard Self.isName(names.0), Self.isName(names.1) else { return nil }
            self = .text(characterSet: names.0, collation: names.1)
        // An enumeration is ordered by number and compared as text; a long text is indexed in part.
        default: return nil
        }
    }

    /// Whether a text is the name of a character set or a collation, and so may stand in a statement as it is.
    private static func isName(_ text: String) -> Bool {
        !text.isEmpty
            && text.utf8.allSatisfy { byte in
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                    || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || byte == UInt8(ascii: "_")
            }
    }

    /// What stands for a value in a statement.
    var placeholder: String {
        switch self {
        case .integer, .bytes: "?"
        case .unsigned: "CAST(? AS UNSIGNED)"
        case .cast(let type): "CAST(? AS \(type))"
        case .text(let characterSet, let collation): "CONVERT(? USING \(characterSet)) COLLATE \(collation)"
        }
    }

    /// The value of a place as it is bound, or nil when it is none of this form.
    func parameter(_ text: String) -> Parameter? {
        switch self {
        case .integer: Int64(text).map(Parameter.integer)
        case .unsigned: UInt64(text).map { .text(String($0)) }
        case .cast: .text(text)
        case .bytes, .text: Self.bytes(text).map(Parameter.bytes)
        }
    }

    private static func bytes(_ hexadecimal: String) -> [UInt8]? {
        let digits = Array(hexadecimal.utf8)
        guard digits.count.isMultiple(of: 2) else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(digits.count / 2)
        for index in stride(from: 0, to: digits.count, by: 2) {
            guard let high = digit(digits[index]), let low = digit(digits[index + 1]) else { return nil }
            bytes.append(high << 4 | low)
        }
        return bytes
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        default: nil
        }
    }
}
#endif
