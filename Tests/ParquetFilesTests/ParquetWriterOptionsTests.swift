import ColumnBatches
import Foundation
import Testing

@testable import ParquetFiles

@Suite("ParquetWriterOptions") struct ParquetWriterOptionsTests {
    static func reader(_ batch: ColumnBatch, _ options: ParquetWriterOptions) throws -> ParquetReader {
        try ParquetReader(blocking: MemoryParquetSource(ParquetRoundTrip.write([batch], options).file))
    }

    static func batch(_ storages: [(String, ColumnType, ColumnStorage)]) -> ColumnBatch {
        ColumnBatch(
            schema: BatchSchema(storages.map { Field($0.0, $0.1) }),
            columns: storages.map { Column(type: $0.1, storage: $0.2) }
        )
    }

    /// Columns that differ in what suits them.
    static func sample(rows: Int = 20_000) -> ColumnBatch {
        var generator = SeededGenerator(seed: 5)
        var texts = ByteValues()
        for row in 0..<rows {
            texts.bytes += Array("order/2024/\(row / 7)/\(row)".utf8)
            texts.offsets.append(Int32(texts.bytes.count))
        }
        return batch([
            ("rising", .int64, .int64((0..<rows).map { Int64($0) * 3 + Int64($0 % 5) })),
            (
                "amount", .decimal(precision: 12, scale: 2),
                .int64((0..<rows).map { _ in Int64(generator.next() % 90_000) })
            ),
            ("noise", .int64, .int64((0..<rows).map { _ in Int64(bitPattern: generator.next()) })),
            ("status", .int32, .int32((0..<rows).map { _ in Int32(generator.next() % 6) })),
            ("path", .string, .bytes(texts)),
        ])
    }

    @Test(
        "another file of a writer has rows and bounds of its own, and goes on with how columns are laid out"
    )
    func anotherFile() throws {
        let batch = Self.sample()
        var writer = try ParquetWriter(schema: batch.schema)
        for rows in [0..<9_000, 9_000..<20_000] {
            if rows.lowerBound > 0 { writer.beginFile() }
            let part = batch.slice(rows)
            try writer.append(part)
            let summary = try writer.finish()
            let file = writer.takeOutput()
            #expect(summary.rowCount == rows.count && summary.byteCount == file.count)
            #expect(summary.columns[0].min == part.columns[0][0])
            #expect(summary.columns[0].max == part.columns[0][rows.count - 1])
            let reader = try ParquetReader(blocking: MemoryParquetSource(file))
            #expect(reader.rowGroups[0].chunks[0].encodings.contains("deltaBinaryPacked"))
            #expect(ParquetRoundTrip.difference(part, try ParquetRoundTrip.read(file)) == nil)
        }
    }

    @Test("each column gets what suits it, and no codec where it saves nothing")
    func choice() throws {
        let chunks = try Self.reader(Self.sample(), ParquetWriterOptions()).rowGroups[0].chunks
        func encodings(_ name: String) -> [String] { chunks.first { $0.name == name }?.encodings ?? [] }
        #expect(encodings("rising").contains("deltaBinaryPacked"))
        #expect(encodings("status").contains("dictionary"))
        #expect(encodings("noise").contains("plain") && !encodings("noise").contains("dictionary"))
        #expect(encodings("path").contains("deltaByteArray"))
        #expect(chunks.first { $0.name == "noise" }?.codec == "uncompressed")
        #expect(chunks.first { $0.name == "path" }?.codec == "zstd")
    }

