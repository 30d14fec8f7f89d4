/// One value of a column, for keys, bounds, filters and tests; bulk work uses `Column`.
public enum ColumnValue: Sendable, Hashable {
    /// A missing value.
    case null
    /// A boolean.
    case boolean(Bool)
    /// An integer of any width.
    case integer(Int64)
    /// A decimal: the unscaled value and its scale.
    case decimal(Int128, scale: Int)
    /// A single.
    case float(Float)
    /// A double.
    case double(Double)
    /// Days since 1970-01-01.
    case date(Int32)
    /// Microseconds since 1970-01-01T00:00:00Z.
    case timestamp(Int64)
    /// Microseconds since 1970-01-01T00:00:00 on a wall clock.
    case timestampNTZ(Int64)
    /// Text.
    case string(String)
    /// Bytes.
    case binary([UInt8])
    /// An unsigned integer.
    case unsigned(UInt64)
    /// A time of day since midnight.
    case time(Int64, TimeUnit)
    /// The elements of a list.
    case list([ColumnValue])
    /// The values of a structure, in the order of its fields.
    case structure([ColumnValue])
    /// The pairs of a map, in its own order.
    case map([Pair])

    /// A key and a value of a map.
    public struct Pair: Sendable, Hashable {
        /// The key.
        public var key: ColumnValue
        /// The value.
        public var value: ColumnValue

        /// Makes a pair.
        public init(_ key: ColumnValue, _ value: ColumnValue) {
            self.key = key
            self.value = value
        }
    }
}

extension Column {
    /// The value at a row.
    public subscript(row: Int) -> ColumnValue {
        if isNull(row) { return .null }
        switch (storage, type) {
        case (.boolean(let values), _): return .boolean(values[row])
        case (.int32(let values), .date): return .date(values[row])
        case (.int32(let values), _): return .integer(Int64(values[row]))
        case (.int64(let values), .timestamp): return .timestamp(values[row])
        case (.int64(let values), .timestampNTZ): return .timestampNTZ(values[row])
        case (.int64(let values), .decimal(_, let scale)): return .decimal(Int128(values[row]), scale: scale)
        case (.int64(let values), .uint64): return .unsigned(UInt64(bitPattern: values[row]))
        case (.int64(let values), .time(let unit)): return .time(values[row], unit)
        case (.int64(let values), _): return .integer(values[row])
        case (.int128(let values), .decimal(_, let scale)): return .decimal(values[row], scale: scale)
        case (.int128(let values), _): return .decimal(values[row], scale: 0)
        case (.float(let values), _): return .float(values[row])
        case (.double(let values), _): return .double(values[row])
        case (.bytes(let values), .string): return .string(String(decoding: values[row], as: UTF8.self))
        case (.bytes(let values), _): return .binary(Array(values[row]))
        case (.dictionary(let values), .string): return .string(String(decoding: values[row], as: UTF8.self))
        case (.dictionary(let values), _): return .binary(Array(values[row]))
        case (.list(let values), _): return .list(values[row].map { values.elements[$0] })
        case (.structure(let values), _): return .structure(values.fields.map { $0[row] })
        case (.map(let values), _):
            return .map(values[row].map { ColumnValue.Pair(values.keys[$0], values.values[$0]) })
        }
    }

    /// The values as a list; for tests and small results.
    public var values: [ColumnValue] { (0..<count).map { self[$0] } }
}
