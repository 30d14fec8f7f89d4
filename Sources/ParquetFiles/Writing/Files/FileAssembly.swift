/// Puts finished chunks one after the other and knows where each of them lies.
struct FileAssembly {
    private var metadata = FileMetadata()
    private let options: ParquetWriterOptions
    private var output = OutputParts()
    /// The bytes of the file so far.
    private(set) var offset = 4
    /// The page indexes of all chunks so far, which come before the footer, in the order of the footer.
    private var indexes: [[ChunkIndexes]] = []

    /// The indexes of a chunk, in the bytes of the file.
    struct ChunkIndexes {
        var columnIndex: [UInt8]?
        var offsetIndex: [UInt8]?
    }

    init(schema: [SchemaElement], options: ParquetWriterOptions) {
        self.options = options
        output.append(Array("PAR1".utf8)[...])
        metadata.schema = schema
        metadata.createdBy = options.createdBy
        metadata.keyValues = options.keyValueMetadata.sorted { $0.key < $1.key }.map {
            KeyValue(key: $0.key, value: $0.value)
        }
        metadata.columnOrders = schema.filter { $0.type != nil }.map { _ in .typeDefined }
    }

    /// The number of row groups so far.
    var rowGroupCount: Int { metadata.rowGroups.count }

    /// The schema of the file, parents first.
    var schema: [SchemaElement] { metadata.schema }

    /// Adds a row group of finished chunks.
    mutating func append(_ chunks: [FinishedChunk], rowCount: Int, sorting: [SortingColumn]) {
        var group = RowGroupMetadata()
        group.rowCount = rowCount
        group.sortingColumns = sorting
        var groupIndexes: [ChunkIndexes] = []
        for chunk in chunks {
            var placed = chunk.metadata
            if !chunk.dictionaryPage.isEmpty { placed.dictionaryPageOffset = offset }
            write(chunk.dictionaryPage[...])
            placed.dataPageOffset = offset
            write(chunk.dataPages[...])
            group.byteCount += placed.uncompressedSize
            group.chunks.append(placed)
            groupIndexes.append(indexes(of: chunk, at: placed.dataPageOffset))
        }
        for (index, chunk) in chunks.enumerated() {
            if let filter = chunk.bloomFilter { placeBloomFilter(filter[...], &group.chunks[index]) }
        }
        append(group, groupIndexes)
    }

    /// Adds a row group whose bytes were written, with its indexes, whose places are not known yet.
    mutating func append(_ group: RowGroupMetadata, _ groupIndexes: [ChunkIndexes]) {
        metadata.rowGroups.append(group)
        metadata.rowCount += group.rowCount
        indexes.append(groupIndexes)
    }

    /// Adds a bloom filter and tells the chunk where it is.
    mutating func placeBloomFilter(_ filter: ArraySlice<UInt8>, _ chunk: inout ChunkMetadata) {
        chunk.bloomFilterOffset = offset
        chunk.bloomFilterLength = filter.count
        write(filter)
    }

    private func indexes(of chunk: FinishedChunk, at start: Int) -> ChunkIndexes {
        guard options.writesPageIndex && !chunk.entries.isEmpty else { return ChunkIndexes() }
        return ChunkIndexes(
            columnIndex: PageIndexWriter.columnIndex(chunk.entries, chunk.layout, isText: chunk.isText),
            offsetIndex: PageIndexWriter.offsetIndex(chunk.entries, from: start)
        )
    }

    /// Adds the page indexes and the footer.
    mutating func finish() {
        for group in metadata.rowGroups.indices {
            for chunk in metadata.rowGroups[group].chunks.indices {
                guard let index = indexes[group][chunk].columnIndex else { continue }
                metadata.rowGroups[group].chunks[chunk].columnIndex = FileRange(
                    offset: offset,
                    length: index.count
                )
                write(index[...])
            }
        }
        for group in metadata.rowGroups.indices {
            for chunk in metadata.rowGroups[group].chunks.indices {
                guard let index = indexes[group][chunk].offsetIndex else { continue }
                metadata.rowGroups[group].chunks[chunk].offsetIndex = FileRange(
                    offset: offset,
                    length: index.count
                )
                write(index[...])
            }
        }
        write(FooterWriter(file: metadata).bytes[...])
    }

    /// Adds bytes at the end.
    mutating func write(_ bytes: ArraySlice<UInt8>) {
        output.append(bytes)
        offset += bytes.count
    }

    /// The bytes that were added since the last call, in parts.
    mutating func takeOutput() -> [ArraySlice<UInt8>] { output.take() }
}
