import ColumnBatches

/// Encodes one column of the open row group, page by page.
///
/// The first page of a chunk decides: a dictionary where values repeat; else differences for whole numbers, lengths
/// apart from bytes for texts of one length, PLAIN for the rest; and no codec where it saves less than a twentieth.
final class ColumnChunkWriter {
    private enum Choice { case dictionary, delta, deltaLength, plain }

    private let field: Field
    private let layout: ColumnLayout
    private let options: ParquetWriterOptions
    private var choice: Choice?
    /// What the last row group chose; a dictionary that did not pay is not tried again.
    private var lastChoice: Choice?
    private var isCompressed: Bool?
    private var numbers = NumberDictionary()
    private var texts = TextDictionary()
    private var indices: [UInt32] = []
    private let page = PageBuffer()
    /// The finished pages of the chunk.
    private var pages: [UInt8] = []
    private var metadata = ChunkMetadata()
    private var bounds = ValueBounds()
    /// Bounds and missing values of the whole file.
    private(set) var fileBounds = ValueBounds()
    private(set) var fileNullCount = 0

    init(_ field: Field, options: ParquetWriterOptions) {
        self.field = field
        self.options = options
        layout = ColumnLayout(field.type)
    }

    /// The bytes of the finished pages and the dictionary.
    var byteCount: Int { pages.count + numbers.values.count * 8 + texts.bytes.count }

    /// Adds some rows as one page.
    func append(_ column: Column, rows: Range<Int>, _ compressor: ZstdCompressor?) throws(ParquetError) {
        let values = PresentValues(column, rows: rows)
        let missing = rows.count - values.count
        guard missing == 0 || field.isNullable else {
            throw ParquetError(
                .missingValue,
                column: field.name,
                message: "the column must have a value in every row"
            )
        }
        bounds.include(values, type: field.type)
        metadata.nullCount = (metadata.nullCount ?? 0) + missing
        metadata.valueCount += rows.count
        page.clear()
        if field.isNullable { appendLevels(column, rows, missing: missing) }
        let encoding = encode(values)
        try finishPage(.data, encoding, valueCount: rows.count, compressor)
    }

    /// Ends the chunk, which begins at an offset of the file.
    func finish(at offset: Int, _ compressor: ZstdCompressor?) throws(ParquetError) -> (
        ChunkMetadata, [UInt8]
    ) {
        var dictionary: [UInt8] = []
        if choice != .plain || metadata.pageCounts.contains(where: { $0.encoding == .dictionary }) {
            if metadata.pageCounts.contains(where: { $0.encoding == .dictionary }) {
                let dataPages = pages
                pages = []
                page.clear()
                let count = appendDictionary()
                try finishPage(.dictionary, .plain, valueCount: count, compressor)
                dictionary = pages
                pages = dataPages
                metadata.dictionaryPageOffset = offset
            }
        }
        metadata.type = layout.physical
        metadata.name = field.name
        metadata.codec = isCompressed == true ? .zstd : .uncompressed
        metadata.dataPageOffset = offset + dictionary.count
        metadata.compressedSize = dictionary.count + pages.count
        var encodings: [Encoding] = metadata.pageCounts.map(\.encoding)
        if field.isNullable || encodings.contains(.dictionary) { encodings.append(.rle) }
        metadata.encodings = encodings.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
        if let min = bounds.min?.statistic(layout, isMaximum: false),
            let max = bounds.max?.statistic(layout, isMaximum: true)
        {
            metadata.min = min.bytes
            metadata.isMinExact = min.isExact
            metadata.max = max.bytes
            metadata.isMaxExact = max.isExact
        }
        fileBounds.include(bounds)
        fileNullCount += metadata.nullCount ?? 0
        let result = (metadata, dictionary + pages)
        lastChoice = choice
        choice = nil
        isCompressed = nil
        numbers = NumberDictionary()
        texts = TextDictionary()
        pages.removeAll(keepingCapacity: true)
        metadata = ChunkMetadata()
        bounds = ValueBounds()
        return result
    }

    /// Definition levels of one bit: a run where no value is missing, else the bits as they are; length first.
    private func appendLevels(_ column: Column, _ rows: Range<Int>, missing: Int) {
        let levels = LevelEncoder.encode(column.validity, rows: rows, missing: missing)
        page.append(little: UInt32(levels.count))
        page.append(levels[...])
    }

