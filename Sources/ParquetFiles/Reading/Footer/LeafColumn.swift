import ColumnBatches

/// A column of a file: a leaf of its schema.
struct LeafColumn: Sendable {
    /// The position among the leaves.
    var index: Int
    /// The names from below the root down to the leaf.
    var path: [String]
    var physical: PhysicalType
    /// The bytes of a value of a fixed-length byte array.
    var width: Int
    var type: ColumnType
    var conversion: ValueConversion
    /// The definition level of a value that is there.
    var maxDefinition: Int
    /// The number of repeated nodes on the path.
    var maxRepetition: Int
    /// The definition level from which the innermost list has an element, be it missing.
    var slotDefinition: Int

    /// The path as one text.
    var name: String { path.joined(separator: ".") }
}

/// What turns the stored values into those of the column's type.
enum ValueConversion: Sendable, Hashable {
    case none
    /// 32-bit numbers as 64- or 128-bit ones, 64-bit numbers as 128-bit ones.
    case widen
    /// Unsigned 32-bit numbers as 64-bit ones.
    case widenUnsigned
    /// Milliseconds as microseconds.
    case thousandfold
    /// Nanoseconds as microseconds, rounded down.
    case thousandth
    /// Nanoseconds of a day and a Julian day as microseconds since 1970.
    case julianDay
    /// Big-endian unscaled decimals as numbers.
    case bigEndian
    /// Halves as singles.
    case half
}

extension LeafColumn {
    /// The column type of a leaf, and how its stored values become values of it.
    ///
    /// An annotation that does not fit the physical type is passed over, as one of a later version of the format is.
    static func meaning(of element: SchemaElement, physical: PhysicalType) throws(ParquetError)
        -> (type: ColumnType, conversion: ValueConversion)
    {
        switch physical {
        case .boolean: return (.boolean, .none)
        case .float: return (.float, .none)
        case .double: return (.double, .none)
        case .int96: return (.timestamp, .julianDay)
        case .int32: return try int32(element)
        case .int64: return try int64(element)
        case .byteArray:
            if let decimal = try decimal(element) { return (decimal, .bigEndian) }
            return (isText(element) ? .string : .binary, .none)
        case .fixedLengthByteArray:
            if let decimal = try decimal(element) { return (decimal, .bigEndian) }
            if element.logical == .float16 && element.typeLength == 2 { return (.float, .half) }
            return (isText(element) ? .string : .binary, .none)
        }
    }

    private static func int32(_ element: SchemaElement) throws(ParquetError) -> (ColumnType, ValueConversion)
    {
        if let decimal = try decimal(element) { return (decimal, .widen) }
        switch element.logical {
        case .date?: return (.date, .none)
        case .time(_, .millis)?: return (.time(.microseconds), .thousandfold)
        case .integer(8, let isSigned)?: return (isSigned ? .int8 : .int16, .none)
        case .integer(16, let isSigned)?: return (isSigned ? .int16 : .int32, .none)
        case .integer(32, false)?: return (.int64, .widenUnsigned)
        case .some: return (.int32, .none)
        case nil: break
        }
        switch element.converted {
        case .date?: return (.date, .none)
        case .timeMillis?: return (.time(.microseconds), .thousandfold)
        case .int8?: return (.int8, .none)
        case .int16?, .uint8?: return (.int16, .none)
        case .uint32?: return (.int64, .widenUnsigned)
        default: return (.int32, .none)
        }
    }

    private static func int64(_ element: SchemaElement) throws(ParquetError) -> (ColumnType, ValueConversion)
    {
        if let decimal = try decimal(element) {
            return (decimal, decimal.storage == .int128 ? .widen : .none)
        }
        switch element.logical {
        case .time(_, .micros)?: return (.time(.microseconds), .none)
        case .time(_, .nanos)?: return (.time(.nanoseconds), .none)
        case .timestamp(let isUTC, let unit)?:
            let type = isUTC ? ColumnType.timestamp : .timestampNTZ
            return (type, unit == .millis ? .thousandfold : unit == .nanos ? .thousandth : .none)
        case .integer(64, false)?: return (.uint64, .none)
        case .some: return (.int64, .none)
        case nil: break
        }
        switch element.converted {
        case .timeMicros?: return (.time(.microseconds), .none)
        case .timestampMillis?: return (.timestamp, .thousandfold)
        case .timestampMicros?: return (.timestamp, .none)
        case .uint64?: return (.uint64, .none)
        default: return (.int64, .none)
        }
    }

    private static func isText(_ element: SchemaElement) -> Bool {
        switch element.logical {
        case .string?, .json?: true
        case .some: false
        case nil: element.converted == .utf8 || element.converted == .json
        }
    }

    private static func decimal(_ element: SchemaElement) throws(ParquetError) -> ColumnType? {
        let scale: Int
        let precision: Int
        if case .decimal(let logicalScale, let logicalPrecision)? = element.logical {
            scale = logicalScale
            precision = logicalPrecision
        } else if element.logical == nil && element.converted == .decimal {
            scale = element.scale
            precision = element.precision
        } else {
            return nil
        }
        guard (1...38).contains(precision), (0...precision).contains(scale) else {
            throw ParquetError(
                .unsupportedType,
                column: element.name,
                message: "decimal(\(precision),\(scale)) is outside the 38 digits that are supported"
            )
        }
        return .decimal(precision: precision, scale: scale)
    }
}
