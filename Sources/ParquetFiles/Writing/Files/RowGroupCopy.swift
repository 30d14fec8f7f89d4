/// A row group of another file that is copied byte for byte: which bytes are read, and what becomes of them.
struct RowGroupCopy {
    private var group: RowGroupMetadata
    private let orders: [ColumnOrder]
    /// What is read of the file, without overlaps, in its order; pages that follow each other are one range.
    let ranges: [Range<Int>]

    /// Looks at a row group of a file.
    ///
    /// - Throws: `ParquetError` when a part of it lies outside the file, or in another one.
    init(_ index: Int, of file: FileMetadata, fileSize: Int) throws(ParquetError) {
        group = file.rowGroups[index]
        orders = file.columnOrders
        var parts: [Range<Int>] = []
        for chunk in group.chunks {
            guard chunk.filePath == nil else {
                throw ParquetError(
                    .unsupportedType,
                    column: chunk.name,
                    rowGroup: index,
                    message: "the column lies in another file"
                )
            }
            let places: [FileRange?] = [
                FileRange(offset: chunk.start, length: chunk.compressedSize), chunk.columnIndex,
                chunk.offsetIndex, chunk.bloomFilter,
            ]
            for place in places {
                guard let place else { continue }
                let (end, overflow) = place.offset.addingReportingOverflow(place.length)
                guard place.offset >= 0, place.length >= 0, !overflow, end <= fileSize else {
                    throw ParquetError(
                        .damaged,
                        column: chunk.name,
                        rowGroup: index,
                        message: "a part of the column lies outside the file"
                    )
                }
                if place.length > 0 { parts.append(place.offset..<end) }
            }
        }
        parts.sort { $0.lowerBound < $1.lowerBound }
        ranges = parts.reduce(into: []) { ranges, part in
            if let last = ranges.last, last.upperBound >= part.lowerBound {
                ranges[ranges.count - 1] = last.lowerBound..<max(last.upperBound, part.upperBound)
            } else {
                ranges.append(part)
            }
        }
    }

    /// Gives the bytes of a range of the old file.
    typealias Read = (Range<Int>) throws(ParquetError) -> ArraySlice<UInt8>

    /// Reads from parts that were read before, one for each of `ranges`.
    func reading(_ parts: [[UInt8]]) -> Read {
        { range throws(ParquetError) in
            guard let part = ranges.lastIndex(where: { $0.lowerBound <= range.lowerBound }) else {
                throw ParquetReader.shortRead(range)
            }
            let start = ranges[part].lowerBound
            return parts[part][(range.lowerBound - start)..<(range.upperBound - start)]
        }
    }

    /// Pages are copied in pieces of this size, which the system's allocator keeps and the processor's cache holds.
    private static let pieceSize = 256 << 10

    /// Adds the row group to a file that is being written.
    ///
    /// - Parameters:
    ///   - file: The file.
    ///   - read: Reads from the old file.
    ///   - flush: Takes what is ready of the new file; called after each piece.
    /// - Throws: `ParquetError` when an index of pages cannot be read; and what `read` and `flush` throw.
    func append(
        to file: inout FileAssembly,
        _ read: Read,
        flush: (inout FileAssembly) throws(ParquetError) -> Void
    ) throws(ParquetError) {
        func bytes(_ place: FileRange?) throws(ParquetError) -> ArraySlice<UInt8> {
            guard let place, place.length > 0 else { return [] }
            return try read(place.offset..<(place.offset + place.length))
        }
        var placed = group
        var indexes: [FileAssembly.ChunkIndexes] = []
        for index in group.chunks.indices {
            let chunk = group.chunks[index]
            let shift = file.offset - chunk.start
            placed.chunks[index].dataPageOffset += shift
            placed.chunks[index].dictionaryPageOffset = chunk.dictionaryPageOffset.map { $0 + shift }
            placed.chunks[index].columnIndex = nil
            placed.chunks[index].offsetIndex = nil
            placed.chunks[index].bloomFilterOffset = nil
            placed.chunks[index].bloomFilterLength = nil
            var position = chunk.start
            while position < chunk.start + chunk.compressedSize {
                let end = min(position + Self.pieceSize, chunk.start + chunk.compressedSize)
                file.write(try read(position..<end))
                try flush(&file)
                position = end
            }
            var pageIndexes = FileAssembly.ChunkIndexes()
            if chunk.offsetIndex != nil {
                var pages = try PageLocation.list(Array(try bytes(chunk.offsetIndex)))
                for page in pages.indices { pages[page].offset += shift }
                pageIndexes.offsetIndex = PageIndexWriter.offsetIndex(pages)
                if chunk.columnIndex != nil { pageIndexes.columnIndex = Array(try bytes(chunk.columnIndex)) }
            }
            // The new footer says that bounds are ordered as the type is.
            if index >= orders.count || orders[index] != .typeDefined {
                (placed.chunks[index].min, placed.chunks[index].max) = (nil, nil)
                pageIndexes.columnIndex = nil
            }
            indexes.append(pageIndexes)
        }
        for position in group.chunks.indices {
            let filter = try bytes(group.chunks[position].bloomFilter)
            if !filter.isEmpty { file.placeBloomFilter(filter, &placed.chunks[position]) }
        }
        file.append(placed, indexes)
    }
}

extension ChunkMetadata {
    /// Where the bloom filter lies; old files do not tell how long it is, and it is left behind then.
    fileprivate var bloomFilter: FileRange? {
        guard let offset = bloomFilterOffset, let length = bloomFilterLength else { return nil }
        return FileRange(offset: offset, length: length)
    }
}
