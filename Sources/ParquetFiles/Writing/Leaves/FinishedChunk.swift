/// A chunk whose pages are done, on its way to the file.
struct FinishedChunk {
    let layout: ColumnLayout
    let isText: Bool
    /// The chunk's description; its offsets are set when its place in the file is known.
    var metadata = ChunkMetadata()
    var dictionaryPage: [UInt8] = []
    var dataPages: [UInt8] = []
    var entries: [PageEntry] = []
    var bloomFilter: [UInt8]?

    init(layout: ColumnLayout, isText: Bool) {
        self.layout = layout
        self.isText = isText
    }
}

/// The header of a page that is written.
struct DataPageHeader {
    var kind: PageKind
    var encoding: Encoding
    var valueCount: Int
    var size: Int
    var compressedSize: Int
    var checksum: UInt32?

    /// The header's bytes.
    var bytes: [UInt8] {
        var header = ThriftWriter()
        header.element { header in
            header.int32(1, kind.rawValue)
            header.int32(2, size)
            header.int32(3, compressedSize)
            if let checksum { header.int32(4, Int(Int32(bitPattern: checksum))) }
            if kind == .dictionary {
                header.structure(7) { page in
                    page.int32(1, valueCount)
                    page.int32(2, Encoding.plain.rawValue)
                }
            } else {
                header.structure(5) { page in
                    page.int32(1, valueCount)
                    page.int32(2, encoding.rawValue)
                    page.int32(3, Encoding.rle.rawValue)
                    page.int32(4, Encoding.rle.rawValue)
                }
            }
        }
        return header.bytes
    }
}
