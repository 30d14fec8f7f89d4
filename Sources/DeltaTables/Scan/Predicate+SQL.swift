import ColumnBatches

extension Predicate {
    /// The predicate as the history shows it, in SQL.
    var sql: String {
        switch self {
        case .compare(let column, let comparison, let value):
            return "\(Self.name(column)) \(comparison.sql) \(Self.literal(value))"
        case .isNull(let column): return "\(Self.name(column)) IS NULL"
        case .isIn(let column, let values):
            return "\(Self.name(column)) IN (\(values.map { Self.literal($0) }.joined(separator: ", ")))"
        case .and(let parts): return Self.joined(parts, "AND", empty: "true")
        case .or(let parts): return Self.joined(parts, "OR", empty: "false")
        case .not(.isNull(let column)): return "\(Self.name(column)) IS NOT NULL"
        case .not(let part): return "NOT (\(part.sql))"
        }
    }

    private static func joined(_ parts: [Predicate], _ word: String, empty: String) -> String {
        parts.isEmpty ? empty : parts.map { "(\($0.sql))" }.joined(separator: " \(word) ")
    }

    private static func name(_ column: String) -> String {
        let isPlain = column.utf8.allSatisfy {
            (97...122).contains($0) || (65...90).contains($0) || (48...57).contains($0) || $0 == 95
        }
        return isPlain
            ? column
            : "`"
                + column.split(separator: "`", omittingEmptySubsequences: false)
                .joined(separator: "``") + "`"
    }

    private static func literal(_ value: ColumnValue) -> String {
        guard let text = PartitionValueText.text(value) else { return value == .string("") ? "''" : "NULL" }
        let quoted =
            "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "\\'") + "'"
        switch value {
        case .string, .binary: return quoted
        case .date: return "DATE " + quoted
        case .timestamp, .timestampNTZ: return "TIMESTAMP " + quoted
        default: return text
        }
    }
}

extension Predicate.Comparison {
    fileprivate var sql: String {
        switch self {
        case .equal: "="
        case .notEqual: "<>"
        case .less: "<"
        case .lessOrEqual: "<="
        case .greater: ">"
        case .greaterOrEqual: ">="
        }
    }
}
