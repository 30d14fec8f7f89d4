import ColumnBatches
import ParquetFiles
import Testing

/// The examples of the pages on writing, as they stand there.
@Suite("Examples of the pages on Parquet") struct ParquetPagesTests {
    static func upload(
        _ batches: some AsyncSequence<ColumnBatch, any Error>,
        schema: BatchSchema,
        send: ([UInt8]) async throws -> Void
    ) async throws -> ParquetFileSummary {
        var writer = try ParquetWriter(schema: schema)
        for try await batch in batches {
            try writer.append(batch)
            let ready = writer.takeOutput()
            if !ready.isEmpty { try await send(ready) }
        }
        let summary = try writer.finish()
        try await send(writer.takeOutput())
        return summary
    }

    static func replace(
        _ changed: [Int: ColumnBatch],
        of source: some ParquetSource,
        in writer: inout ParquetWriter
    ) async throws {
        let old = try await ParquetReader.open(source)
        for index in old.rowGroups.indices {
            if let rows = changed[index] {
                try writer.append(rows)
            } else {
                try await writer.appendRowGroup(copying: index, from: old)
            }
        }
    }

    static let schema = BatchSchema([
        Field("id", .int64, isNullable: false),
        Field("tags", .list(element: Field("element", .string))),
        Field("address", .structure([Field("city", .string), Field("zip", .string)])),
    ])

    @Test("bytes are sent as they are ready, and row groups replaced")
    func sendAndReplace() async throws {
        var random = RandomTables(seed: 1)
        let batch = random.batch(Self.schema, rows: 300)
        var file: [UInt8] = []
        let batches = AsyncThrowingStream<ColumnBatch, any Error> { stream in
            for part in ParquetRoundTrip.cut(batch, 100) { stream.yield(part) }
            stream.finish()
        }
        let summary = try await Self.upload(batches, schema: Self.schema) { file += $0 }
        #expect(summary.rowCount == 300 && summary.byteCount == file.count)
        #expect(ParquetRoundTrip.difference(batch, try ParquetRoundTrip.read(file)) == nil)
        var writer = try ParquetWriter(schema: Self.schema)
        try await Self.replace([0: batch], of: MemoryParquetSource(file), in: &writer)
        #expect(try writer.finish().rowCount == 300)
    }

    @Test("options are set by the path of a column")
    func options() throws {
        var options = ParquetWriterOptions()
        options[column: "id"].encoding = .plain
        options[column: "tags", "list", "element"].encoding = .dictionary
        options[column: "address", "zip"].compression = .zstd(level: 9)
        options[column: "address", "city"].bloomFilter = ParquetBloomFilterOptions(falsePositiveRate: 0.01)
        options.sortingColumns = [ParquetSortOrder("id")]
        var random = RandomTables(seed: 2)
        let batch = random.batch(Self.schema, rows: 300)
        let file = try ParquetRoundTrip.write([batch], options).file
        #expect(ParquetRoundTrip.difference(batch, try ParquetRoundTrip.read(file)) == nil)
    }
}
