/// The header of a page; the format's `PageHeader`.
struct PageHeader {
    var kind = PageKind.data
    var uncompressedSize = 0
    var compressedSize = 0
    /// The checksum of the bytes as they lie in the file.
    var checksum: UInt32?
    /// Values, missing ones included; of a repeated column one for each level.
    var valueCount = 0
    var encoding: Encoding?
    var encodingNumber = 0
    /// How both kinds of levels of a version 1 page are encoded.
    var definitionEncoding = Encoding.rle
    var repetitionEncoding = Encoding.rle
    /// The bytes of both kinds of levels, which lie before the values of a version 2 page uncompressed.
    var repetitionSize = 0
    var definitionSize = 0
    /// The rows of a version 2 page.
    var rowCount = 0
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
            case (4, 5): header.checksum = UInt32(truncatingIfNeeded: try reader.integer())
            case (5, 12), (7, 12): try header.readVersion1(&reader)
            case (8, 12): try header.readVersion2(&reader)
            default: try reader.skip(type)
            }
        }
        self = header
        let numbers = [
            uncompressedSize, compressedSize, valueCount, definitionSize, repetitionSize, rowCount,
        ]
        guard numbers.allSatisfy({ (0...Int(Int32.max)).contains($0) }) else {
            throw ParquetError(.damaged, message: "a page header has an impossible number")
        }
    }

    private mutating func readVersion1(_ reader: inout ThriftReader) throws(ParquetError) {
        var header = self
        try reader.structure { reader, field, type throws(ParquetError) in
            switch (field, type) {
            case (1, 5): header.valueCount = Int(try reader.integer())
            case (2, 5): header.setEncoding(Int(try reader.integer()))
            case (3, 5): header.definitionEncoding = Encoding(rawValue: Int(try reader.integer())) ?? .rle
            case (4, 5): header.repetitionEncoding = Encoding(rawValue: Int(try reader.integer())) ?? .rle
            default: try reader.skip(type)
            }
        }
        self = header
    }

    private mutating func readVersion2(_ reader: inout ThriftReader) throws(ParquetError) {
        var header = self
        try reader.structure { reader, field, type throws(ParquetError) in
            switch (field, type) {
            case (1, 5): header.valueCount = Int(try reader.integer())
            case (3, 5): header.rowCount = Int(try reader.integer())
            case (4, 5): header.setEncoding(Int(try reader.integer()))
            case (5, 5): header.definitionSize = Int(try reader.integer())
            case (6, 5): header.repetitionSize = Int(try reader.integer())
            case (7, 1), (7, 2): header.isCompressed = type == 1
            default: try reader.skip(type)
            }
        }
        self = header
    }

    private mutating func setEncoding(_ number: Int) {
        encodingNumber = number
        encoding = Encoding(rawValue: number)
    }
}
