extension SchemaElement {
    /// Reads a node.
    init(_ reader: inout ThriftReader) throws(ParquetError) {
        var element = SchemaElement()
        try reader.structure { reader, field, type throws(ParquetError) in
            switch (field, type) {
            case (1, 5):
                guard let physical = PhysicalType(rawValue: Int(try reader.integer())) else {
                    throw ParquetError(.damaged, message: "the schema has an unknown physical type")
                }
                element.type = physical
            case (2, 5): element.typeLength = Int(try reader.integer())
            case (3, 5):
                guard let repetition = Repetition(rawValue: Int(try reader.integer())) else {
                    throw ParquetError(.damaged, message: "the schema has an unknown repetition")
                }
                element.repetition = repetition
            case (4, 8): element.name = try reader.string()
            case (5, 5): element.childCount = Int(try reader.integer())
            case (6, 5): element.converted = ConvertedType(rawValue: Int(try reader.integer()))
            case (7, 5): element.scale = Int(try reader.integer())
            case (8, 5): element.precision = Int(try reader.integer())
            case (9, 5): element.fieldID = Int(try reader.integer())
            case (10, 12): element.logical = try LogicalType(&reader)
            default: try reader.skip(type)
            }
        }
        self = element
    }
}

extension LogicalType {
    /// Reads the union; a member of a later version keeps its number.
    init?(_ reader: inout ThriftReader) throws(ParquetError) {
        var found: LogicalType?
        try reader.structure { reader, field, type throws(ParquetError) in
            switch (field, type) {
            case (5, 12): found = try Self.decimal(&reader)
            case (7, 12):
                let (isUTC, unit) = try Self.time(&reader)
                found = unit.map { .time(isUTC: isUTC, unit: $0) } ?? .other(7)
            case (8, 12):
                let (isUTC, unit) = try Self.time(&reader)
                found = unit.map { .timestamp(isUTC: isUTC, unit: $0) } ?? .other(8)
            case (10, 12): found = try Self.integer(&reader)
            default:
                found = Self.plain[Int(field)] ?? .other(Int(field))
                try reader.skip(type)
            }
        }
        guard let found else { return nil }
        self = found
    }

    /// The members without fields that matter here.
    private static let plain: [Int: LogicalType] = [
        1: .string, 2: .map, 3: .list, 4: .enumeration, 6: .date, 11: .null, 12: .json, 13: .bson, 14: .uuid,
        15: .float16, 16: .variant, 17: .geometry, 18: .geography,
    ]

    private static func decimal(_ reader: inout ThriftReader) throws(ParquetError) -> LogicalType {
        var scale = 0
        var precision = 0
        try reader.structure { reader, field, type throws(ParquetError) in
            switch (field, type) {
            case (1, 5): scale = Int(try reader.integer())
            case (2, 5): precision = Int(try reader.integer())
            default: try reader.skip(type)
            }
        }
        return .decimal(scale: scale, precision: precision)
    }

    private static func time(_ reader: inout ThriftReader) throws(ParquetError) -> (Bool, Unit?) {
        var isUTC = false
        var unit: Unit?
        try reader.structure { reader, field, type throws(ParquetError) in
            switch (field, type) {
            case (1, 1), (1, 2): isUTC = type == 1
            case (2, 12):
                try reader.structure { reader, field, type throws(ParquetError) in
                    unit = Unit(rawValue: Int(field))
                    try reader.skip(type)
                }
            default: try reader.skip(type)
            }
        }
        return (isUTC, unit)
    }

    private static func integer(_ reader: inout ThriftReader) throws(ParquetError) -> LogicalType {
        var bits = 0
        var isSigned = true
        try reader.structure { reader, field, type throws(ParquetError) in
            switch (field, type) {
            case (1, 3): bits = Int(try reader.byteValue())
            case (2, 1), (2, 2): isSigned = type == 1
            default: try reader.skip(type)
            }
        }
        return .integer(bits: bits, isSigned: isSigned)
    }
}
