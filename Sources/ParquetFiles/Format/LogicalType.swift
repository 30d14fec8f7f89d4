/// What the values of a column mean; the format's `LogicalType`.
enum LogicalType: Sendable, Hashable {
    case string
    case map
    case list
    case enumeration
    case decimal(scale: Int, precision: Int)
    case date
    case time(isUTC: Bool, unit: Unit)
    case timestamp(isUTC: Bool, unit: Unit)
    case integer(bits: Int, isSigned: Bool)
    /// Nothing but missing values.
    case null
    case json
    case bson
    case uuid
    case float16
    case variant
    case geometry
    case geography
    /// A member of the union that came after this was written, by its number.
    case other(Int)

    /// Units of time, by their number in the format.
    enum Unit: Int, Sendable, Hashable {
        case millis = 1
        case micros = 2
        case nanos = 3
    }
}

/// The older annotation of a column, by its number in the format.
enum ConvertedType: Int, Sendable, Hashable {
    case utf8 = 0
    case map = 1
    case mapKeyValue = 2
    case list = 3
    case enumeration = 4
    case decimal = 5
    case date = 6
    case timeMillis = 7
    case timeMicros = 8
    case timestampMillis = 9
    case timestampMicros = 10
    case uint8 = 11
    case uint16 = 12
    case uint32 = 13
    case uint64 = 14
    case int8 = 15
    case int16 = 16
    case int32 = 17
    case int64 = 18
    case json = 19
    case bson = 20
    case interval = 21
}
