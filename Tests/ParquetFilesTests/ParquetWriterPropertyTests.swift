import ColumnBatches
import ParquetFiles
import Testing

/// Random tables, options and sizes of batches; a failure names the seed that brings it back.
@Suite("ParquetWriter, random tables") struct ParquetWriterPropertyTests {
    static func options(_ random: inout RandomTables) -> ParquetWriterOptions {
        var options = ParquetWriterOptions()
        options.compression = random.pick([
            .uncompressed, .zstd(level: 1), .zstd(level: 3), .snappy, .gzip(level: 1), .lz4Raw,
        ])
        options.pageRows = random.pick([1, 7, 100, 1000, 16_384])
        options.rowGroupRows = random.pick([9, 450, 1000, 131_072])
        options.pageBytes = random.pick([64, 1000, 1 << 20])
        options.rowGroupBytes = random.pick([2000, 1 << 27])
        options.dictionaryByteLimit = random.pick([0, 100, 1 << 20])
        options.maximumCompatibility = random.flip(0.2)
        options.writesPageIndex = random.flip(0.7)
        options.writesChecksums = random.flip()
        options.threads = random.pick([1, 1, 2, 3])
        return options
    }

    @Test("rows come back as they went in", arguments: 0..<120)
    func roundTrip(number: Int) throws {
        let seed = UInt64(number) + (number < 100 ? 0 : UInt64.random(in: 0..<1 << 40))
        var random = RandomTables(seed: seed)
        let schema = random.schema(columns: random.number(1...4), depth: random.pick([0, 1, 3]))
        let batch = random.batch(schema, rows: random.pick([0, 1, 50, 700, 1200]))
        let options = Self.options(&random)
        let size = random.pick([1, 33, 500, 5000])
        let parts = ParquetRoundTrip.cut(batch, size)
        let (file, summary) = try ParquetRoundTrip.write(parts, options)
        let difference = ParquetRoundTrip.difference(batch, try ParquetRoundTrip.read(file))
        #expect(difference == nil, "seed \(seed), batches of \(size), \(options)")
        #expect(summary.rowCount == batch.rowCount && summary.byteCount == file.count)
        for (field, column) in zip(schema.fields, batch.columns) where !field.type.isNested {
            let found = try #require(summary.columns.first { $0.path == [field.name] })
            #expect(found.nullCount == column.nullCount, "seed \(seed), \(field)")
        }
        // Threads change nothing; nor do the sizes of batches, unless row groups are closed by their bytes.
        var other = options
        other.threads = options.threads == 1 ? 2 : 1
        #expect(
            try ParquetRoundTrip.write(parts, other).file == file,
            "seed \(seed): another number of threads"
        )
        if options.rowGroupBytes > 2000 && batch.rowCount > 0 {
            let again = try ParquetRoundTrip.write([batch], options).file
            let difference = ParquetRoundTrip.difference(batch, try ParquetRoundTrip.read(again))
            #expect(difference == nil, "seed \(seed), one batch, \(options)")
        }
    }

    @Test("every encoding that fits a type can be asked for", arguments: RandomTables.flatTypes)
    func encodings(type: ColumnType) throws {
        for encoding in ParquetEncoding.allCases {
            for seed in 0..<6 as Range<UInt64> {
                var random = RandomTables(seed: seed)
                let schema = BatchSchema([Field("c", type, isNullable: seed % 2 == 0)])
                let batch = random.batch(schema, rows: 700)
                var options = ParquetWriterOptions()
                options.compression = seed % 3 == 0 ? .uncompressed : .zstd(level: 1)
                options.pageRows = 300
                options[column: "c"].encoding = encoding
                do {
                    let (file, _) = try ParquetRoundTrip.write([batch], options)
                    let difference = ParquetRoundTrip.difference(batch, try ParquetRoundTrip.read(file))
                    #expect(difference == nil, "\(encoding), seed \(seed)")
                    let reader = try ParquetReader(blocking: MemoryParquetSource(file))
                    let names = try #require(reader.rowGroups.first?.chunks.first?.encodings)
                    if batch.columns[0].nullCount == 0 {
                        let name = encoding == .runLength ? "rle" : "\(encoding)"
                        #expect(names.contains(name), "\(encoding), seed \(seed): \(names)")
                    }
                } catch let error as ParquetError {
                    #expect(error.code == .unsupportedEncoding && error.column == "c", "\(error)")
                }
            }
        }
    }
}
