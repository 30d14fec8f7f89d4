import ColumnBatches
import Foundation
import Testing

@testable import ParquetFiles

/// Whatever the bytes are, they end as rows or as a `ParquetError`.
@Suite("Foreign bytes") struct ForeignBytesTests {
    /// Reads all there is to read of a file, in several ways.
    ///
    /// - Returns: The rows, as values.
    @discardableResult
    static func readEverything(_ bytes: [UInt8], mostRows: Int = 5000) throws(ParquetError) -> [[ColumnValue]]
    {
        var reader = try ParquetReader(blocking: MemoryParquetSource(bytes))
        var rows: [[ColumnValue]] = []
        var batches = try reader.blockingBatches(batchRows: 64)
        while rows.count < mostRows, let batch = try batches.next() {
            for row in 0..<batch.rowCount { rows.append(batch.row(row)) }
        }
        reader.options.windowBytes = 16
        reader.options.keepsDictionaries = true
        var parts = try reader.blockingBatches(rows: [1..<3, 9..<20], batchRows: 7)
        while let batch = try parts.next() {
            for row in 0..<batch.rowCount { _ = batch.row(row) }
        }
        for group in reader.footer.file.rowGroups {
            for chunk in group.chunks {
                if let range = chunk.offsetIndex, range.offset > 0, range.length > 0,
                    range.length < bytes.count,
                    range.offset < bytes.count - range.length
                {
                    let part = Array(bytes[range.offset..<(range.offset + range.length)])
                    _ = try PageLocation.list(part)
                    _ = try? ColumnIndex(part)
                }
            }
        }
        return rows
    }

    @Test("the seeds are valid")
    func seeds() throws {
        #expect(SeedFiles.all.count > 20)
        for seed in SeedFiles.all {
            do throws(ParquetError) {
                let rows = try Self.readEverything(seed.bytes)
                #expect(!rows.isEmpty, "\(seed.name)")
            } catch {
                Issue.record("\(seed.name): \(error)")
            }
        }
    }

