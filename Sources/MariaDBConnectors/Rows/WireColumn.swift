#if MariaDB
import CMariaDB
import ColumnBatches
import SourceConnectors

/// A column of a result as the server announces it.
struct WireColumn: Sendable, Hashable {
    /// The protocol's number of the type.
    var type: UInt32
    var isUnsigned: Bool
    /// 63 stands for bytes; every other character set has been converted to UTF-8.
    var charset: UInt32
    /// Digits after the point.
    var decimals: Int
    /// The greatest length in characters or digits, sign and point included.
    var length: Int

    init(type: UInt32, isUnsigned: Bool, charset: UInt32, decimals: Int, length: Int) {
        self.type = type
        self.isUnsigned = isUnsigned
        self.charset = charset
        self.decimals = decimals
        self.length = length
    }

    init(_ field: tributary_field) {
        type = UInt32(field.type)
        isUnsigned = field.is_unsigned != 0
        charset = field.charset
        decimals = Int(field.decimals)
        length = Int(field.length)
    }

    /// The type that errors name.
    var name: String {
        switch kind {
        case .integer(let width): "integer of \(width * 8) bits" + (isUnsigned ? " without sign" : "")
        case .decimal(let precision, let scale): "decimal(\(precision),\(scale))"
        case .float: "float"
        case .double: "double"
        case .date: "date"
        case .dateTime: "datetime"
        case .timestamp: "timestamp"
        case .time: "time"
        case .bits(let count): "bit(\(count))"
        case .text: "text"
        case .bytes: "bytes"
        case .unknown: "wire type \(type)"
        }
    }
}

extension WireColumn {
    /// How the binary protocol carries the values.
    enum Kind: Sendable, Hashable {
        /// Little-endian, of 1, 2, 4 or 8 bytes.
        case integer(width: Int)
        /// Text of digits.
        case decimal(precision: Int, scale: Int)
        case float
        case double
        case date
        case dateTime
        case timestamp
        case time
        /// Big-endian bytes.
        case bits(Int)
        case text
        case bytes
        case unknown
    }

    /// How the binary protocol carries the values; a medium integer takes four bytes and a year two.
    var kind: Kind {
        switch enum_field_types(rawValue: type) {
        case MYSQL_TYPE_TINY: .integer(width: 1)
        case MYSQL_TYPE_SHORT, MYSQL_TYPE_YEAR: .integer(width: 2)
        case MYSQL_TYPE_INT24, MYSQL_TYPE_LONG: .integer(width: 4)
        case MYSQL_TYPE_LONGLONG: .integer(width: 8)
        case MYSQL_TYPE_FLOAT: .float
        case MYSQL_TYPE_DOUBLE: .double
        case MYSQL_TYPE_NEWDECIMAL, MYSQL_TYPE_DECIMAL:
            .decimal(precision: length - (decimals > 0 ? 1 : 0) - (isUnsigned ? 0 : 1), scale: decimals)
        case MYSQL_TYPE_DATE, MYSQL_TYPE_NEWDATE: .date
        case MYSQL_TYPE_DATETIME: .dateTime
        case MYSQL_TYPE_TIMESTAMP: .timestamp
        case MYSQL_TYPE_TIME: .time
        case MYSQL_TYPE_BIT: .bits(length)
        case MYSQL_TYPE_GEOMETRY: .bytes
        case MYSQL_TYPE_VARCHAR, MYSQL_TYPE_VAR_STRING, MYSQL_TYPE_STRING, MYSQL_TYPE_ENUM, MYSQL_TYPE_SET,
            MYSQL_TYPE_TINY_BLOB, MYSQL_TYPE_MEDIUM_BLOB, MYSQL_TYPE_LONG_BLOB, MYSQL_TYPE_BLOB,
            MYSQL_TYPE_JSON:
            charset == 63 ? .bytes : .text
        default: .unknown
        }
    }
}

