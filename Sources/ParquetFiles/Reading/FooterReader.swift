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

/// The footer of a file.
struct Footer: Sendable {
    var columns: [FileColumn] = []
    var rowGroups: [RowGroupMetadata] = []

    /// Reads the format's `FileMetaData`.
    init(_ bytes: [UInt8]) throws(ParquetError) {
        var reader = ThriftReader(bytes)
        var elements: [FileColumn] = []
        var groups: [RowGroupMetadata] = []
        try reader.structure { reader, field, type throws(ParquetError) in
            switch (field, type) {
            case (2, 9):
                try reader.list { reader, _ throws(ParquetError) in elements.append(try Self.element(&reader))
                }
            case (4, 9):
                try reader.list { reader, _ throws(ParquetError) in groups.append(try Self.rowGroup(&reader))
                }
            case (8, 12):
                throw ParquetError(.encrypted, message: "the file is encrypted, which is not supported")
            default: try reader.skip(type)
            }
        }
        guard let root = elements.first else {
            throw ParquetError(.damaged, message: "the footer has no schema")
        }
        columns = Array(elements.dropFirst())
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
        for group in groups where group.chunks.count != columns.count {
            throw ParquetError(
                .damaged,
                message: "a row group has \(group.chunks.count) columns instead of \(columns.count)"
            )
        }
        rowGroups = groups
    }

    private static func element(_ reader: inout ThriftReader) throws(ParquetError) -> FileColumn {
        var column = FileColumn()
        try reader.structure { reader, field, type throws(ParquetError) in
            switch (field, type) {
            case (1, 5): column.physical = PhysicalType(rawValue: Int(try reader.integer()))
            case (2, 5): column.fixedLength = Int(try reader.integer())
            case (3, 5):
                let repetition = try reader.integer()
                column.isOptional = repetition == 1
                column.isRepeated = repetition == 2
            case (4, 8): column.name = try reader.string()
            case (5, 5): column.childCount = Int(try reader.integer())
            case (6, 5): column.converted = Int(try reader.integer())
            case (7, 5): column.scale = Int(try reader.integer())
            case (8, 5): column.precision = Int(try reader.integer())
            case (10, 12): column.logical = try logical(&reader)
            default: try reader.skip(type)
            }
        }
        return column
    }

    private static func logical(_ reader: inout ThriftReader) throws(ParquetError) -> FileColumn.Logical {
        var found = FileColumn.Logical.other
        try reader.structure { reader, field, type throws(ParquetError) in
            switch (field, type) {
            case (1, 12), (4, 12), (12, 12):
                found = .string
                try reader.skip(type)
            case (6, 12):
                found = .date
                try reader.skip(type)
            case (5, 12):
                var scale = 0
                var precision = 0
                try reader.structure { reader, field, type throws(ParquetError) in
                    switch (field, type) {
                    case (1, 5): scale = Int(try reader.integer())
                    case (2, 5): precision = Int(try reader.integer())
                    default: try reader.skip(type)
                    }
                }
                found = .decimal(scale: scale, precision: precision)
            case (8, 12):
                var isUTC = false
                var unit = 0
                try reader.structure { reader, field, type throws(ParquetError) in
                    switch (field, type) {
                    case (1, 1), (1, 2): isUTC = type == 1
                    case (2, 12):
                        try reader.structure { reader, field, type throws(ParquetError) in
                            unit = Int(field)
                            try reader.skip(type)
                        }
                    default: try reader.skip(type)
                    }
                }
                found = .timestamp(isUTC: isUTC, unit: unit)
            case (10, 12):
                var bits = 0
                var isSigned = true
                try reader.structure { reader, field, type throws(ParquetError) in
                    switch (field, type) {
                    case (1, 3): bits = Int(try reader.byteValue())
                    case (2, 1), (2, 2): isSigned = type == 1
                    default: try reader.skip(type)
                    }
                }
                found = .integer(bits: bits, isSigned: isSigned)
            default: try reader.skip(type)
            }
        }
        return found
    }

    private static func rowGroup(_ reader: inout ThriftReader) throws(ParquetError) -> RowGroupMetadata {
        var group = RowGroupMetadata()
        try reader.structure { reader, field, type throws(ParquetError) in
            switch (field, type) {
            case (1, 9):
                try reader.list { reader, _ throws(ParquetError) in group.chunks.append(try chunk(&reader)) }
            case (2, 6): group.byteCount = Int(try reader.integer())
            case (3, 6): group.rowCount = Int(try reader.integer())
            default: try reader.skip(type)
            }
        }
        guard (0...Int(Int32.max)).contains(group.rowCount) else {
            throw ParquetError(.damaged, message: "a row group announces an impossible number of rows")
        }
        return group
    }

    private static func chunk(_ reader: inout ThriftReader) throws(ParquetError) -> ChunkMetadata {
        var chunk = ChunkMetadata()
        try reader.structure { reader, field, type throws(ParquetError) in
            switch (field, type) {
            case (3, 12): chunk = try metadata(&reader)
            case (8, 12), (9, 8):
                throw ParquetError(.encrypted, message: "a column is encrypted, which is not supported")
            default: try reader.skip(type)
            }
        }
        return chunk
    }

    private static func metadata(_ reader: inout ThriftReader) throws(ParquetError) -> ChunkMetadata {
        var chunk = ChunkMetadata()
        try reader.structure { reader, field, type throws(ParquetError) in
            switch (field, type) {
            case (1, 5):
                guard let type = PhysicalType(rawValue: Int(try reader.integer())) else {
                    throw ParquetError(.damaged, message: "a column has an unknown physical type")
                }
                chunk.type = type
            case (4, 5):
                chunk.codecNumber = Int(try reader.integer())
                chunk.codec = Codec(rawValue: chunk.codecNumber) ?? .lzo
            case (5, 6): chunk.valueCount = Int(try reader.integer())
            case (6, 6): chunk.uncompressedSize = Int(try reader.integer())
            case (7, 6): chunk.compressedSize = Int(try reader.integer())
            case (9, 6): chunk.dataPageOffset = Int(try reader.integer())
            case (11, 6):
                let offset = Int(try reader.integer())
                chunk.dictionaryPageOffset = offset > 0 ? offset : nil
            default: try reader.skip(type)
            }
        }
        return chunk
    }
}