    @Test("nested rows made by hand are put together as they should")
    func nested() throws {
        func rows(_ file: HandmadeFile) throws -> [ColumnValue] {
            try Self.readEverything(file.bytes).map { $0[0] }
        }
        #expect(
            try rows(SeedFiles.list) == [
                .list([.integer(1), .null, .integer(2)]), .list([]), .null, .list([.integer(3)]),
            ]
        )
        #expect(
            try rows(SeedFiles.map) == [
                .map([.init(.string("a"), .integer(1)), .init(.string("b"), .null)]), .map([]),
            ]
        )
        #expect(
            try rows(SeedFiles.structure) == [
                .structure([.integer(1), .structure([.integer(2)])]), .structure([.null, .null]), .null,
            ]
        )
    }

    @Test("bytes that are changed, cut, doubled or set to extremes", arguments: 0..<8)
    func mutations(part: Int) throws {
        let seed = UInt64(ProcessInfo.processInfo.environment["TRIBUTARY_SEED"] ?? "") ?? 20_260_801
        var random = SplitMix(state: seed &+ UInt64(part))
        let extremes: [UInt8] = [0, 1, 0x7F, 0x80, 0xFE, 0xFF]
        var errors = 0
        for round in 0..<600 {
            let start = SeedFiles.all[random.below(SeedFiles.all.count)]
            var bytes = start.bytes
            for _ in 0..<(1 + random.below(4)) {
                let place = random.below(bytes.count)
                switch random.below(6) {
                case 0: bytes[place] ^= 1 << UInt8(random.below(8))
                case 1: bytes[place] = extremes[random.below(extremes.count)]
                case 2: bytes[place] = UInt8(random.below(256))
                case 3:
                    for index in place..<min(bytes.count, place + 1 + random.below(8)) { bytes[index] = 0xFF }
                case 4: bytes.removeSubrange(place..<min(bytes.count, place + 1 + random.below(16)))
                default:
                    let stop = min(bytes.count, place + 1 + random.below(16))
                    bytes.insert(contentsOf: Array(bytes[place..<stop]), at: random.below(bytes.count))
                }
                if bytes.isEmpty { bytes = [0] }
            }
            if random.below(12) == 0 { bytes = Array(bytes.prefix(random.below(bytes.count + 1))) }
            do throws(ParquetError) {
                try Self.readEverything(bytes)
            } catch {
                errors += 1
                #expect(!error.message.isEmpty, "seed \(seed), part \(part), round \(round), \(start.name)")
            }
        }
        #expect(errors > 100, "seed \(seed)")
    }

    @Test("a small file cannot make the reader claim much memory")
    func bombs() throws {
        let int = HandmadeFile.element("n", .int32)
        let text = HandmadeFile.element("t", .byteArray, converted: .utf8)
        func file(
            _ element: SchemaElement,
            rows: Int,
            codec: Codec = .uncompressed,
            _ pages: [HandmadeFile.Page]
        )
            -> [UInt8]
        {
            HandmadeFile(
                schema: HandmadeFile.schema([element]),
                rowCount: rows,
                groups: [[.init(codec: codec, pages: pages)]]
            ).bytes
        }
        func refuses(_ bytes: [UInt8], _ code: ParquetError.Code, batchRows: Int = 65_536) {
            do throws(ParquetError) {
                var batches = try ParquetReader(blocking: MemoryParquetSource(bytes)).blockingBatches(
                    batchRows: batchRows
                )
                _ = try batches.next()
                Issue.record("not refused: \(code)")
            } catch {
                #expect(error.code == code, "\(error)")
            }
        }
        let most = Int(Int32.max)
        // Rows without bytes, and pages that claim more than they can hold.
        refuses(file(int, rows: most, [.init(count: most, body: [1, 2, 3, 4])]), .damaged, batchRows: most)
        refuses(
            file(int, rows: 3, codec: .zstd, [.init(count: 3, body: [1, 2], uncompressedSize: most)]),
            .tooLarge
        )
        refuses(
            file(int, rows: 3, codec: .gzip, [.init(count: 3, body: [1, 2], uncompressedSize: 5000)]),
            .tooLarge
        )
        refuses(
            file(int, rows: 3, codec: .snappy, [.init(count: 3, body: [3, 0], uncompressedSize: 12)]),
            .damaged
        )
        // A text of 60,000 bytes, two thousand million times.
        let long = [0x60, 0xEA, 0, 0] + [UInt8](repeating: 120, count: 60_000)
        let run: [UInt8] = [1, 0xFE, 0xFF, 0xFF, 0xFF, 0x0F, 0]
        refuses(
            file(
                text,
                rows: most,
                [
                    .init(kind: .dictionary, count: 1, body: long),
                    .init(count: most, encoding: .dictionary, body: run),
                ]
            ),
            .tooLarge
        )
        // The same from a prefix that every text shares with the one before.
        let shared: [UInt8] = [0x80, 0x80, 0x40, 4, 0xFE, 0xFF, 0xFF, 0xFF, 7, 0, 0, 0, 0, 0, 0]
        refuses(
            file(text, rows: most, [.init(count: most, encoding: .deltaByteArray, body: shared)]),
            .damaged
        )
        // One row whose list has two thousand million elements.
        let list = HandmadeFile.element("l", .int32, .repeated)
        let repetitions: [UInt8] = [9, 0, 0, 0, 2, 0, 0xFC, 0xFF, 0xFF, 0xFF, 0x0F, 1, 0]
        let definitions: [UInt8] = [6, 0, 0, 0, 0xFE, 0xFF, 0xFF, 0xFF, 0x0F, 1]
        let dictionary = HandmadeFile.Page(kind: .dictionary, count: 1, body: [1, 0, 0, 0])
        let page = HandmadeFile.Page(
            count: most,
            encoding: .dictionary,
            body: repetitions + definitions + run
        )
        refuses(file(list, rows: 1, [dictionary, page]), .tooLarge)
    }

    @Test("nesting of headers is bounded")
    func deepHeaders() {
        for filler in [0x19, 0x1B, 0x1C] as [UInt8] {
            // A field of a list, a map or a struct, which holds the next one.
            let deep = [UInt8](repeating: filler, count: 200_000)
            #expect(throws: ParquetError.self) { try FileMetadata(deep) }
        }
        #expect(throws: ParquetError.self) {
            try FileMetadata([0xF9] + [UInt8](repeating: 0x19, count: 100_000))
        }
    }
}

/// A generator whose numbers follow from its state alone.
struct SplitMix {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }

    mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }
}
