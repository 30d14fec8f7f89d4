#if MariaDB
import ColumnBatches
import SourceConnectors

/// A column's type as `information_schema` declares it.
struct SourceType: Sendable, Hashable {
    /// The type's name, such as `decimal`.
    var name: String
    /// The whole declaration, such as `decimal(12,2) unsigned`.
    var declaration: String
    /// Digits of a decimal, or bits of a bit column.
    var precision: Int?
    /// Digits of a decimal after the point.
    var scale: Int?

    private var isUnsigned: Bool { declaration.includes("unsigned") }

    /// The type in the lake that holds every value exactly, or nil when there is none.
    func columnType(_ policy: ValuePolicy) -> ColumnType? {
        switch name {
        case "tinyint":
            if policy.tinyint1 == .boolean && declaration.hasPrefix("tinyint(1)") { return .boolean }
            return isUnsigned ? .int16 : .int8
        case "smallint": return isUnsigned ? .int32 : .int16
        case "mediumint": return .int32
        case "int": return isUnsigned ? .int64 : .int32
        case "bigint": return isUnsigned ? .decimal(precision: 20, scale: 0) : .int64
        case "decimal":
            guard let precision, let scale, (1...65).contains(precision), (0...precision).contains(scale)
            else { return nil }
            if precision > 38 { return policy.wideDecimals == .text ? .string : nil }
            return .decimal(precision: precision, scale: scale)
        case "float": return .float
        case "double": return .double
        case "bit":
            guard let precision else { return nil }
            return precision == 1 ? .boolean : precision <= 63 ? .int64 : .decimal(precision: 20, scale: 0)
        case "date": return policy.impossibleDates == .text ? .string : .date
        case "datetime":
            if policy.impossibleDates == .text { return .string }
            return policy.wallClockOffset == nil ? .timestampNTZ : .timestamp
        case "timestamp": return policy.impossibleDates == .text ? .string : .timestamp
        case "time": return policy.durations == .text ? .string : .int64
        case "year": return .int16
        case "char", "varchar", "tinytext", "text", "mediumtext", "longtext", "enum", "set", "json", "uuid",
            "inet4", "inet6":
            return .string
        case "binary", "varbinary", "tinyblob", "blob", "mediumblob", "longblob", "geometry", "point",
            "linestring", "polygon", "multipoint", "multilinestring", "multipolygon", "geometrycollection":
            return .binary
        default: return nil
        }
    }

    /// The type under which the column can serve as cursor, whatever it is in the lake.
    var cursorType: ColumnType? {
        switch name {
        case "datetime": .timestampNTZ
        case "timestamp": .timestamp
        case "tinyint", "smallint", "mediumint", "int", "bigint": columnType(ValuePolicy())
        default: nil
        }
    }

    /// Why there is no type in the lake, and what to do.
    func refusal(_ policy: ValuePolicy) -> String? {
        guard columnType(policy) == nil, name == "decimal", let precision, precision > 38 else { return nil }
        return
            "it has \(precision) digits, the lake's decimals have 38 at most, and its policy \"wideDecimals\" is "
            + "\"fail\"; set it to \"text\", or leave the column out under \"columns\""
    }
}
#endif
