import ColumnBatches

/// Encodes a leaf column of the open row group, page by page.
///
/// The first page of a column decides how it is laid out and whether compressing it pays, with the help of what is known
/// from other files; later row groups go on with what the one before them ended with.
final class ChunkEncoder {
    let leaf: WriterLeaf
    private let options: ParquetWriterOptions
    private let columnOptions: ParquetColumnOptions
    private let compression: ParquetCompression
    private let chooser: EncodingChoice
    /// What is known from other files.
    private let expected: ParquetLayout.Column?
    private var choice: Encoding?
    /// Whether a page was seen that is large enough to tell.
    private var hasTold = false
    /// Whether the pages of this chunk are compressed.
    private var isCompressed: Bool?
    /// Whether those of the next one are, unless too little was seen to tell.
    private var compresses: Bool?
    private var zstdTable: ZstdTable?
    private var dictionary: ChunkDictionary
    /// The finished data pages of the chunk.
    private(set) var pages: [UInt8] = []
    /// The bytes of the last chunk's pages, for which room is made at once.
    private var usualByteCount = 0
    private var entries: [PageEntry] = []
    private var metadata = ChunkMetadata()
    private var bounds = ValueBounds.none
    private var rowCount = 0
    private var hashes: [UInt64] = []
    /// Bounds and missing values of the whole file; nil where a copied row group does not tell them.
    private(set) var fileBounds: ValueBounds? = ValueBounds.none
    private(set) var fileNullCount: Int? = 0

    /// A page of fewer bytes does not tell how well others compress.
    private static let tellingBytes = 4_096

    init(_ leaf: WriterLeaf, options: ParquetWriterOptions, expected: ParquetLayout.Column? = nil)
        throws(ParquetError)
    {
        self.leaf = leaf
        self.options = options
        columnOptions = options.columns[leaf.path] ?? ParquetColumnOptions()
        compression = columnOptions.compression ?? options.compression
        chooser = EncodingChoice(leaf: leaf, options: options, compression: compression)
        dictionary = ChunkDictionary(leaf.layout)
        self.expected = expected.flatMap { [chooser] in chooser.mayFollow($0.encoding) ? $0 : nil }
        choice = columnOptions.encoding?.encoding
        if let encoding = columnOptions.encoding, !encoding.fits(leaf.layout.physical) {
            throw ParquetError(
                .unsupportedEncoding,
                column: leaf.name,
                message: "values of type \(leaf.type) cannot be written as \(encoding)"
            )
        }
    }

    /// What this column tells the writers of other files; nil where too little was seen, or nothing was chosen.
    var layout: ParquetLayout.Column? {
        guard hasTold, columnOptions.encoding == nil, columnOptions.compression == nil, let choice else {
            return nil
        }
        return ParquetLayout.Column(encoding: choice, isCompressed: compresses, zstdTable: zstdTable)
    }

    /// The bytes of the finished pages and the dictionary.
    var byteCount: Int { pages.count + dictionary.byteCount }

    /// Adds some rows of the leaf's top column, in pages.
    func append(_ column: Column, rows: Range<Int>, _ workspace: EncodingWorkspace) throws(ParquetError) {
        var start = rows.lowerBound
        while start < rows.upperBound {
            var end = min(start + options.pageRows, rows.upperBound)
            while end - start > 1 && leaf.byteCount(of: column, rows: start..<end) > options.pageBytes {
                end = start + (end - start) / 2
            }
            try appendPage(column, start..<end, workspace)
            start = end
        }
    }

    private func appendPage(_ column: Column, _ rows: Range<Int>, _ workspace: EncodingWorkspace)
        throws(ParquetError)
    {
        let page = workspace.page
        page.clear()
        let values: PresentValues
        var valueCount = rows.count
        if leaf.isFlat {
            values = PresentValues(column, rows: rows)
            let missing = rows.count - values.count
            if leaf.maxDefinition > 0 {
                LevelEncoder.append(column.validity, rows: rows, missing: missing, to: page)
            } else if missing > 0 {
                throw ParquetError(
                    .missingValue,
                    column: leaf.name,
                    message: "the column must have a value in every row"
                )
            }
        } else {
            let slots = try LeafSlots(column, rows: rows, leaf: leaf)
            values = slots.values
            valueCount = slots.count
            if leaf.maxRepetition > 0 {
                LevelEncoder.append(slots.repetition, maximum: leaf.maxRepetition, to: page)
            }
            if leaf.maxDefinition > 0 {
                LevelEncoder.append(slots.definition, maximum: leaf.maxDefinition, to: page)
            }
        }
        if pages.isEmpty { pages.reserveCapacity(usualByteCount) }
        var entry = PageEntry()
        entry.offset = pages.count
        entry.firstRow = rowCount
        entry.valueCount = valueCount
        entry.nullCount = valueCount - values.count
        let encoding = try encode(values, &entry.bounds, workspace)
        try finishPage(.data, encoding, valueCount: valueCount, workspace)
        if values.count >= ParquetLayout.tellingValues { hasTold = true }
        entry.size = pages.count - entry.offset
        entries.append(entry)
        bounds.include(entry.bounds)
        metadata.nullCount = (metadata.nullCount ?? 0) + entry.nullCount
        metadata.valueCount += valueCount
        rowCount += rows.count
    }

