import ColumnBatches

/// A column of a file as its schema describes it.
struct FileColumn: Sendable {
    var name = ""
    var physical: PhysicalType?
    var fixedLength = 0
    var isOptional = false
    var isRepeated = false
    var childCount = 0
    var converted: Int?
    var scale = 0
    var precision = 0
    var logical: Logical?

    enum Logical: Sendable {
        case string, date
        case decimal(scale: Int, precision: Int)
        case timestamp(isUTC: Bool, unit: Int)
        case integer(bits: Int, isSigned: Bool)
        case other
    }

    /// The column type of the values, or nil when it is not supported.
    var type: ColumnType? {
        switch physical {
        case .boolean: return .boolean
        case .float: return .float
        case .double: return .double
        case .int32:
            if let decimal { return decimal }
            if case .date? = logical { return .date }
            if converted == 6 { return .date }
            if case .integer(let bits, true)? = logical {
                return bits == 8 ? .int8 : bits == 16 ? .int16 : .int32
            }
            if case .integer(_, false)? = logical { return nil }
            if logical == nil, let converted, (11...13).contains(converted) { return nil }
            return converted == 15 ? .int8 : converted == 16 ? .int16 : .int32
        case .int64:
            if let decimal { return decimal }
            if case .timestamp(let isUTC, let unit)? = logical {
                return unit == 2 ? (isUTC ? .timestamp : .timestampNTZ) : nil
            }
            if case .integer(_, false)? = logical { return nil }
            if logical == nil {
                if converted == 10 { return .timestamp }
                if converted == 9 || converted == 14 { return nil }
            }
            return .int64
        case .byteArray:
            if decimal != nil { return nil }
            if case .string? = logical { return .string }
            return converted == 0 || converted == 4 || converted == 19 ? .string : .binary
        case .fixedLengthByteArray: return decimal ?? .binary
        case .int96, nil: return nil
        }
    }

    private var decimal: ColumnType? {
        var found: (scale: Int, precision: Int)?
        if case .decimal(let scale, let precision)? = logical { found = (scale, precision) }
        if logical == nil && converted == 5 { found = (scale, precision) }
        guard let found, (1...38).contains(found.precision), (0...found.precision).contains(found.scale)
        else { return nil }
        return .decimal(precision: found.precision, scale: found.scale)
    }
}

extension FileColumn {
    /// The column of a leaf directly below the root.
    init(_ element: SchemaElement) {
        name = element.name
        physical = element.type
        fixedLength = element.typeLength
        isOptional = element.repetition == .optional
        isRepeated = element.repetition == .repeated
        childCount = element.childCount
        converted = element.converted?.rawValue
        scale = element.scale
        precision = element.precision
        switch element.logical {
        case .string?, .enumeration?, .json?: logical = .string
        case .date?: logical = .date
        case .decimal(let scale, let precision)?: logical = .decimal(scale: scale, precision: precision)
        case .timestamp(let isUTC, let unit)?: logical = .timestamp(isUTC: isUTC, unit: unit.rawValue)
        case .integer(let bits, let isSigned)?: logical = .integer(bits: bits, isSigned: isSigned)
        case nil: logical = nil
        default: logical = .other
        }
    }
}

/// The footer of a file of flat columns.
struct Footer: Sendable {
    var columns: [FileColumn] = []
    var rowGroups: [RowGroupMetadata] = []

    /// Reads the format's `FileMetaData`.
    init(_ bytes: [UInt8]) throws(ParquetError) {
        let file = try FileMetadata(bytes)
        guard let root = file.schema.first else {
            throw ParquetError(.damaged, message: "the footer has no schema")
        }
        columns = file.schema.dropFirst().map { FileColumn($0) }
        if let nested = columns.first(where: { $0.physical == nil || $0.isRepeated }) {
            throw ParquetError(
                .unsupportedType,
                column: nested.name,
                message: "nested and repeated columns are not supported yet"
            )
        }
        guard root.childCount == columns.count else {
            throw ParquetError(
                .damaged,
                message: "the schema announces \(root.childCount) columns and has \(columns.count)"
            )
        }
        for group in file.rowGroups where group.chunks.count != columns.count {
            throw ParquetError(
                .damaged,
                message: "a row group has \(group.chunks.count) columns instead of \(columns.count)"
            )
        }
        rowGroups = file.rowGroups
    }
}
