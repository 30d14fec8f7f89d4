#if MariaDB
import ColumnBatches

/// The expressions by which the server computes the text of `RowText`, its checksums and its buckets.
enum RowTextSQL {
    /// The statement that groups rows by bucket, after its first word: bucket, rows, and both checksums.
    static func digests(_ rule: BucketRule, _ columns: [Field], _ times: Set<String>, _ from: String)
        -> String
    {
        let text = text(columns, times)
        return
            "CAST(\(bucket(rule, columns, times)) AS SIGNED), COUNT(*), CAST(BIT_XOR(CRC32(\(text))) AS SIGNED), "
            + "CAST(BIT_XOR(CRC32C(\(text))) AS SIGNED)\(from) GROUP BY 1"
    }

    /// The number of a row's bucket.
    static func bucket(_ rule: BucketRule, _ columns: [Field], _ times: Set<String>) -> String {
        let keys = rule.keys.compactMap { key in columns.first { $0.name == key } }
        return "CRC32(\(text(keys, times))) % \(rule.count)"
    }

    /// The text of a row, as bytes.
    private static func text(_ columns: [Field], _ times: Set<String>) -> String {
        let parts = columns.map { "IFNULL(\(text($0, isTime: times.contains($0.name))), x'1e')" }
        return "CONCAT_WS(x'1f', " + parts.joined(separator: ", ") + ")"
    }

    /// The text of a column: of its value as the lake has it, not as the server would print it.
    private static func text(_ field: Field, isTime: Bool) -> String {
        let name = SelectStatement.quoted(field.name)
        switch field.type {
        case .int8, .int16, .int32, .boolean, .uint64: return "\(name) + 0"
        case .int64: return isTime ? "CAST(TIME_TO_SEC(\(name)) * 1000000 AS SIGNED)" : "\(name) + 0"
        case .decimal(let precision, let scale): return "CAST(\(name) + 0 AS DECIMAL(\(precision),\(scale)))"
        case .float, .double: return "CAST(\(name) AS DOUBLE)"
        case .date: return whole(name, "CAST(\(name) AS CHAR)")
        case .timestamp, .timestampNTZ: return whole(name, "CAST(CAST(\(name) AS DATETIME(6)) AS CHAR)")
        case .string: return "CAST(CONVERT(\(name) USING utf8mb4) AS BINARY)"
        case .binary, .time, .list, .structure, .map: return "CAST(\(name) AS BINARY)"
        }
    }

    /// A date without day or month is read as missing, where it is read at all.
    private static func whole(_ name: String, _ text: String) -> String {
        "IF(DAYOFMONTH(\(name)) > 0 AND MONTH(\(name)) > 0, \(text), NULL)"
    }
}
#endif