    @Test("maximumCompatibility keeps to PLAIN and dictionaries")
    func compatible() throws {
        var options = ParquetWriterOptions()
        options.maximumCompatibility = true
        let reader = try Self.reader(Self.sample(), options)
        for chunk in reader.rowGroups[0].chunks {
            #expect(Set(chunk.encodings).isSubset(of: ["plain", "dictionary", "rle"]), "\(chunk.name)")
        }
        #expect(
            reader.footer.file.rowGroups[0].chunks.allSatisfy {
                $0.pageCounts.allSatisfy { $0.kind != .dataV2 }
            }
        )
    }

    @Test("a codec can be set for each column, and is then used")
    func codecs() throws {
        var options = ParquetWriterOptions()
        options.compression = .uncompressed
        options[column: "noise"].compression = .gzip(level: 1)
        options[column: "status"].compression = .snappy
        options[column: "path"].compression = .lz4Raw
        let reader = try Self.reader(Self.sample(), options)
        #expect(
            reader.rowGroups[0].chunks.map(\.codec) == [
                "uncompressed", "uncompressed", "gzip", "snappy", "lz4Raw",
            ]
        )
    }

    @Test("what is kept in the footer comes back")
    func footer() throws {
        var options = ParquetWriterOptions()
        options.keyValueMetadata = ["b": "2", "a": "1"]
        options.createdBy = "someone version 2"
        options[column: "path"].fieldID = 17
        let reader = try Self.reader(Self.sample(rows: 100), options)
        #expect(
            reader.metadata.keyValues.map(\.key) == ["a", "b"] && reader.metadata.keyValues[1].value == "2"
        )
        #expect(reader.metadata.createdBy == "someone version 2")
        #expect(reader.footer.file.schema.map(\.fieldID) == [nil, nil, nil, nil, nil, 17])
        #expect(reader.footer.file.columnOrders == Array(repeating: .typeDefined, count: 5))
        let chunk = reader.footer.file.rowGroups[0].chunks[3]
        #expect(
            chunk.pageCounts.map(\.count) == [1, 1] && chunk.pageCounts.map(\.kind) == [.data, .dictionary]
        )
    }

    @Test("an option for a column that is not there is refused by name")
    func unknownColumn() {
        var options = ParquetWriterOptions()
        options[column: "nothing"].encoding = .plain
        let error = #expect(throws: ParquetError.self) {
            _ = try ParquetWriter(schema: Self.sample(rows: 1).schema, options: options)
        }
        #expect(error?.column == "nothing" && error?.code == .schemaMismatch)
    }

    @Test("row groups are closed by their bytes")
    func rowGroupBytes() throws {
        var options = ParquetWriterOptions()
        options.compression = .uncompressed
        options.pageRows = 1000
        options.rowGroupBytes = 40_000
        let batch = Self.sample().selecting(["noise"])
        let groups = try Self.reader(batch, options).rowGroups
        #expect(groups.map(\.rowCount) == [5000, 5000, 5000, 5000])
    }

    @Test("a constant column takes a few bytes, as a dictionary or not")
    func constants() throws {
        let rows = 100_000
        let columns: [(String, ColumnType, Column)] = [
            ("text", .string, .repeating(.string("eu-central"), type: .string, count: rows)),
            ("number", .int64, .repeating(.integer(7), type: .int64, count: rows)),
            (
                "wide", .decimal(precision: 30, scale: 0),
                .repeating(.decimal(5, scale: 0), type: .decimal(precision: 30, scale: 0), count: rows)
            ),
            (
                "index", .string,
                Column(
                    type: .string,
                    storage: .dictionary(
                        DictionaryValues(
                            indices: Array(repeating: 1, count: rows),
                            dictionary: ByteValues(offsets: [0, 1, 3], bytes: Array("abc".utf8))
                        )
                    )
                )
            ),
        ]
        let batch = ColumnBatch(
            schema: BatchSchema(columns.map { Field($0.0, $0.1) }),
            columns: columns.map(\.2)
        )
        let (file, summary) = try ParquetRoundTrip.write([batch], ParquetWriterOptions())
        let reader = try ParquetReader(blocking: MemoryParquetSource(file))
        for chunk in reader.rowGroups[0].chunks { #expect(chunk.compressedSize < 600, "\(chunk.name)") }
        #expect(summary.columns[3].min == .string("bc") && summary.columns[3].max == .string("bc"))
        #expect(ParquetRoundTrip.difference(batch, try ParquetRoundTrip.read(file, batchRows: 50_000)) == nil)
    }

    @Test("a dictionary stays one over batches that share it, and over pages made of several")
    func sharedDictionary() throws {
        let dictionary = ByteValues(offsets: [0, 3, 7, 14], bytes: Array("newpaidshipped".utf8))
        func batch(_ rows: Range<Int>) -> ColumnBatch {
            Self.batch([
                (
                    "status", .string,
                    .dictionary(
                        DictionaryValues(indices: rows.map { UInt32($0 % 3) }, dictionary: dictionary)
                    )
                )
            ])
        }
        let parts = stride(from: 0, to: 50_000, by: 777).map { batch($0..<min($0 + 777, 50_000)) }
        let (file, _) = try ParquetRoundTrip.write(parts, ParquetWriterOptions())
        let whole = batch(0..<50_000)
        #expect(ParquetRoundTrip.difference(whole, try ParquetRoundTrip.read(file, batchRows: 50_000)) == nil)
        #expect(try ParquetRoundTrip.write([whole], ParquetWriterOptions()).file == file)
    }

    @Test("a file that is not finished is removed; a finished one stays")
    func localFile() throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent(
            "\(UUID().uuidString).parquet"
        ).path
        let batch = Self.sample(rows: 100)
        do {
            var writer = try ParquetFileWriter(path: path, schema: batch.schema)
            try writer.append(batch)
            #expect(FileManager.default.fileExists(atPath: path))
        }
        #expect(!FileManager.default.fileExists(atPath: path))
        var writer = try ParquetFileWriter(path: path, schema: batch.schema)
        try writer.append(batch)
        let summary = try writer.finish()
        defer { try? FileManager.default.removeItem(atPath: path) }
        let bytes = Array(try Data(contentsOf: URL(fileURLWithPath: path)))
        #expect(bytes.count == summary.byteCount)
        #expect(ParquetRoundTrip.difference(batch, try ParquetRoundTrip.read(bytes)) == nil)
        #expect(throws: ParquetError.self) {
            _ = try ParquetFileWriter(path: path + "/below", schema: batch.schema)
        }
    }
}
