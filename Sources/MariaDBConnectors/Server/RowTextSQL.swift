#if MariaDB
import ColumnBatches
import SourceConnectors

/// The expressions by which the server computes the text of `RowText`, its checksums and its buckets.
struct RowTextSQL: Sendable, Hashable {
    /// The type of each column of the table, as `information_schema` names it.
    var types: [String: String]
    /// What becomes of values that the lake has no type for.
    var policies = ValuePolicies()

    /// The statement that groups rows by bucket, after its first word: bucket, rows, and both checksums.
    func digests(_ rule: BucketRule, _ columns: [Field], _ from: String) -> String {
        let text = text(columns)
        return "CAST(\(bucket(rule, columns)) AS SIGNED), COUNT(*), CAST(BIT_XOR(CRC32(\(text))) AS SIGNED), "
            + "CAST(BIT_XOR(CRC32C(\(text))) AS SIGNED)\(from) GROUP BY 1"
    }

    /// The number of a row's bucket.
    func bucket(_ rule: BucketRule, _ columns: [Field]) -> String {
        let keys = rule.keys.compactMap { key in columns.first { $0.name == key } }
        return "CRC32(\(text(keys))) % \(rule.count)"
    }

    /// The text of a row, as bytes.
    private func text(_ columns: [Field]) -> String {
        let parts = columns.map { "IFNULL(\(text($0)), x'1e')" }
        return "CONCAT_WS(x'1f', " + parts.joined(separator: ", ") + ")"
    }

    /// The text of a column: of its value as the lake has it, not as the server would print it.
    private func text(_ field: Field) -> String {
        let name = SelectStatement.quoted(field.name)
        let type = types[field.name] ?? ""
        switch field.type {
        case .int8, .int16, .int32, .boolean, .uint64: return "\(name) + 0"
        case .int64:
            return type == "time" ? "CAST(TIME_TO_SEC(\(name)) * 1000000 AS SIGNED)" : "\(name) + 0"
        case .decimal(let precision, let scale): return "CAST(\(name) + 0 AS DECIMAL(\(precision),\(scale)))"
        case .float, .double: return "CAST(\(name) AS DOUBLE)"
        case .date: return whole(name, "CAST(\(name) AS CHAR)")
        case .timestamp, .timestampNTZ:
            return whole(name, "CAST(CAST(\(name) AS DATETIME(6))\(shift(field, type)) AS CHAR)")
        case .string: return "CAST(CONVERT(\(name) USING utf8mb4) AS BINARY)"
        case .binary:
            let bytes = "CAST(\(name) AS BINARY)"
            // The server stores the reference system in four bytes before the well-known binary.
            return Self.geometries.contains(type) && policies[field.name].geometries == .wkb
                ? "SUBSTR(\(bytes), 5)" : bytes
        case .time, .list, .structure, .map: return "CAST(\(name) AS BINARY)"
        }
    }

    /// A wall clock becomes an instant by the offset that is declared for it.
    private func shift(_ field: Field, _ type: String) -> String {
        guard type == "datetime", field.type == .timestamp, let offset = policies[field.name].wallClockOffset
        else { return "" }
        return " - INTERVAL \(offset.components.seconds) SECOND"
    }

    /// A date without day or month is read as missing, where it is read at all.
    private func whole(_ name: String, _ text: String) -> String {
        "IF(DAYOFMONTH(\(name)) > 0 AND MONTH(\(name)) > 0, \(text), NULL)"
    }

    private static let geometries: Set<String> = [
        "geometry", "point", "linestring", "polygon", "multipoint", "multilinestring", "multipolygon",
        "geometrycollection",
    ]
}
#endif
