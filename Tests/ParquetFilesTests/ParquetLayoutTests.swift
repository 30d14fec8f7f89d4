import ColumnBatches
import Testing

@testable import ParquetFiles

/// What the writer of one file learns from another one.
@Suite("Parquet layouts") struct ParquetLayoutTests {
    /// A file with the column `column`, and what its writer tells of it.
    private func file(
        _ type: ColumnType,
        _ storage: ColumnStorage,
        after layout: ParquetLayout = ParquetLayout(),
        _ change: (inout ParquetWriterOptions) -> Void = { _ in }
    ) throws -> (chunk: ParquetColumnChunk, footer: ParquetFooter, layout: ParquetLayout) {
        var options = ParquetWriterOptions()
        change(&options)
        let batch = ParquetWriterOptionsTests.batch([("column", type, storage)])
        var writer = try ParquetWriter(schema: batch.schema, options: options, expecting: layout)
        try writer.append(batch)
        _ = try writer.finish()
        let bytes = writer.takeOutput()
        #expect(ParquetRoundTrip.difference(batch, try ParquetRoundTrip.read(bytes)) == nil)
        let reader = try ParquetReader(blocking: MemoryParquetSource(bytes))
        return (reader.rowGroups[0].chunks[0], reader.footer, writer.layout)
    }

    private static func words(_ count: Int, distinct: Int) -> ColumnStorage {
        var generator = SeededGenerator(seed: 8)
        let words = (0..<distinct).map { _ in String(generator.next() | 1 << 63, radix: 16) }
        return ParquetCompressionTests.texts(count) { row in words[row % distinct] }
    }

    @Test("a few rows are laid out as those of a large file, also where only its footer is known")
    func fewRows() throws {
        let large = try file(.string, Self.words(20_000, distinct: 20_000))
        #expect(large.chunk.encodings.contains("deltaLengthByteArray"))
        let alone = try file(.string, Self.words(100, distinct: 30))
        #expect(alone.chunk.encodings.contains("dictionary"))
        #expect(alone.layout.isEmpty, "a hundred rows tell others nothing")
        for layout in [large.layout, try #require(ParquetLayout(large.footer))] {
            let few = try file(.string, Self.words(100, distinct: 30), after: layout)
            #expect(few.chunk.encodings.contains("deltaLengthByteArray"))
            #expect(few.chunk.codec == "zstd")
        }
    }

    @Test("many rows are held against what is known")
    func manyRows() throws {
        let distinct = try file(.string, Self.words(20_000, distinct: 20_000)).layout
        let repeated = try file(.string, Self.words(20_000, distinct: 20)).layout
        #expect(
            try file(.string, Self.words(20_000, distinct: 20), after: distinct).chunk.encodings.contains(
                "dictionary"
            )
        )
        let unlike = try file(.string, Self.words(20_000, distinct: 20_000), after: repeated)
        #expect(!unlike.chunk.encodings.contains("dictionary"))
        #expect(unlike.layout.columns[["column"]]?.encoding == .deltaLengthByteArray)
    }

    @Test("that compressing does not pay is believed of a few rows only")
    func compression() throws {
        var generator = SeededGenerator(seed: 9)
        let noise = (0..<20_000).map { _ in Double.random(in: 1..<2, using: &generator) }
        let steps = (0..<20_000).map { Double($0 / 16) }
        func plain(_ options: inout ParquetWriterOptions) { options.splitNumbers = .none }
        let layout = try file(.double, .double(noise), plain).layout
        #expect(layout.columns[["column"]]?.isCompressed == false)
        #expect(
            try file(.double, .double(Array(steps[..<1_000])), after: layout, plain).chunk.codec
                == "uncompressed"
        )
        let many = try file(.double, .double(steps), after: layout) {
            plain(&$0)
            $0.dictionaryByteLimit = 1
        }
        #expect(many.chunk.codec == "zstd")
    }

    @Test("layouts that an option or a type rules out are not followed")
    func ruledOut() throws {
        let numbers = (0..<20_000).map { Int64($0) * 7 }
        let layout = try file(.int64, .int64(numbers)).layout
        #expect(layout.columns[["column"]]?.encoding == .deltaBinaryPacked)
        let few = Array(numbers[..<100])
        #expect(try file(.int64, .int64(few), after: layout).chunk.encodings.contains("deltaBinaryPacked"))
        let unsigned = try file(.uint64, .int64(few), after: layout)
        #expect(!unsigned.chunk.encodings.contains("deltaBinaryPacked"))
        let old = try file(.int64, .int64(few), after: layout) { $0.maximumCompatibility = true }
        #expect(!old.chunk.encodings.contains("deltaBinaryPacked"))
        #expect(
            try !file(.string, Self.words(100, distinct: 9), after: layout).chunk.encodings.contains(
                "deltaBinaryPacked"
            )
        )
        let asked = try file(.int64, .int64(few), after: layout) { $0[column: "column"].encoding = .plain }
        #expect(!asked.chunk.encodings.contains("deltaBinaryPacked"))
        let chosen = try file(.int64, .int64(numbers)) { $0[column: "column"].encoding = .plain }
        #expect(chosen.layout.isEmpty, "what was asked for is no finding")
    }

    @Test("footers of other writers, and of few rows, tell nothing")
    func foreignFooters() throws {
        #expect(ParquetLayout(try file(.string, Self.words(4_095, distinct: 4_095)).footer) == nil)
        let foreign = try file(.string, Self.words(20_000, distinct: 20_000)) {
            $0.createdBy = "parquet-mr version 1.15.0"
        }
        #expect(ParquetLayout(foreign.footer) == nil)
    }
}
