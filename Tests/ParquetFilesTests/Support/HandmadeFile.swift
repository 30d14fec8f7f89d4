@testable import ParquetFiles

/// A Parquet file put together by hand, page by page, for what no writer here writes.
struct HandmadeFile {
    /// A page: its header and its bytes as they lie in the file.
    struct Page {
        var kind = PageKind.data
        var count = 1
        var encoding = Encoding.plain
        var body: [UInt8]
        /// The bytes before compression, where they differ.
        var uncompressedSize: Int?
        var checksum: UInt32?
        var levelEncoding = Encoding.rle
        /// Of version 2 pages.
        var repetitionSize = 0
        var definitionSize = 0
        var rowCount = 0
        var isCompressed = true
    }

    /// A column chunk.
    struct Chunk {
        var leaf = 0
        var codec = Codec.uncompressed
        var pages: [Page]
        var valueCount: Int?
    }

    var schema: [SchemaElement]
    var rowCount: Int
    /// The chunks of each row group.
    var groups: [[Chunk]]
    var hasOffsetIndex = false

    /// A schema of a root and these elements, of which the root has `children`.
    static func schema(_ elements: [SchemaElement], children: Int? = nil) -> [SchemaElement] {
        var root = SchemaElement()
        root.name = "root"
        root.childCount = children ?? elements.count
        return [root] + elements
    }

    static func element(
        _ name: String,
        _ type: PhysicalType? = nil,
        _ repetition: SchemaElement.Repetition = .required,
        children: Int = 0,
        converted: ConvertedType? = nil,
        length: Int = 0,
        precision: Int = 0,
        scale: Int = 0
    ) -> SchemaElement {
        var element = SchemaElement()
        (element.name, element.type, element.repetition, element.childCount) = (
            name, type, repetition, children
        )
        (element.converted, element.typeLength) = (converted, length)
        (element.precision, element.scale) = (precision, scale)
        return element
    }

    /// The file.
    var bytes: [UInt8] {
        var file = Array("PAR1".utf8)
        var offsets: [[(data: Int, dictionary: Int?, size: Int, pages: [(offset: Int, size: Int)])]] = []
        for group in groups {
            offsets.append([])
            for chunk in group {
                let start = file.count
                var data: Int?
                var dictionary: Int?
                var pages: [(Int, Int)] = []
                for page in chunk.pages {
                    let offset = file.count
                    if page.kind == .dictionary { dictionary = offset } else { data = data ?? offset }
                    file += Self.header(page) + page.body
                    if page.kind != .dictionary { pages.append((offset, file.count - offset)) }
                }
                offsets[offsets.count - 1].append((data ?? start, dictionary, file.count - start, pages))
            }
        }
        var indexes: [[FileRange?]] = []
        for (group, chunks) in zip(groups, offsets) {
            indexes.append(
                zip(group, chunks).map { chunk, places in
                    guard hasOffsetIndex else { return nil }
                    let index = Self.offsetIndex(chunk, places.pages)
                    defer { file += index }
                    return FileRange(offset: file.count, length: index.count)
                }
            )
        }
        let footer = footer(offsets, indexes)
        file += footer
        for shift in [0, 8, 16, 24] { file.append(UInt8(truncatingIfNeeded: footer.count >> shift)) }
        return file + Array("PAR1".utf8)
    }

    private static func offsetIndex(_ chunk: Chunk, _ places: [(offset: Int, size: Int)]) -> [UInt8] {
        var writer = ThriftWriter()
        writer.element { index in
            index.list(1, of: .structure, count: places.count) { list in
                var row = 0
                for (page, place) in zip(chunk.pages.filter { $0.kind != .dictionary }, places) {
                    list.element { location in
                        location.int64(1, place.offset)
                        location.int32(2, place.size)
                        location.int64(3, row)
                    }
                    row += page.rowCount > 0 ? page.rowCount : page.count
                }
            }
        }
        return writer.bytes
    }

    private static func header(_ page: Page) -> [UInt8] {
        var writer = ThriftWriter()
        writer.element { header in
            header.int32(1, page.kind.rawValue)
            header.int32(2, page.uncompressedSize ?? page.body.count)
            header.int32(3, page.body.count)
            if let checksum = page.checksum { header.int32(4, Int(Int32(bitPattern: checksum))) }
            switch page.kind {
            case .dictionary:
                header.structure(7) { dictionary in
                    dictionary.int32(1, page.count)
                    dictionary.int32(2, page.encoding.rawValue)
                }
            case .dataV2:
                header.structure(8) { data in
                    data.int32(1, page.count)
                    data.int32(2, 0)
                    data.int32(3, page.rowCount)
                    data.int32(4, page.encoding.rawValue)
                    data.int32(5, page.definitionSize)
                    data.int32(6, page.repetitionSize)
                    data.boolean(7, page.isCompressed)
                }
            case .data, .index:
                header.structure(5) { data in
                    data.int32(1, page.count)
                    data.int32(2, page.encoding.rawValue)
                    data.int32(3, page.levelEncoding.rawValue)
                    data.int32(4, page.levelEncoding.rawValue)
                }
            }
        }
        return writer.bytes
    }

    private func footer(
        _ offsets: [[(data: Int, dictionary: Int?, size: Int, pages: [(offset: Int, size: Int)])]],
        _ indexes: [[FileRange?]]
    ) -> [UInt8] {
        let leaves = schema.filter { $0.type != nil }
        var writer = ThriftWriter()
        writer.element { file in
            file.int32(1, 1)
            file.list(2, of: .structure, count: schema.count) { list in
                for element in schema { list.element { Self.write(element, &$0) } }
            }
            file.int64(3, rowCount * groups.count)
            file.list(4, of: .structure, count: groups.count) { list in
                for (index, group) in groups.enumerated() {
                    list.element { element in
                        element.list(1, of: .structure, count: group.count) { chunks in
                            for (place, chunk) in group.enumerated() {
                                let at = offsets[index][place]
                                chunks.element { column in
                                    column.int64(2, 0)
                                    column.structure(3) { meta in
                                        meta.int32(1, leaves[chunk.leaf].type?.rawValue ?? 0)
                                        meta.list(3, of: .binary, count: 1) {
                                            $0.string(leaves[chunk.leaf].name)
                                        }
                                        meta.int32(4, chunk.codec.rawValue)
                                        let counts = chunk.pages.filter { $0.kind != .dictionary }.map(
                                            \.count
                                        )
                                        meta.int64(5, chunk.valueCount ?? counts.reduce(0, +))
                                        meta.int64(6, at.size)
                                        meta.int64(7, at.size)
                                        meta.int64(9, at.data)
                                        if let dictionary = at.dictionary { meta.int64(11, dictionary) }
                                    }
                                    if let range = indexes[index][place] {
                                        column.int64(4, range.offset)
                                        column.int32(5, range.length)
                                    }
                                }
                            }
                        }
                        element.int64(2, offsets[index].reduce(0) { $0 + $1.size })
                        element.int64(3, rowCount)
                    }
                }
            }
        }
        return writer.bytes
    }

    private static func write(_ node: SchemaElement, _ element: inout ThriftWriter) {
        if let type = node.type { element.int32(1, type.rawValue) }
        if node.typeLength > 0 { element.int32(2, node.typeLength) }
        if let repetition = node.repetition { element.int32(3, repetition.rawValue) }
        element.string(4, node.name)
        if node.childCount > 0 { element.int32(5, node.childCount) }
        if let converted = node.converted { element.int32(6, converted.rawValue) }
        if node.precision > 0 {
            element.int32(7, node.scale)
            element.int32(8, node.precision)
        }
    }
}
