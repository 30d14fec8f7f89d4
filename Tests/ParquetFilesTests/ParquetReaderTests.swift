import ColumnBatches
import Testing

@testable import ParquetFiles

@Suite("ParquetReader") struct ParquetReaderTests {
    typealias RoundTrip = ParquetRoundTripTests

    /// Three columns over several row groups and pages, as this project writes them.
    static func sample(rows: Int = 1000) throws -> (file: [UInt8], batch: ColumnBatch) {
        let batch = ColumnBatch(
            schema: BatchSchema([Field("id", .int64), Field("name", .string), Field("price", .double)]),
            columns: [
                RoundTrip.column(.int64, .ascending, count: rows),
                RoundTrip.column(.string, .someMissing, count: rows),
                RoundTrip.column(.double, .repeated, count: rows),
            ]
        )
        return (try RoundTrip.write([batch], RoundTrip.small()).0, batch)
    }

    static func rows(_ file: [UInt8], _ selection: ParquetSelection, batchRows: Int = 64) throws
        -> [[ColumnValue]]
    {
        let reader = try ParquetReader(blocking: MemoryParquetSource(file))
        var batches = try reader.blockingBatches(
            columns: selection.columns,
            rowGroups: selection.rowGroups,
            rows: selection.rows,
            batchRows: batchRows
        )
        var rows: [[ColumnValue]] = []
        while let batch = try batches.next() {
            #expect(batch.rowCount <= batchRows)
            rows += (0..<batch.rowCount).map { batch.row($0) }
        }
        return rows
    }

    @Test("row ranges, row groups and columns are chosen in one", arguments: [1, 13, 64, 1000])
    func selection(batchRows: Int) throws {
        let (file, batch) = try Self.sample()
        let all = (0..<1000).map { batch.row($0) }
        #expect(try Self.rows(file, ParquetSelection(), batchRows: batchRows) == all)
        let ranges = [5..<6, 90..<130, 440..<460, 120..<140, 998..<2000, 7..<7]
        let wanted = Set(ranges.flatMap { Array($0) }).sorted().filter { $0 < 1000 }
        let picked = try Self.rows(
            file,
            ParquetSelection(columns: ["price", "id"], rows: ranges),
            batchRows: batchRows
        )
        #expect(picked == wanted.map { [all[$0][2], all[$0][0]] })
        let group = try Self.rows(
            file,
            ParquetSelection(rowGroups: [2, 0], rows: [440..<910]),
            batchRows: batchRows
        )
        #expect(group == Array(all[900..<910] + all[440..<450]))
        #expect(try Self.rows(file, ParquetSelection(columns: [], rows: [3..<9])).count == 6)
        #expect(throws: ParquetError.self) { try Self.rows(file, ParquetSelection(rowGroups: [9])) }
    }

    /// A source that counts what is read.
    final class CountingSource: BlockingParquetSource, @unchecked Sendable {
        let bytes: [UInt8]
        var reads: [Range<Int>] = []
        var byteCount: Int { bytes.count }

        init(_ bytes: [UInt8]) { self.bytes = bytes }

        func readNow(_ range: Range<Int>) throws(ParquetError) -> (bytes: [UInt8], start: Int) {
            reads.append(range)
            return (Array(bytes[range]), range.lowerBound)
        }
    }

    @Test("large chunks are fetched in windows, small ones whole, near ones together")
    func windows() throws {
        let (file, batch) = try Self.sample(rows: 400)
        for (windowBytes, gap) in [(1 << 20, 64 << 10), (256, 0), (1, 0)] {
            let source = CountingSource(file)
            var reader = try ParquetReader(blocking: source)
            source.reads = []
            reader.options.windowBytes = windowBytes
            reader.options.coalescedGap = gap
            var batches = try reader.blockingBatches(batchRows: 50)
            var rows = 0
            while let next = try batches.next() {
                #expect(next.column("name")?.values == batch.column("name")?.slice(rows..<(rows + 50)).values)
                rows += 50
            }
            #expect(rows == 400)
            let largest = source.reads.map(\.count).max() ?? 0
            if windowBytes > 1000 {
                #expect(source.reads.count == 1)
            } else {
                #expect(largest < file.count / 2)
            }
        }
    }

    /// Ten pages of ten numbers, with an offset index.
    static func paged(repeated: Bool) -> HandmadeFile {
        func page(_ number: Int) -> HandmadeFile.Page {
            var body: [UInt8] = []
            // Each row is a list of two of the numbers, where rows repeat.
            if repeated { body += [3, 0, 0, 0, 5, 0xAA, 0x02, 2, 0, 0, 0, 20, 1] }
            for value in 0..<10 { body += [UInt8(number * 10 + value), 0, 0, 0] }
            return HandmadeFile.Page(count: 10, body: body, rowCount: repeated ? 5 : 10)
        }
        let element = HandmadeFile.element("n", .int32, repeated ? .repeated : .required)
        return HandmadeFile(
            schema: HandmadeFile.schema([element]),
            rowCount: repeated ? 50 : 100,
            groups: [[.init(pages: (0..<10).map(page))], [.init(pages: (0..<10).map(page))]],
            hasOffsetIndex: true
        )
    }

