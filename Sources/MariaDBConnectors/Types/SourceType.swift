#if MariaDB
import ColumnBatches

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

    /// The type in the lake that holds every value exactly, or nil when there is none.
    var columnType: ColumnType? {
        let isUnsigned = declaration.contains("unsigned")
        switch name {
        case "tinyint": return isUnsigned ? .int16 : .int8
        case "smallint": return isUnsigned ? .int32 : .int16
        case "mediumint": return .int32
        case "int": return isUnsigned ? .int64 : .int32
        case "bigint": return isUnsigned ? .decimal(precision: 20, scale: 0) : .int64
        case "decimal":
            guard let precision, let scale, (1...38).contains(precision), (0...precision).contains(scale)
            else {
                return nil
            }
            return .decimal(precision: precision, scale: scale)
        case "float": return .float
        case "double": return .double
        case "bit":
            guard let precision else { return nil }
            return precision == 1 ? .boolean : precision <= 63 ? .int64 : .decimal(precision: 20, scale: 0)
        case "date": return .date
        case "datetime": return .timestampNTZ
        case "timestamp": return .timestamp
        case "time": return .int64
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
}
#endif
