public import ColumnBatches
public import SourceConnectors

/// The table that the kit reads and writes: a key of two columns, a text, a number, and a cursor.
///
/// Checks of odd names give other names; a test bed makes the table as it is described here.
public struct TestTable: Sendable, Hashable {
    /// The table.
    public var name: TableName
    /// The first key column: text, never missing.
    public var section = "section"
    /// The second key column: a 64-bit integer, never missing.
    public var number = "number"
    /// A text that may be missing.
    public var label = "label"
    /// A 64-bit integer that may be missing.
    public var amount = "amount"
    /// The cursor: set by the source whenever a row is inserted or changed; may be missing.
    public var cursor = "changed_at"
    /// The cursor's type: `timestamp`, `timestampNTZ`, or `int64` for a counter.
    public var cursorType: ColumnType = .timestamp

    /// Makes a table with the usual names, in a database whose name no other table of the kit has.
    public init() {
        let number = UInt64.random(in: .min ... .max)
        name = TableName(database: "kit_\(String(number, radix: 36))", table: "records")
    }

    /// The columns in the order of the table.
    public var fields: [Field] {
        [
            Field(section, .string), Field(number, .int64), Field(label, .string), Field(amount, .int64),
            Field(cursor, cursorType),
        ]
    }

    /// The columns of the key, in key order.
    public var keys: [String] { [section, number] }

    /// The values of a row, in the order of `fields`.
    public func values(of row: StoredRow) -> [ColumnValue] {
        [
            .string(row.key.section), .integer(row.key.number), row.label.map { .string($0) } ?? .null,
            row.amount.map { .integer($0) } ?? .null, cursorValue(row.cursor),
        ]
    }

    func cursorValue(_ cursor: Int64?) -> ColumnValue {
        guard let cursor else { return .null }
        return switch cursorType {
        case .timestamp: .timestamp(cursor)
        case .timestampNTZ: .timestampNTZ(cursor)
        default: .integer(cursor)
        }
    }

    /// The row of some values in the order of `fields`, or nil when its key is not whole.
    func row(_ values: [ColumnValue]) -> StoredRow? {
        guard values.count == 5, case .string(let section) = values[0], case .integer(let number) = values[1]
        else { return nil }
        var row = StoredRow(key: RowKey(section, number))
        if case .string(let text) = values[2] { row.label = text }
        if case .integer(let amount) = values[3] { row.amount = amount }
        switch values[4] {
        case .timestamp(let cursor), .timestampNTZ(let cursor), .integer(let cursor): row.cursor = cursor
        default: break
        }
        return row
    }
}

/// What identifies a row of the kit's table.
public struct RowKey: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// The first key column.
    public var section: String
    /// The second key column.
    public var number: Int64

    /// Makes a key.
    public init(_ section: String, _ number: Int64) {
        self.section = section
        self.number = number
    }

    /// By section, then by number.
    public static func < (left: RowKey, right: RowKey) -> Bool {
        left.section == right.section
            ? left.number < right.number
            : left.section.utf8.lexicographicallyPrecedes(right.section.utf8)
    }

    /// `a/7`.
    public var description: String { "\(section)/\(number)" }
}

/// A row that the kit writes; the source sets the cursor.
public struct TestRow: Sendable, Hashable, CustomStringConvertible {
    /// What identifies the row.
    public var key: RowKey
    /// The text, or nil when it is missing.
    public var label: String?
    /// The number, or nil when it is missing.
    public var amount: Int64?
    /// Whether the row gets a cursor value; without one the column is left missing.
    public var hasCursor = true

    /// Makes a row.
    public init(_ key: RowKey, label: String?, amount: Int64? = nil, hasCursor: Bool = true) {
        self.key = key
        self.label = label
        self.amount = amount
        self.hasCursor = hasCursor
    }

    /// The key, the text, and whether there is no cursor.
    public var description: String {
        "\(key)=\(label ?? "∅")" + (hasCursor ? "" : " without cursor")
    }
}

/// A row as the source holds it.
public struct StoredRow: Sendable, Hashable, CustomStringConvertible {
    /// What identifies the row.
    public var key: RowKey
    /// The text.
    public var label: String?
    /// The number.
    public var amount: Int64?
    /// The cursor in microseconds since 1970-01-01T00:00:00, or the number of a counter; nil when it is missing.
    public var cursor: Int64?

    /// Makes a row.
    public init(key: RowKey, label: String? = nil, amount: Int64? = nil, cursor: Int64? = nil) {
        self.key = key
        self.label = label
        self.amount = amount
        self.cursor = cursor
    }

    /// The key, the values and the cursor.
    public var description: String {
        "\(key)=\(label ?? "∅"),\(amount.map(String.init) ?? "∅") at \(cursor.map(String.init) ?? "∅")"
    }
}
