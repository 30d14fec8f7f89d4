import ColumnBatches
import Testing

@testable import ParquetFiles

/// What a file says about its values, compared with the values.
@Suite("ParquetWriter, statistics") struct ParquetStatisticsTests {
    static func options() -> ParquetWriterOptions {
        var options = ParquetWriterOptions()
        options.pageRows = 50
        options.rowGroupRows = 300
        return options
    }

    static func written(_ type: ColumnType, _ values: [ColumnValue], _ options: ParquetWriterOptions) throws
        -> ParquetReader
    {
        var builder = ColumnBuilder(type)
        for value in values { builder.append(value) }
        let batch = ColumnBatch(schema: BatchSchema([Field("c", type)]), columns: [builder.finish()])
        return try ParquetReader(blocking: MemoryParquetSource(ParquetRoundTrip.write([batch], options).file))
    }

    @Test("page index and bounds hold what the pages hold", arguments: RandomTables.flatTypes, [1, 2, 3])
    func pageIndex(type: ColumnType, seed: Int) async throws {
        var random = RandomTables(seed: UInt64(seed) &* 977)
        let field = Field("c", type)
        let column = random.column(field, rows: 700)
        let batch = ColumnBatch(schema: BatchSchema([field]), columns: [column])
        let file = try ParquetRoundTrip.write([batch], Self.options()).file
        let reader = try await ParquetReader.open(MemoryParquetSource(file))
        var start = 0
        for (index, group) in reader.rowGroups.enumerated() {
            let chunk = group.chunks[0]
            let nulls = (start..<(start + group.rowCount)).count { column.isNull($0) }
            #expect(chunk.statistics.nullCount == nulls)
            expect(chunk.statistics, column, start..<(start + group.rowCount))
            let pages = try #require(try await reader.pages(of: "c", rowGroup: index))
            #expect(pages.count == (group.rowCount + 49) / 50)
            for page in pages {
                let rows = (start + page.rows.lowerBound)..<(start + page.rows.upperBound)
                expect(page.statistics, column, rows)
            }
            start += group.rowCount
        }
    }

    /// That bounds are there wherever there is a value that is no NaN, and are kept to.
    private func expect(_ statistics: ParquetStatistics, _ column: Column, _ rows: Range<Int>) {
        let ordered = rows.filter { row in
            if column.isNull(row) { return false }
            switch column[row] {
            case .float(let number): return !number.isNaN
            case .double(let number): return !number.isNaN
            default: return true
            }
        }
        guard !ordered.isEmpty else {
            #expect(statistics.min == nil && statistics.max == nil)
            return
        }
        guard let min = statistics.min, let max = statistics.max else {
            // A page with nothing but NaN takes the page index away from its chunk.
            #expect(column.type == .float || column.type == .double)
            return
        }
        let bounds = Column.values([min, max], of: column.type)
        for row in ordered {
            #expect(ColumnOrdering.compare(bounds, 0, column, row) <= 0)
            #expect(ColumnOrdering.compare(column, row, bounds, 1) <= 0)
        }
        guard statistics.isMinExact && statistics.isMaxExact else { return }
        #expect(ordered.contains { ColumnOrdering.compare(bounds, 0, column, $0) == 0 })
        #expect(ordered.contains { ColumnOrdering.compare(bounds, 1, column, $0) == 0 })
    }