    @Test("pages without a wanted row are not read", arguments: [false, true])
    func pageSelection(repeated: Bool) async throws {
        let made = Self.paged(repeated: repeated)
        let file = made.bytes
        let all = try Self.rows(file, ParquetSelection())
        #expect(all.count == made.rowCount * 2)
        if repeated { #expect(all[1] == [.list([.integer(2), .integer(3)])]) }
        let source = CountingSource(file)
        var reader = try ParquetReader(blocking: source)
        reader.options.windowBytes = 16
        reader.options.coalescedGap = 0
        source.reads = []
        let width = made.rowCount / 10
        let wanted = [
            (width * 3 + 1)..<(width * 3 + 3), (made.rowCount + width * 7)..<(made.rowCount + width * 8),
        ]
        var batches = try reader.blockingBatches(rows: wanted)
        var rows: [[ColumnValue]] = []
        while let batch = try batches.next() { rows += (0..<batch.rowCount).map { batch.row($0) } }
        #expect(rows == wanted.flatMap { all[$0] })
        let pages = try #require(try await reader.pages(of: "n", rowGroup: 1))
        #expect(pages.count == 10 && pages[7].rows == (width * 7)..<(width * 8))
        // Two offset indexes, and one page of each row group; a repeated row needs no look at the next page.
        let pageReads = source.reads.filter { read in read.count < 80 }
        #expect(pageReads.reduce(0) { $0 + $1.count } < 300, "\(source.reads)")
    }

    @Test("an index that contradicts itself is passed over, one that contradicts the pages is an error")
    func contradictingIndex() throws {
        let page = PageLocation(offset: 40, size: 10, firstRow: 0)
        for pages in [
            [], [PageLocation(offset: 40, size: 10, firstRow: 1)], [page, page],
            [PageLocation(offset: .max, size: .max, firstRow: 0)],
            [PageLocation(offset: -5, size: 9, firstRow: 0)],
        ] {
            #expect(PageSelection(pages, of: ChunkMetadata(), rowCount: 100, rows: [0..<1]) == nil)
        }
        var made = Self.paged(repeated: false)
        made.groups[0][0].pages[3].rowCount = 9
        #expect(throws: ParquetError.self) { try Self.rows(made.bytes, ParquetSelection(rows: [35..<36])) }
        #expect(try Self.rows(made.bytes, ParquetSelection()).count == 200)
    }

    @Test("texts that repeat can stay positions in a dictionary")
    func dictionaries() throws {
        let (file, batch) = try Self.sample()
        var reader = try ParquetReader(blocking: MemoryParquetSource(file))
        reader.options.keepsDictionaries = true
        let column = RoundTrip.column(.string, .repeated, count: 1000)
        let repeated = ColumnBatch(schema: BatchSchema([Field("c", .string)]), columns: [column])
        let (other, _) = try RoundTrip.write([repeated], RoundTrip.small())
        var batches = try reader.blockingBatches()
        var names: [ColumnValue] = []
        while let next = try batches.next() { names += next.columns[1].values }
        #expect(names == batch.columns[1].values)
        reader = try ParquetReader(blocking: MemoryParquetSource(other))
        reader.options.keepsDictionaries = true
        batches = try reader.blockingBatches()
        let first = try #require(try batches.next())
        guard case .dictionary(let values) = first.columns[0].storage else {
            Issue.record("not a dictionary")
            return
        }
        #expect(values.dictionary.count == 5)
        #expect(first.columns[0].values == Array(column.values[..<450]))
    }

    @Test("ranges come in as few reads as their gaps allow")
    func readPlan() {
        #expect(ReadPlan([], gap: 10).reads == [])
        #expect(ReadPlan([5..<5, 30..<40, 0..<10], gap: 19).reads == [0..<10, 30..<40])
        #expect(ReadPlan([30..<40, 0..<10], gap: 20).reads == [0..<40])
        #expect(ReadPlan([0..<10, 10..<20, 2..<4], gap: 0).reads == [0..<20])
        #expect(ReadPlan([0..<10, 10..<20, 20..<30], gap: 5, largest: 20).reads == [0..<20, 20..<30])
        #expect(ReadPlan([0..<10, 5..<40], gap: 0, largest: 20).reads == [0..<40])
    }

    @Test("what a footer says can be asked for")
    func footer() throws {
        let (file, _) = try Self.sample()
        let reader = try ParquetReader(blocking: MemoryParquetSource(file))
        #expect(reader.rowGroups.map(\.rowCount) == [450, 450, 100])
        #expect(reader.metadata.createdBy?.hasPrefix("tributary") == true)
        let chunk = try #require(reader.rowGroups[1].chunk("id"))
        #expect(chunk.statistics.nullCount == 0 && chunk.valueCount == 450)
        #expect(["zstd", "uncompressed"].contains(chunk.codec) && !chunk.encodings.isEmpty)
        let numbers = (450..<900).map { RoundTrip.value(.int64, Int64($0)) }
        #expect(numbers.contains(try #require(chunk.statistics.min)))
    }
}
