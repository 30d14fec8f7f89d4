import ColumnBatches
import Testing

@testable import ParquetFiles

@Suite("ParquetWriter, copied row groups") struct ParquetSpliceTests {
    static func options() -> ParquetWriterOptions {
        var options = ParquetWriterOptions()
        options.pageRows = 40
        options.rowGroupRows = 100
        options.writesChecksums = true
        return options
    }

    static func file(_ batch: ColumnBatch, bloom: Bool = false) throws -> [UInt8] {
        var options = options()
        if bloom {
            for field in batch.schema.fields where !field.type.isNested {
                options[column: field.name].bloomFilter = ParquetBloomFilterOptions()
            }
        }
        return try ParquetRoundTrip.write([batch], options).file
    }

    @Test("a spliced file reads as the one that was written whole", arguments: 0..<20)
    func splice(seed: Int) async throws {
        var random = RandomTables(seed: UInt64(seed))
        let schema = random.schema(columns: 3, depth: seed % 2 == 0 ? 0 : 2)
        let old = random.batch(schema, rows: 550)
        let fresh = random.batch(schema, rows: 70)
        let file = try Self.file(old, bloom: true)
        let reader = try await ParquetReader.open(MemoryParquetSource(file))
        var writer = try ParquetWriter(schema: schema, options: Self.options())
        var expected: [ColumnBatch] = []
        for index in reader.rowGroups.indices {
            if index == 2 {
                try writer.append(fresh)
                expected.append(fresh)
            } else {
                if index % 2 == 0 {
                    try await writer.appendRowGroup(copying: index, from: reader)
                } else {
                    try writer.appendRowGroup(copyingNow: index, from: reader)
                }
                expected.append(
                    ColumnBatch(
                        schema: schema,
                        columns: old.columns.map { $0.slice((index * 100)..<min(index * 100 + 100, 550)) }
                    )
                )
            }
        }
        let summary = try writer.finish()
        let spliced = writer.takeOutput()
        #expect(summary.byteCount == spliced.count && summary.rowCount == 520)
        let again = try await ParquetReader.open(MemoryParquetSource(spliced))
        for (index, batch) in expected.enumerated() {
            let found = try await again.readRowGroup(index)
            #expect(ParquetRoundTrip.difference(batch, [found]) == nil, "seed \(seed), row group \(index)")
        }
        for (field, leaf) in zip(schema.fields, 0...) where !schema.fields.contains(where: \.type.isNested) {
            let nulls = expected.reduce(0) { $0 + $1.columns[leaf].nullCount }
            #expect(summary.columns[leaf].nullCount == nulls)
            for index in again.rowGroups.indices where index != 2 {
                let mine = try await again.pages(of: field.name, rowGroup: index)
                let theirs = try await reader.pages(of: field.name, rowGroup: index)
                #expect(mine?.map(\.statistics) == theirs?.map(\.statistics))
                guard field.type != .boolean else { continue }
                let filter = try #require(try await again.bloomFilter(of: field.name, rowGroup: index))
                let column = expected[index].columns[leaf]
                let areAllThere = (0..<column.count).allSatisfy {
                    column.isNull($0) || filter.mightContain(column[$0])
                }
                #expect(areAllThere)
            }
        }
    }

    @Test("copying all row groups makes the same file, but for nothing")
    func wholeFile() throws {
        var random = RandomTables(seed: 3)
        let batch = random.batch(random.schema(columns: 4, depth: 1), rows: 450)
        var options = Self.options()
        options.rowGroupRows = 150
        let (file, summary) = try ParquetRoundTrip.write([batch], options)
        let reader = try ParquetReader(blocking: MemoryParquetSource(file))
        var writer = try ParquetWriter(schema: batch.schema, options: options)
        for index in reader.rowGroups.indices { try writer.appendRowGroup(copyingNow: index, from: reader) }
        let copied = try writer.finish()
        #expect(writer.takeOutput() == file)
        #expect(
            copied.rowCount == summary.rowCount
                && copied.columns.map(\.nullCount) == summary.columns.map(\.nullCount)
        )
    }

    @Test("bounds of copied row groups and new ones are put together")
    func bounds() throws {
        let batch = ParquetWriterOptionsTests.sample(rows: 250)
        let (file, summary) = try ParquetRoundTrip.write([batch], Self.options())
        let reader = try ParquetReader(blocking: MemoryParquetSource(file))
        var writer = try ParquetWriter(schema: batch.schema, options: Self.options())
        try writer.appendRowGroup(copyingNow: 0, from: reader)
        try writer.append(
            ColumnBatch(schema: batch.schema, columns: batch.columns.map { $0.slice(100..<200) })
        )
        try writer.appendRowGroup(copyingNow: 2, from: reader)
        #expect(try writer.finish().columns == summary.columns)
    }

    @Test("another schema is refused, however near")
    func otherSchema() throws {
        let batch = ParquetWriterOptionsTests.sample(rows: 10)
        let reader = try ParquetReader(blocking: MemoryParquetSource(try Self.file(batch)))
        func refuses(_ schema: BatchSchema, _ options: ParquetWriterOptions = Self.options()) throws {
            var writer = try ParquetWriter(schema: schema, options: options)
            var code: ParquetError.Code?
            do {
                try writer.appendRowGroup(copyingNow: 0, from: reader)
            } catch {
                code = error.code
            }
            #expect(code == .schemaMismatch)
        }
        let fields = batch.schema.fields
        try refuses(BatchSchema(Array(fields.dropLast())))
        try refuses(BatchSchema(fields + [Field("more", .int32)]))
        try refuses(BatchSchema([Field("rising", .int64, isNullable: false)] + fields.dropFirst()))
        try refuses(BatchSchema([Field("rising", .timestamp)] + fields.dropFirst()))
        try refuses(BatchSchema([Field("Rising", .int64)] + fields.dropFirst()))
        var options = Self.options()
        options[column: "path"].fieldID = 1
        try refuses(batch.schema, options)
    }
}