    @Test("texts are cut to 64 bytes between characters, a maximum is raised")
    func longTexts() throws {
        func bounds(_ texts: [String]) throws -> ParquetStatistics {
            let reader = try Self.written(.string, texts.map { .string($0) }, ParquetWriterOptions())
            return reader.rowGroups[0].chunks[0].statistics
        }
        let long = try bounds([String(repeating: "a", count: 63) + "é", String(repeating: "é", count: 40)])
        #expect(long.min == .string(String(repeating: "a", count: 63)) && !long.isMinExact)
        #expect(long.max == .string(String(repeating: "é", count: 31) + "ê") && !long.isMaxExact)
        let last = try bounds(["x", "b" + String(repeating: "\u{10FFFF}", count: 30)])
        #expect(last.min?.description.count ?? 0 < 200 && last.max == .string("x") && last.isMaxExact)
        let raised = try bounds(["\u{D7FF}" + String(repeating: "\u{10FFFF}", count: 30)])
        #expect(raised.max == .string("\u{E000}"))
        let none = try bounds([String(repeating: "\u{10FFFF}", count: 30)])
        #expect(none.min == nil && none.max == nil)
        let short = try bounds(["b", "a", "ß"])
        #expect(
            short.min == .string("a") && short.max == .string("ß") && short.isMinExact && short.isMaxExact
        )
    }

    @Test("zeros have both signs in bounds, NaN none")
    func reals() throws {
        let zeros = try Self.written(.double, [.double(0), .double(.nan)], Self.options())
        let statistics = zeros.footer.file.rowGroups[0].chunks[0]
        #expect(statistics.min == [0, 0, 0, 0, 0, 0, 0, 0x80] && statistics.max == [0, 0, 0, 0, 0, 0, 0, 0])
        let negative = try Self.written(.float, [.float(-0.0), .float(-0.0)], Self.options())
        #expect(negative.footer.file.rowGroups[0].chunks[0].max == [0, 0, 0, 0])
        let nothing = try Self.written(.double, [.double(.nan), .null], Self.options())
        let chunk = nothing.footer.file.rowGroups[0].chunks[0]
        #expect(chunk.min == nil && chunk.max == nil && chunk.columnIndex == nil && chunk.offsetIndex != nil)
    }

    @Test("a bloom filter holds all values and few others", arguments: RandomTables.flatTypes)
    func bloomFilter(type: ColumnType) async throws {
        guard type != .boolean else { return }
        for dictionary in [true, false] {
            var random = RandomTables(seed: 11)
            let column = random.column(Field("c", type), rows: 700)
            let batch = ColumnBatch(schema: BatchSchema([Field("c", type)]), columns: [column])
            var options = Self.options()
            options[column: "c"].bloomFilter = ParquetBloomFilterOptions(falsePositiveRate: 0.001)
            options[column: "c"].encoding = dictionary ? .dictionary : .plain
            let file = try ParquetRoundTrip.write([batch], options).file
            let reader = try await ParquetReader.open(MemoryParquetSource(file))
            for index in reader.rowGroups.indices {
                let filter = try #require(try await reader.bloomFilter(of: "c", rowGroup: index))
                let rows = (index * 300)..<(index * 300 + reader.rowGroups[index].rowCount)
                let areAllThere = rows.allSatisfy { column.isNull($0) || filter.mightContain(column[$0]) }
                #expect(areAllThere)
                if type == .int64 {
                    let others = (0..<2000).count {
                        filter.mightContain(.integer(Int64($0) * 31 + 5_000_000_000_000))
                    }
                    #expect(others < 20)
                }
            }
        }
    }

    @Test("a sort order is claimed where it holds, and only there")
    func sorting() throws {
        let schema = BatchSchema([Field("a", .int64), Field("b", .string)])
        var numbers = ColumnBuilder(.int64)
        var texts = ColumnBuilder(.string)
        for row in 0..<900 {
            // The second of three row groups is out of order by its last row.
            numbers.append(row == 599 ? .integer(0) : row % 300 < 5 ? .null : .integer(Int64(row / 10)))
            texts.append(.string("t\(9 - row % 10)"))
        }
        let batch = ColumnBatch(schema: schema, columns: [numbers.finish(), texts.finish()])
        var options = Self.options()
        options.sortingColumns = [ParquetSortOrder("a", areNullsFirst: true)]
        let claimed = try ParquetReader(
            blocking: MemoryParquetSource(ParquetRoundTrip.write([batch], options).file)
        ).rowGroups.map(\.sortingColumns)
        #expect(claimed.map(\.count) == [1, 0, 1])
        #expect(claimed[0][0].path == ["a"] && claimed[0][0].areNullsFirst && !claimed[0][0].isDescending)
        options.sortingColumns = [ParquetSortOrder("nothing")]
        #expect(throws: ParquetError.self) { _ = try ParquetWriter(schema: schema, options: options) }
    }
}

extension Column {
    /// A column of a few values.
    static func values(_ values: [ColumnValue], of type: ColumnType) -> Column {
        var builder = ColumnBuilder(type)
        for value in values { builder.append(value) }
        return builder.finish()
    }
}

extension ColumnValue {
    fileprivate var description: String { if case .string(let text) = self { text } else { "" } }
}