    /// Encodes values into the workspace's page and finds their bounds.
    private func encode(
        _ values: PresentValues,
        _ bounds: inout ValueBounds,
        _ workspace: EncodingWorkspace
    ) throws(ParquetError) -> Encoding {
        guard values.count > 0 else {
            workspace.page.append(values.withoutDictionary, .plain, leaf.layout)
            return .plain
        }
        let isFirst = choice == nil
        if isFirst || choice == .dictionary {
            if try encodeByDictionary(values, isFirst: isFirst, workspace) {
                // Decimals of many digits have no bounds by position: their bytes do not sort as they do.
                bounds =
                    leaf.layout.physical == .fixedLengthByteArray
                    ? ValueBounds(values, type: leaf.type)
                    : dictionary.bounds(of: workspace.indices[...], type: leaf.type)
                return .dictionary
            }
        }
        let values = values.withoutDictionary
        bounds = ValueBounds(values, type: leaf.type)
        if columnOptions.bloomFilter != nil { BloomFilter.hash(values, leaf.layout, into: &hashes) }
        let encoding = choice ?? .plain
        workspace.page.append(values, encoding, leaf.layout)
        return encoding
    }

    /// Encodes values as positions, unless they are better off without; then `choice` says how.
    private func encodeByDictionary(
        _ values: PresentValues,
        isFirst: Bool,
        _ workspace: EncodingWorkspace
    ) throws(ParquetError) -> Bool {
        if case .boolean = values {
            choice = .plain
            return false
        }
        workspace.indices.removeAll(keepingCapacity: true)
        let one = values.constant
        if isFirst && one != nil { choice = .dictionary }
        if isFirst, case .dictionary = values { choice = .dictionary }
        if isFirst && choice == nil && values.count < ParquetLayout.tellingValues {
            choice = expected?.encoding
            if let choice, choice != .dictionary { return false }
        }
        if isFirst && choice == nil {
            let (first, second) = values.halves
            dictionary.intern(first, into: &workspace.indices)
            let half = dictionary.count
            dictionary.intern(second, into: &workspace.indices)
            choice = try chooser.choose(
                values,
                dictionary,
                half: half,
                expected: expected?.encoding,
                workspace
            )
            if choice != .dictionary {
                dictionary = ChunkDictionary(leaf.layout)
                return false
            }
        } else {
            dictionary.intern(one ?? values, into: &workspace.indices)
        }
        if dictionary.byteCount > options.dictionaryByteLimit && dictionary.count > 1 {
            choice = try chooser.fallback(values.withoutDictionary, workspace).encoding
            (compresses, zstdTable) = (nil, nil)
            if entries.allSatisfy({ $0.valueCount == $0.nullCount }) {
                dictionary = ChunkDictionary(leaf.layout)
            }
            return false
        }
        if columnOptions.bloomFilter != nil { BloomFilter.hash(values, leaf.layout, into: &hashes) }
        let width = EncodingChoice.width(dictionary.count)
        workspace.page.append(UInt8(width))
        if one != nil {
            workspace.page.append(run: workspace.indices[0], count: values.count, width: width)
        } else {
            workspace.page.append(hybrid: workspace.indices[...], width: width)
        }
        return true
    }

