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
    /// An unsigned 64-bit integer; in Parquet files, no Delta type.
    case uint64
    /// A time of day since midnight; in Parquet files, no Delta type.
    case time(TimeUnit)
    /// A list of values of one type (Delta `array`).
    indirect case list(element: Field)
    /// Named values of several types (Delta `struct`).
    case structure([Field])
    /// Pairs of a key, which is never missing, and a value (Delta `map`).
    indirect case map(key: Field, value: Field)
}

/// What a number of a time of day counts.
public enum TimeUnit: Sendable, Hashable {
    /// Millionths of a second.
    case microseconds
    /// Billionths of a second.
    case nanoseconds
}

extension ColumnType {
    /// How the values of a type lie in memory.
    public enum Storage: Sendable, Hashable {
        /// One bit a value.
        case boolean
        /// 32-bit integers: `int8`, `int16`, `int32`, `date`.
        case int32
        /// 64-bit integers: `int64`, `timestamp`, `timestampNTZ`, `time`, decimals of up to 18 digits, and the bits of
        /// `uint64`.
        case int64
        /// 128-bit integers: decimals of 19 to 38 digits.
        case int128
        /// 32-bit floating point.
        case float
        /// 64-bit floating point.
        case double
        /// Offsets and bytes: `string`, `binary`.
        case bytes
        /// Offsets and elements.
        case list
        /// A column for each field.
        case structure
        /// Offsets, keys and values.
        case map
    }

    /// The memory layout of this type's values.
    public var storage: Storage {
        switch self {
        case .boolean: .boolean
        case .int8, .int16, .int32, .date: .int32
        case .int64, .uint64, .timestamp, .timestampNTZ, .time: .int64
        case .decimal(let precision, _): precision <= 18 ? .int64 : .int128
        case .float: .float
        case .double: .double
        case .string, .binary: .bytes
        case .list: .list
        case .structure: .structure
        case .map: .map
        }
    }

    /// Whether values are made of other values.
    public var isNested: Bool {
        switch self {
        case .list, .structure, .map: true
        default: false
        }
    }
}

extension ColumnType: CustomStringConvertible {
    /// The type's name in a Delta schema, such as `long`, `decimal(12,2)` or `array<string>`.
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
        case .uint64: "unsigned long"
        case .time(.microseconds): "time(6)"
        case .time(.nanoseconds): "time(9)"
        case .list(let element): "array<\(element.type)>"
        case .structure(let fields):
            "struct<" + fields.map { "\($0.name):\($0.type)" }.joined(separator: ",") + ">"
        case .map(let key, let value): "map<\(key.type),\(value.type)>"
        }
    }
}