/// What the decoder does with the values of one column.
enum WireOperation: UInt8, Sendable {
    case int8To32
    case uint8To32
    case int16To32
    case uint16To32
    case int32To32
    case int8To64
    case uint8To64
    case int16To64
    case uint16To64
    case int32To64
    case uint32To64
    case int64To64
    case integerToDecimal64
    case integerToDecimal128
    case integerToDouble
    case integerToBoolean
    case float
    case floatToDouble
    case double
    case decimal64
    case decimal128
    case date
    case dateTime
    case time
    case bitsToBoolean
    case bitsTo64
    case bitsToDecimal128
    case bytes
    /// As `bytes`, as long as the texts repeat each as its number among the distinct ones.
    case text
    /// A wall clock of a declared zone as an instant.
    case shiftedDateTime
    case dateText
    case dateTimeText
    case timeText
    /// A geometry without its reference system.
    case wellKnownBinary
}

extension WireColumn {
    /// The operation that brings the values to a type without changing any of them, or nil when there is none.
    func operation(to target: ColumnType, _ policy: ValuePolicy = ValuePolicy()) -> WireOperation? {
        switch (kind, target) {
        case (.integer(let width), .int8): width == 1 && !isUnsigned ? .int8To32 : nil
        case (.integer(let width), .int16): width < (isUnsigned ? 2 : 3) || isYear ? narrow(width) : nil
        case (.integer(let width), .int32):
            width < (isUnsigned ? 4 : 5) || isMediumInteger ? narrow(width) : nil
        case (.integer(let width), .int64): wide(width)
        case (.integer(let width), .decimal(let precision, let scale)):
            precision - scale < integerDigits(width)
                ? nil : precision <= 18 ? .integerToDecimal64 : .integerToDecimal128
        case (.integer(let width), .double): width <= 4 ? .integerToDouble : nil
        case (.integer(let width), .boolean): width == 1 ? .integerToBoolean : nil
        case (.float, .float): .float
        case (.float, .double): .floatToDouble
        case (.double, .double): .double
        case (.decimal(let precision, let scale), .decimal(let targetPrecision, let targetScale)):
            scale > targetScale || precision - scale > targetPrecision - targetScale
                ? nil : targetPrecision <= 18 ? .decimal64 : .decimal128
        case (.bytes, .binary) where isGeometry && policy.geometries == .wkb: .wellKnownBinary
        case (.text, .string): .text
        case (.decimal, .string), (.bytes, .binary): .bytes
        case (.date, .date): .date
        case (.dateTime, .timestampNTZ), (.timestamp, .timestamp): .dateTime
        case (.dateTime, .timestamp): policy.wallClockOffset == nil ? nil : .shiftedDateTime
        case (.date, .string): .dateText
        case (.dateTime, .string), (.timestamp, .string): .dateTimeText
        case (.time, .int64): .time
        case (.time, .string): .timeText
        case (.bits(let count), .boolean): count == 1 ? .bitsToBoolean : nil
        case (.bits(let count), .int64): count <= 63 ? .bitsTo64 : nil
        case (.bits, .decimal(let precision, 0)): precision >= 20 ? .bitsToDecimal128 : nil
        default: nil
        }
    }

    private var isGeometry: Bool { enum_field_types(rawValue: type) == MYSQL_TYPE_GEOMETRY }

    private var isYear: Bool { enum_field_types(rawValue: type) == MYSQL_TYPE_YEAR }

    private var isMediumInteger: Bool { enum_field_types(rawValue: type) == MYSQL_TYPE_INT24 }

    private func narrow(_ width: Int) -> WireOperation? {
        switch width {
        case 1: isUnsigned ? .uint8To32 : .int8To32
        case 2: isUnsigned ? .uint16To32 : .int16To32
        default: .int32To32
        }
    }

    private func wide(_ width: Int) -> WireOperation? {
        switch width {
        case 1: isUnsigned ? .uint8To64 : .int8To64
        case 2: isUnsigned ? .uint16To64 : .int16To64
        case 4: isUnsigned ? .uint32To64 : .int32To64
        default: isUnsigned ? nil : .int64To64
        }
    }

    /// The digits of the greatest integer.
    private func integerDigits(_ width: Int) -> Int {
        switch width {
        case 1: 3
        case 2: 5
        case 4: 10
        default: isUnsigned ? 20 : 19
        }
    }
}
#endif
