import ColumnBatches
import Testing

@testable import ParquetFiles

@Suite("Parquet compression") struct ParquetCompressionTests {
    static func texts(_ count: Int, _ text: (Int) -> String) -> ColumnStorage {
        var texts = ByteValues()
        for row in 0..<count {
            texts.bytes += Array(text(row).utf8)
            texts.offsets.append(Int32(texts.bytes.count))
        }
        return .bytes(texts)
    }

    static func page(_ text: String) -> PageBuffer {
        let page = PageBuffer()
        for byte in text.utf8 { page.append(byte) }
        return page
    }

    private func chunks(
        _ type: ColumnType,
        _ storage: ColumnStorage,
        _ change: (inout ParquetWriterOptions) -> Void = { _ in }
    ) throws -> [ParquetColumnChunk] {
        var options = ParquetWriterOptions()
        change(&options)
        let batch = ParquetWriterOptionsTests.batch([("column", type, storage)])
        let (file, _) = try ParquetRoundTrip.write([batch], options)
        #expect(
            ParquetRoundTrip.difference(batch, try ParquetRoundTrip.read(file, batchRows: batch.rowCount))
                == nil
        )
        let reader = try ParquetReader(blocking: MemoryParquetSource(file))
        return reader.rowGroups.map { $0.chunks[0] }
    }

    @Test("numbers are split into streams only where that is allowed")
    func split() throws {
        var generator = SeededGenerator(seed: 3)
        let floats = ColumnStorage.double(
            (0..<20_000).map { 1_000 + Double($0) / 1_000 + Double.random(in: 0..<1, using: &generator) }
        )
        // Small and skewed: few numbers come often, so that streams are far smaller than differences.
        let numbers = ColumnStorage.int64(
            (0..<20_000).map { _ in
                let draw = Double.random(in: 0..<1, using: &generator)
                return Int64(draw * draw * draw * draw * 60_000)
            }
        )
        func isSplit(_ type: ColumnType, _ storage: ColumnStorage, _ split: ParquetSplitNumbers) throws
            -> Bool
        {
            try chunks(type, storage) { $0.splitNumbers = split }[0].encodings.contains("byteStreamSplit")
        }
        #expect(try isSplit(.double, floats, .all))
        #expect(try isSplit(.double, floats, .floats))
        #expect(try !isSplit(.double, floats, .none))
        #expect(try isSplit(.int64, numbers, .all))
        #expect(try !isSplit(.int64, numbers, .floats))
        #expect(try !isSplit(.int64, numbers, .none))
    }

    @Test("floats are compressed where that saves a quarter of them, or where it was asked for")
    func floats() throws {
        var generator = SeededGenerator(seed: 4)
        // Their first bytes are all alike, which saves a twelfth or so.
        let little = ColumnStorage.double(
            (0..<20_000).map { _ in Double.random(in: 1..<2, using: &generator) }
        )
        let much = ColumnStorage.double((0..<20_000).map { _ in Double(generator.next() % 1_000_003) })
        func codec(_ storage: ColumnStorage, _ asked: ParquetCompression? = nil) throws -> String {
            try chunks(.double, storage) {
                $0.splitNumbers = .none
                $0[column: "column"].compression = asked
            }[0].codec
        }
        #expect(try codec(little) == "uncompressed")
        #expect(try codec(little, .zstd(level: 1)) == "zstd")
        #expect(try codec(much) == "zstd")
    }

    @Test("the small table is taken where it costs no size, and at the first level only")
    func smallTable() throws {
        var generator = SeededGenerator(seed: 5)
        func hexadecimal() -> String { String(generator.next() | 1 << 63, radix: 16) }
        let compressor = PageCompressor()
        // Nothing repeats; then all of it does, but at a distance that 2,048 places do not remember.
        let unique = Self.page((0..<8_000).map { _ in hexadecimal() }.joined())
        let words = (0..<6_000).map { _ in hexadecimal() }
        let far = Self.page((0..<5).flatMap { _ in words }.joined())
        for (page, table) in [(unique, ZstdTable.small), (far, .usual)] {
            let usual = try compressor.compress(page, .zstd(level: 1)).count
            let first = try compressor.compressFirst(page, .zstd(level: 1))
            #expect(first.table == table)
            #expect(first.bytes.count * 100 <= usual * 101)
            #expect(try compressor.compress(page, .zstd(level: 1), table: table).count == first.bytes.count)
            #expect(try compressor.compressFirst(page, .zstd(level: 3)).table == .usual)
            #expect(try compressor.compressFirst(page, .snappy).table == .usual)
        }
    }

    @Test("what a row group has shown goes on for the next, until a dictionary is given up")
    func rowGroups() throws {
        var generator = SeededGenerator(seed: 6)
        let words = (0..<3_000).map { _ in String(generator.next() | 1 << 63, radix: 16) }
        // Positions that do not compress; from the middle of the second row group on texts that do.
        let storage = Self.texts(300_000) { row in
            row < 150_000 ? words[Int(generator.next() % 3_000)] : "order/2024/\(row)/\(row % 7)"
        }
        let chunks = try chunks(.string, storage) {
            $0.rowGroupRows = 100_000
            $0.dictionaryByteLimit = 100_000
        }
        #expect(chunks.map(\.codec) == ["uncompressed", "uncompressed", "zstd"])
        #expect(chunks[0].encodings.contains("dictionary") && !chunks[2].encodings.contains("dictionary"))
    }

    @Test("parts are the output as it lies in memory")
    func parts() throws {
        let batch = ParquetWriterOptionsTests.sample()
        var whole = try ParquetWriter(schema: batch.schema)
        var parted = try ParquetWriter(schema: batch.schema)
        try whole.append(batch)
        try parted.append(batch)
        _ = try whole.finish()
        _ = try parted.finish()
        let parts = parted.takeParts()
        #expect(parts.count > 1 && parts.allSatisfy { !$0.isEmpty })
        #expect(Array(parts.joined()) == whole.takeOutput())
        #expect(parted.takeParts().isEmpty)
    }
}