    private func encode(_ values: PresentValues) -> Encoding {
        let isFirst = choice == nil
        if choice == nil { choice = firstChoice(values) }
        if choice == .dictionary {
            intern(values)
            let distinct = max(numbers.values.count, texts.count)
            let size = numbers.values.count * 8 + texts.bytes.count + texts.count * 4
            let pays =
                size <= options.dictionaryByteLimit && (!isFirst || distinct * 2 <= max(values.count, 1))
            if pays {
                let width = distinct <= 1 ? 1 : Int.bitWidth - (distinct - 1).leadingZeroBitCount
                page.append(UInt8(width))
                page.append(varint: UInt64((indices.count + 7) / 8) &<< 1 | 1)
                page.append(packed: indices[...], width: width)
                return .dictionary
            }
            if isFirst {
                numbers = NumberDictionary()
                texts = TextDictionary()
            }
            choice = fallback(values)
        }
        switch (choice, values) {
        case (.delta, .int32(let numbers)):
            DeltaEncoder.encode(numbers, into: page)
            return .deltaBinaryPacked
        case (.delta, .int64(let numbers)):
            if layout.physical == .int32 {
                DeltaEncoder.encode(numbers.map { Int32(truncatingIfNeeded: $0) }[...], into: page)
            } else {
                DeltaEncoder.encode(numbers, into: page)
            }
            return .deltaBinaryPacked
        case (.deltaLength, .texts(let offsets, let bytes)):
            var lengths: [Int32] = []
            lengths.reserveCapacity(offsets.count)
            var previous = offsets.first ?? 0
            for offset in offsets.dropFirst() {
                lengths.append(offset - previous)
                previous = offset
            }
            DeltaEncoder.encode(lengths[...], into: page)
            page.append(bytes[Int(offsets.first ?? 0)..<Int(offsets.last ?? 0)])
            return .deltaLengthByteArray
        default:
            appendPlain(values)
            return .plain
        }
    }

    private func firstChoice(_ values: PresentValues) -> Choice {
        switch values {
        case .boolean, .int128: return .plain
        default: break
        }
        if let lastChoice, lastChoice != .dictionary { return lastChoice }
        return .dictionary
    }

    private func fallback(_ values: PresentValues) -> Choice {
        if options.maximumCompatibility { return .plain }
        switch values {
        case .int32, .int64: return .delta
        case .texts: return values.isOfOneLength ? .deltaLength : .plain
        default: return .plain
        }
    }

    private func intern(_ values: PresentValues) {
        switch values {
        case .int32(let values):
            let start = values.startIndex
            numbers.intern(values.count, { UInt64(UInt32(bitPattern: values[start + $0])) }, into: &indices)
        case .int64(let values):
            let start = values.startIndex
            numbers.intern(values.count, { UInt64(bitPattern: values[start + $0]) }, into: &indices)
        case .float(let values):
            let start = values.startIndex
            numbers.intern(values.count, { UInt64(values[start + $0].bitPattern) }, into: &indices)
        case .double(let values):
            let start = values.startIndex
            numbers.intern(values.count, { values[start + $0].bitPattern }, into: &indices)
        case .texts(let offsets, let bytes): texts.intern(offsets, bytes, into: &indices)
        case .boolean, .int128: break
        }
    }

    private func appendDictionary() -> Int {
        switch layout.physical {
        case .int32, .float:
            page.append(plain: numbers.values.map { UInt32(truncatingIfNeeded: $0) }[...])
            return numbers.values.count
        case .byteArray:
            page.append(plain: texts.offsets[...], bytes: texts.bytes)
            return texts.count
        default:
            page.append(plain: numbers.values[...])
            return numbers.values.count
        }
    }

    private func appendPlain(_ values: PresentValues) {
        switch values {
        case .boolean(let bits):
            var byte: UInt8 = 0
            for (index, bit) in bits.enumerated() {
                if bit { byte |= 1 << UInt8(index & 7) }
                if index & 7 == 7 || index == bits.count - 1 {
                    page.append(byte)
                    byte = 0
                }
            }
        case .int32(let numbers): page.append(plain: numbers)
        case .int64(let numbers):
            if layout.physical == .int32 {
                page.append(plain: numbers.map { Int32(truncatingIfNeeded: $0) }[...])
            } else {
                page.append(plain: numbers)
            }
        case .int128(let numbers):
            for number in numbers {
                for index in (0..<layout.fixedLength).reversed() {
                    page.append(UInt8(truncatingIfNeeded: number >> Int128(8 * index)))
                }
            }
        case .float(let numbers): page.append(plain: numbers)
        case .double(let numbers): page.append(plain: numbers)
        case .texts(let offsets, let bytes): page.append(plain: offsets, bytes: bytes)
        }
    }

    private func finishPage(
        _ kind: PageKind,
        _ encoding: Encoding,
        valueCount: Int,
        _ compressor: ZstdCompressor?
    ) throws(ParquetError) {
        let size = page.count
        var body: ArraySlice<UInt8>?
        if let compressor, isCompressed != false {
            let compressed = try compressor.compress(page)
            if isCompressed == nil { isCompressed = compressed.count * 20 <= size * 19 }
            if isCompressed == true { body = compressed }
        }
        var header = ThriftWriter()
        header.element { header in
            header.int32(1, kind.rawValue)
            header.int32(2, size)
            header.int32(3, body?.count ?? size)
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
        pages += header.bytes
        if let body {
            pages += body
        } else {
            page.appendTo(&pages)
        }
        metadata.uncompressedSize += header.bytes.count + size
        if let index = metadata.pageCounts.firstIndex(where: { $0.kind == kind && $0.encoding == encoding }) {
            metadata.pageCounts[index].count += 1
        } else {
            metadata.pageCounts.append((encoding, kind, 1))
        }
    }
}
