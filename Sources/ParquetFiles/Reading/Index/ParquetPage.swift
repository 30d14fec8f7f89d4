/// A data page of a column chunk, as the page index tells about it.
public struct ParquetPage: Sendable, Hashable {
    /// Where the page lies in the file, its header included.
    public var range: Range<Int>
    /// The rows of the page, counted in the row group.
    public var rows: Range<Int>
    /// What the writer says about the values; empty where it says nothing.
    public var statistics: ParquetStatistics
    /// Whether all values are missing.
    public var isAllMissing: Bool
}

extension ParquetReader {
    /// The pages of a column in a row group, or nil where the file has no index of them.
    ///
    /// Hand the rows of the pages that are wanted to `batches(rows:)`, moved by the rows of the row groups before.
    ///
    /// - Throws: `ParquetError` when there is no such column or the index is damaged; and what the source throws.
    public func pages(of column: String, rowGroup: Int) async throws -> [ParquetPage]? {
        let (leaf, chunk) = try footer.chunk(column, rowGroup: rowGroup)
        guard let offsets = chunk.offsetIndex else { return nil }
        let locations = try await read(offsets)
        var bounds: [UInt8]?
        if let index = chunk.columnIndex { bounds = try await read(index) }
        do throws(ParquetError) {
            return try footer.pages(of: leaf, rowGroup: rowGroup, locations: locations, bounds: bounds)
        } catch {
            var placed = error
            (placed.column, placed.rowGroup) = (column, rowGroup)
            throw placed
        }
    }

    /// The bloom filter of a column in a row group, or nil where the file has none.
    ///
    /// - Throws: `ParquetError` when there is no such column or the filter is damaged; and what the source throws.
    public func bloomFilter(of column: String, rowGroup: Int) async throws -> ParquetBloomFilter? {
        let (leaf, chunk) = try footer.chunk(column, rowGroup: rowGroup)
        guard let offset = chunk.bloomFilterOffset else { return nil }
        guard (0..<footer.fileSize).contains(offset) else {
            throw ParquetError(
                .damaged,
                column: column,
                rowGroup: rowGroup,
                message: "the filter lies outside the file"
            )
        }
        // Old files do not tell the length; the header says how much follows it.
        let guess = min(max(chunk.bloomFilterLength ?? 1024, 64), footer.fileSize - offset)
        var bytes = try await read(FileRange(offset: offset, length: guess))
        let header = try BloomFilterHeader(bytes)
        if header.end > bytes.count { bytes = try await read(FileRange(offset: offset, length: header.end)) }
        return ParquetBloomFilter(bytes, header, leaf: leaf)
    }

    private func read(_ range: FileRange) async throws -> [UInt8] {
        let (end, overflow) = range.offset.addingReportingOverflow(range.length)
        guard range.offset >= 0, range.length > 0, !overflow, end <= footer.fileSize else {
            throw ParquetError(.damaged, message: "an index lies outside the file")
        }
        let bytes = try await source.read(range.offset..<end)
        guard bytes.count == range.length else { throw Self.shortRead(range.offset..<end) }
        return bytes
    }
}

extension ParquetFooter {
    /// The leaf of a name and its chunk.
    fileprivate func chunk(_ column: String, rowGroup: Int) throws(ParquetError) -> (
        LeafColumn, ChunkMetadata
    ) {
        guard let leaf = tree.leaves.first(where: { $0.name == column }) else {
            throw ParquetError(.schemaMismatch, column: column, message: "the file has no such column")
        }
        guard file.rowGroups.indices.contains(rowGroup) else {
            throw ParquetError(
                .schemaMismatch,
                rowGroup: rowGroup,
                message: "the file has \(file.rowGroups.count) row groups"
            )
        }
        return (leaf, file.rowGroups[rowGroup].chunks[leaf.index])
    }

    /// The pages of a leaf by the bytes of its offset index, and of its column index where there is one.
    func pages(of leaf: LeafColumn, rowGroup: Int, locations: [UInt8], bounds: [UInt8]?)
        throws(ParquetError) -> [ParquetPage]
    {
        let group = file.rowGroups[rowGroup]
        let locations = try PageLocation.list(locations)
        let bounds = try bounds.map { bytes throws(ParquetError) in try ColumnIndex(bytes) }
        let chunk = group.chunks[leaf.index]
        guard PageSelection(locations, of: chunk, rowCount: group.rowCount, rows: []) != nil,
            bounds == nil || bounds?.nullPages.count == locations.count
        else { throw ParquetError(.damaged, message: "the page index contradicts the column") }
        let isOrdered = leaf.index < file.columnOrders.count && file.columnOrders[leaf.index] == .typeDefined
        return locations.enumerated().map { index, location in
            let end = index + 1 < locations.count ? locations[index + 1].firstRow : group.rowCount
            return ParquetPage(
                range: location.offset..<(location.offset + location.size),
                rows: location.firstRow..<end,
                statistics: bounds?.statistics(index, leaf, isOrdered: isOrdered) ?? ParquetStatistics(),
                isAllMissing: bounds?.nullPages[index] ?? false
            )
        }
    }
}

extension ColumnIndex {
    fileprivate func statistics(_ page: Int, _ leaf: LeafColumn, isOrdered: Bool) -> ParquetStatistics {
        var statistics = ParquetStatistics()
        if page < nullCounts.count, nullCounts[page] >= 0 { statistics.nullCount = nullCounts[page] }
        guard isOrdered, !nullPages[page] else { return statistics }
        let min = leaf.bound(mins[page], isMaximum: false)
        let max = leaf.bound(maxs[page], isMaximum: true)
        // Bounds of pages may be cut, and nothing tells whether they are.
        (statistics.isMinExact, statistics.isMaxExact) = (false, false)
        if let min, let max { (statistics.min, statistics.max) = (min, max) }
        return statistics
    }
}
