/// Where a page lies, by the offset index of its column.
struct PageLocation: Sendable, Hashable {
    var offset = 0
    var size = 0
    /// The first row of the page, counted in its row group.
    var firstRow = 0
}

/// The pages of a column chunk and the parts of the file that hold those that are wanted.
struct PageSelection {
    var pages: [PageLocation]
    var wanted: [Range<Int>]

    /// The pages that hold some rows of a row group.
    ///
    /// - Returns: nil when the index contradicts the chunk, which is then read as if it had none.
    init?(_ pages: [PageLocation], of chunk: ChunkMetadata, rowCount: Int, rows: [Range<Int>]) {
        let start = min(chunk.dictionaryPageOffset ?? chunk.dataPageOffset, chunk.dataPageOffset)
        let end = start.addingReportingOverflow(chunk.compressedSize).partialValue
        guard let first = pages.first, first.firstRow == 0, first.offset >= start else { return nil }
        var position = start
        var row = -1
        for page in pages {
            let (stop, overflow) = page.offset.addingReportingOverflow(page.size)
            guard page.offset >= position, page.size > 0, !overflow, stop <= end, page.firstRow > row,
                page.firstRow < rowCount
            else { return nil }
            position = stop
            row = page.firstRow
        }
        var wanted: [Range<Int>] = first.offset > start ? [start..<first.offset] : []
        var next = 0
        for (index, page) in pages.enumerated() {
            let pageEnd = index + 1 < pages.count ? pages[index + 1].firstRow : rowCount
            while next < rows.count && rows[next].upperBound <= page.firstRow { next += 1 }
            guard next < rows.count, rows[next].lowerBound < pageEnd else { continue }
            let range = page.offset..<(page.offset + page.size)
            if let last = wanted.last, last.upperBound == range.lowerBound {
                wanted[wanted.count - 1] = last.lowerBound..<range.upperBound
            } else {
                wanted.append(range)
            }
        }
        self.pages = pages
        self.wanted = wanted
    }
}

extension PageLocation {
    /// Reads the pages of an offset index; the format's `OffsetIndex`.
    static func list(_ bytes: [UInt8]) throws(ParquetError) -> [PageLocation] {
        var pages: [PageLocation] = []
        var reader = ThriftReader(bytes)
        try reader.structure { reader, field, type throws(ParquetError) in
            guard field == 1 && type == 9 else { return try reader.skip(type) }
            try reader.list { reader, _ throws(ParquetError) in
                var page = PageLocation()
                try reader.structure { reader, field, type throws(ParquetError) in
                    switch (field, type) {
                    case (1, 6): page.offset = Int(try reader.integer())
                    case (2, 5): page.size = Int(try reader.integer())
                    case (3, 6): page.firstRow = Int(try reader.integer())
                    default: try reader.skip(type)
                    }
                }
                pages.append(page)
            }
        }
        return pages
    }
}

/// The bounds of the pages of a column chunk; the format's `ColumnIndex`.
struct ColumnIndex: Sendable, Hashable {
    var nullPages: [Bool] = []
    var mins: [[UInt8]] = []
    var maxs: [[UInt8]] = []
    var nullCounts: [Int] = []

    init(_ bytes: [UInt8]) throws(ParquetError) {
        var index = self
        var reader = ThriftReader(bytes)
        try reader.structure { reader, field, type throws(ParquetError) in
            switch (field, type) {
            case (1, 9):
                try reader.list { reader, _ throws(ParquetError) in
                    index.nullPages.append(try reader.byteValue() == 1)
                }
            case (2, 9):
                try reader.list { reader, _ throws(ParquetError) in index.mins.append(try reader.binary()) }
            case (3, 9):
                try reader.list { reader, _ throws(ParquetError) in index.maxs.append(try reader.binary()) }
            case (5, 9):
                try reader.list { reader, _ throws(ParquetError) in
                    index.nullCounts.append(Int(try reader.integer()))
                }
            default: try reader.skip(type)
            }
        }
        self = index
        let count = nullPages.count
        guard mins.count == count, maxs.count == count, nullCounts.isEmpty || nullCounts.count == count else {
            throw ParquetError(.damaged, message: "the parts of a column index have different lengths")
        }
    }
}
