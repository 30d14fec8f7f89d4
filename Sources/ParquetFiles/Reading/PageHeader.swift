/// The header of a page; the format's `PageHeader`.
struct PageHeader {
    var kind = PageKind.data
    var uncompressedSize = 0
    var compressedSize = 0
    var valueCount = 0
    var encoding: Encoding?
    var encodingNumber = 0
    /// The bytes of both kinds of levels, which lie before the values of a version 2 page uncompressed.
    var repetitionSize = 0
    var definitionSize = 0
    var isCompressed = true

    init(_ reader: inout ThriftReader) throws(ParquetError) {
        var header = self
        try reader.structure { reader, field, type throws(ParquetError) in
            switch (field, type) {
            case (1, 5):
                guard let kind = PageKind(rawValue: Int(try reader.integer())) else {
                    throw ParquetError(.damaged, message: "a page is of an unknown kind")
                }
                header.kind = kind
            case (2, 5): header.uncompressedSize = Int(try reader.integer())
            case (3, 5): header.compressedSize = Int(try reader.integer())
            case (5, 12), (7, 12):
                try reader.structure { reader, field, type throws(ParquetError) in
                    switch (field, type) {
                    case (1, 5): header.valueCount = Int(try reader.integer())
                    case (2, 5): header.setEncoding(Int(try reader.integer()))
                    default: try reader.skip(type)
                    }
                }
            case (8, 12):
                try reader.structure { reader, field, type throws(ParquetError) in
                    switch (field, type) {
                    case (1, 5): header.valueCount = Int(try reader.integer())
                    case (4, 5): header.setEncoding(Int(try reader.integer()))
                    case (5, 5): header.definitionSize = Int(try reader.integer())
                    case (6, 5): header.repetitionSize = Int(try reader.integer())
                    case (7, 1), (7, 2): header.isCompressed = type == 1
                    default: try reader.skip(type)
                    }
                }
            default: try reader.skip(type)
            }
        }
        self = header
        guard uncompressedSize >= 0, compressedSize >= 0, valueCount >= 0, definitionSize >= 0,
            repetitionSize >= 0
        else {
            throw ParquetError(.damaged, message: "a page header has a negative number")
        }
    }

    private mutating func setEncoding(_ number: Int) {
        encodingNumber = number
        encoding = Encoding(rawValue: number)
    }
}
