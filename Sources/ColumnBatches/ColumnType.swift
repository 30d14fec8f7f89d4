/// The logical type of a column, named as Delta Lake names it.
///
/// The storage of a type follows Parquet's physical types: integers up to 32 bits and dates share 32-bit
/// storage, so that a column travels from the wire to a file without a second layout.
public enum ColumnType: Sendable, Hashable {
    /// True or false.
    case boolean
    /// A signed 8-bit integer (Delta `byte`).
    case int8
    /// A signed 16-bit integer (Delta `short`).
    case int16
    /// A signed 32-bit integer (Delta `integer`).
    case int32
    /// A signed 64-bit integer (Delta `long`).
    case int64
    /// An IEEE 754 single.
    case float
    /// An IEEE 754 double.
    case double
    /// A decimal of 1 to 38 digits, `scale` of them after the point; stored unscaled.
    case decimal(precision: Int, scale: Int)
    /// Days since 1970-01-01 in the proleptic Gregorian calendar.
    case date
    /// An instant: microseconds since 1970-01-01T00:00:00Z.
    case timestamp
    /// A wall clock without zone: microseconds since 1970-01-01T00:00:00.
    case timestampNTZ
    /// UTF-8 text.
    case string
    /// Bytes.
    case binary
}

extension ColumnType {
    /// How the values of a type lie in memory.
    public enum Storage: Sendable, Hashable {
        /// One bit a value.
        case boolean
        /// 32-bit integers: `int8`, `int16`, `int32`, `date`.
        case int32
        /// 64-bit integers: `int64`, `timestamp`, `timestampNTZ`, decimals of up to 18 digits.
        case int64
        /// 128-bit integers: decimals of 19 to 38 digits.
        case int128
        /// 32-bit floating point.
        case float
        /// 64-bit floating point.
        case double
        /// Offsets and bytes: `string`, `binary`.
        case bytes
    }

    /// The memory layout of this type's values.
    public var storage: Storage {
        switch self {
        case .boolean: .boolean
        case .int8, .int16, .int32, .date: .int32
        case .int64, .timestamp, .timestampNTZ: .int64
        case .decimal(let precision, _): precision <= 18 ? .int64 : .int128
        case .float: .float
        case .double: .double
        case .string, .binary: .bytes
        }
    }
}

extension ColumnType: CustomStringConvertible {
    /// The type's name in a Delta schema, such as `long` or `decimal(12,2)`.
    public var description: String {
        switch self {
        case .boolean: "boolean"
        case .int8: "byte"
        case .int16: "short"
        case .int32: "integer"
        case .int64: "long"
        case .float: "float"
        case .double: "double"
        case .decimal(let precision, let scale): "decimal(\(precision),\(scale))"
        case .date: "date"
        case .timestamp: "timestamp"
        case .timestampNTZ: "timestamp_ntz"
        case .string: "string"
        case .binary: "binary"
        }
    }
}
