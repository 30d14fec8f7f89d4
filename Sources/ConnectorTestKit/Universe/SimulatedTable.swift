import ColumnBatches
import SourceConnectors

/// The committed rows of a table, by the values of their key.
struct SimulatedTable: Sendable {
    private(set) var description: TableDescription
    private(set) var names: [String]
    var committed: [[ColumnValue]: [ColumnValue]] = [:]
    /// Values that cannot be represented, by their columns.
    var unrepresentable: [String: Set<ColumnValue>] = [:]
    /// The number that the next row takes, where the cursor is a counter.
    var nextNumber: Int64 = 1

    init(_ description: TableDescription) {
        self.description = description
        names = description.columns.map(\.name)
    }

    mutating func describe(_ description: TableDescription) {
        self.description = description
        names = description.columns.map(\.name)
    }

    /// Adds a column that every row lacks.
    mutating func add(_ column: ColumnDescription) {
        var changed = description
        changed.columns.append(column)
        describe(changed)
        committed = committed.mapValues { $0 + [.null] }
    }

    /// Removes a column.
    mutating func drop(_ column: String) {
        guard let index = names.firstIndex(of: column) else { return }
        var changed = description
        changed.columns.remove(at: index)
        describe(changed)
        for key in committed.keys { committed[key]?.remove(at: index) }
    }

    func key(of row: [ColumnValue]) -> [ColumnValue] {
        description.primaryKey.compactMap { name in names.firstIndex(of: name).map { row[$0] } }
    }

    mutating func write(_ row: [ColumnValue]) { committed[key(of: row)] = row }

    /// The rows as a reader sees them who also sees some changes that are not committed, in order of some columns.
    func rows(uncommitted: [SimulatedChange], order: [String]) -> [[ColumnValue]] {
        var seen = committed
        for change in uncommitted where change.table == description.name { seen[change.key] = change.row }
        let columns = (order + description.primaryKey).compactMap { names.firstIndex(of: $0) }
        return seen.values.sorted { ValueOrder.precedes($0, $1, by: columns) }
    }
}

/// A row as a transaction left it; nil when it removed the row.
struct SimulatedChange: Sendable {
    var table: TableName
    var key: [ColumnValue]
    var row: [ColumnValue]?
}

/// A transaction: what it changed, in order, and since when.
struct SimulatedTransaction: Sendable {
    struct Statement: Sendable {
        var began: Int64
        var table: TableName
        var rows: [[ColumnValue]]
        /// Whether the statement waits for a lock on the table: nothing but its own time tells when it began.
        var isWaiting: Bool
    }

    var changes: [SimulatedChange] = []
    var firstWrite: Int64?
    var statement: Statement?
    var savepoint: Int?

    mutating func write(_ changes: [SimulatedChange], at time: Int64) {
        guard !changes.isEmpty else { return }
        firstWrite = min(firstWrite ?? time, time)
        self.changes += changes
    }
}

/// The order of values, missing ones first.
enum ValueOrder {
    static func precedes(_ left: [ColumnValue], _ right: [ColumnValue], by columns: [Int]) -> Bool {
        for column in columns {
            switch compare(left[column], right[column]) {
            case ..<0: return true
            case 1...: return false
            default: continue
            }
        }
        return false
    }

    /// Less than, equal to or greater than zero.
    static func compare(_ left: ColumnValue, _ right: ColumnValue) -> Int {
        switch (left, right) {
        case (.null, .null): return 0
        case (.null, _): return -1
        case (_, .null): return 1
        case (.string(let one), .string(let other)):
            if one == other { return 0 }
            return one.utf8.lexicographicallyPrecedes(other.utf8) ? -1 : 1
        case (.double(let one), .double(let other)): return one < other ? -1 : one == other ? 0 : 1
        case (.decimal(let one, _), .decimal(let other, _)): return one < other ? -1 : one == other ? 0 : 1
        default:
            guard let one = number(left), let other = number(right) else { return 0 }
            return one < other ? -1 : one == other ? 0 : 1
        }
    }

    private static func number(_ value: ColumnValue) -> Int64? {
        switch value {
        case .integer(let number), .timestamp(let number), .timestampNTZ(let number): number
        case .date(let days): Int64(days)
        case .boolean(let bit): bit ? 1 : 0
        default: nil
        }
    }
}