    /// Compresses the workspace's page where that pays, and adds it behind its header.
    private func finishPage(
        _ kind: PageKind,
        _ encoding: Encoding,
        valueCount: Int,
        _ workspace: EncodingWorkspace
    ) throws(ParquetError) {
        let page = workspace.page
        var body: ArraySlice<UInt8>?
        if kind == .data && isCompressed == nil && columnOptions.compression == nil {
            follow(encoding, valueCount: valueCount)
        }
        if compression != .uncompressed && isCompressed != false && page.count > 0 {
            let compressed: ArraySlice<UInt8>
            if kind == .data && zstdTable == nil && page.count >= Self.tellingBytes {
                (compressed, zstdTable) = try workspace.compressor.compressFirst(page, compression)
            } else {
                compressed = try workspace.compressor.compress(
                    page,
                    compression,
                    table: zstdTable ?? .usual
                )
            }
            if isCompressed == nil && kind == .data {
                isCompressed =
                    columnOptions.compression != nil
                    || chooser.pays(compressed.count, of: page.count, encoding)
                if page.count >= Self.tellingBytes { compresses = isCompressed }
            }
            if isCompressed == true { body = compressed }
        }
        var header = DataPageHeader(
            kind: kind,
            encoding: encoding,
            valueCount: valueCount,
            size: page.count,
            compressedSize: body?.count ?? page.count
        )
        if options.writesChecksums {
            header.checksum = body.map { SmallCodecs.checksum($0) } ?? SmallCodecs.checksum(page)
        }
        let bytes = header.bytes
        pages += bytes
        if let body { pages += body } else { page.appendTo(&pages) }
        metadata.uncompressedSize += bytes.count + page.count
        if let index = metadata.pageCounts.firstIndex(where: { $0.kind == kind && $0.encoding == encoding }) {
            metadata.pageCounts[index].count += 1
        } else {
            metadata.pageCounts.append((encoding, kind, 1))
        }
    }
}

extension ChunkEncoder {
    /// Compresses a column's first page, or leaves it, as pages of its encoding in other files; that compressing does not pay
    /// is not believed of many values.
    private func follow(_ encoding: Encoding, valueCount: Int) {
        guard let expected, expected.encoding == encoding else { return }
        if compression == .zstd(level: 1) { zstdTable = expected.zstdTable }
        guard let pays = expected.isCompressed, pays || valueCount < ParquetLayout.tellingValues else {
            return
        }
        (isCompressed, compresses) = (pays, pays)
    }

    /// Ends the chunk and begins the next one.
    func finish(_ workspace: EncodingWorkspace) throws(ParquetError) -> FinishedChunk {
        var chunk = FinishedChunk(layout: leaf.layout, isText: leaf.type == .string)
        let usesDictionary = metadata.pageCounts.contains { $0.encoding == .dictionary }
        let dataPages = pages
        if usesDictionary {
            pages = []
            workspace.page.clear()
            dictionary.append(to: workspace.page)
            try finishPage(.dictionary, .plain, valueCount: dictionary.count, workspace)
            chunk.dictionaryPage = pages
        }
        chunk.dataPages = dataPages
        usualByteCount = dataPages.count
        chunk.entries = entries
        metadata.type = leaf.layout.physical
        metadata.path = leaf.path
        metadata.codec = isCompressed == true ? compression.codec : .uncompressed
        metadata.codecNumber = metadata.codec.rawValue
        metadata.compressedSize = chunk.dictionaryPage.count + dataPages.count
        var encodings = metadata.pageCounts.map(\.encoding)
        if leaf.maxDefinition > 0 || leaf.maxRepetition > 0 { encodings.append(.rle) }
        metadata.encodings = encodings.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
        if let statistic = Statistic(bounds, leaf.layout, isText: leaf.type == .string) {
            (metadata.min, metadata.isMinExact) = (statistic.min, statistic.isMinExact)
            (metadata.max, metadata.isMaxExact) = (statistic.max, statistic.isMaxExact)
        }
        chunk.metadata = metadata
        if let options = columnOptions.bloomFilter, leaf.layout.physical != .boolean {
            chunk.bloomFilter = BloomFilter(hashes, options).bytes
        }
        include(bounds, nullCount: metadata.nullCount ?? 0)
        begin()
        return chunk
    }

    /// Takes what a copied chunk says of its values.
    func include(_ bounds: ValueBounds?, nullCount: Int?) {
        if let bounds { fileBounds?.include(bounds) } else { fileBounds = nil }
        fileNullCount = nullCount.flatMap { added in fileNullCount.map { $0 + added } }
    }

    /// Forgets the values of the file before.
    func beginFile() {
        fileBounds = ValueBounds.none
        fileNullCount = 0
    }

    private func begin() {
        pages = []
        entries = []
        metadata = ChunkMetadata()
        bounds = .none
        rowCount = 0
        hashes = []
        dictionary = ChunkDictionary(leaf.layout)
        if columnOptions.encoding != nil { choice = columnOptions.encoding?.encoding }
        isCompressed = compresses
    }
}
