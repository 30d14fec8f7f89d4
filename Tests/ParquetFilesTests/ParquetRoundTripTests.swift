import ColumnBatches
import ParquetFiles
import Testing

@Suite("ParquetWriter") struct ParquetRoundTripTests {
    enum Shape: CaseIterable, Sendable { case repeated, distinct, ascending, allMissing, someMissing, empty }

    static let types: [ColumnType] = [
        .boolean, .int8, .int16, .int32, .int64, .float, .double, .decimal(precision: 7, scale: 2),
        .decimal(precision: 18, scale: 4), .decimal(precision: 20, scale: 0),
        .decimal(precision: 38, scale: 10), .date,
        .timestamp, .timestampNTZ, .string, .binary,
    ]

    /// A repeatable value of a type.
    static func value(_ type: ColumnType, _ number: Int64) -> ColumnValue {
        switch type {
        case .boolean: .boolean(number % 3 == 0)
        case .int8: .integer(number % 256 - 128)
        case .int16: .integer(number % 65_536 - 32_768)
        case .int32: .integer(number * 7919 % 4_294_967_296 - 2_147_483_648)
        case .int64: .integer(number &* 6_364_136_223_846_793_005)
        case .float: .float(Float(number) / 3)
        case .double: .double(Double(number) / 7)
        case .decimal(let precision, let scale):
            .decimal(Int128(number) * (precision > 18 ? -1_000_000_007_000_000 : 1) % 9_999_999, scale: scale)
        case .date: .date(Int32(truncatingIfNeeded: number * 31 % 40_000 - 10_000))
        case .timestamp: .timestamp(number &* 1_000_003 - 5_000_000_000)
        case .timestampNTZ: .timestampNTZ(number &* 977)
        case .string: .string("text \(number) ünï \(number % 7 == 0 ? "" : "tail")")
        case .uint64: .unsigned(UInt64(bitPattern: number &* 6_364_136_223_846_793_005))
        case .time(let unit): .time(number &* 7_777_777 % 86_400_000_000, unit)
        case .list, .structure, .map: preconditionFailure("not a flat type")
        case .binary: .binary([UInt8](repeating: UInt8(truncatingIfNeeded: number), count: Int(number % 5)))
        }
    }

    static func column(_ type: ColumnType, _ shape: Shape, count: Int) -> Column {
        var builder = ColumnBuilder(type)
        for row in 0..<(shape == .empty ? 0 : count) {
            switch shape {
            case .repeated: builder.append(value(type, Int64(row % 5)))
            case .distinct: builder.append(value(type, Int64(row) * 48_271 % 2_147_483_647))
            case .ascending: builder.append(value(type, Int64(row)))
            case .allMissing: builder.appendNulls(1)
            case .someMissing: builder.append(row % 3 == 1 ? .null : value(type, Int64(row * 11)))
            case .empty: break
            }
        }
        return builder.finish()
    }

    static func write(_ batches: [ColumnBatch], _ options: ParquetWriterOptions) throws -> (
        [UInt8], ParquetFileSummary
    ) {
        var writer = try ParquetWriter(schema: batches[0].schema, options: options)
        var file: [UInt8] = []
        for batch in batches {
            try writer.append(batch)
            file += writer.takeOutput()
        }
        let summary = try writer.finish()
        file += writer.takeOutput()
        return (file, summary)
    }

    static func read(_ file: [UInt8]) async throws -> [ColumnBatch] {
        let reader = try await ParquetReader.open(MemoryParquetSource(file))
        var batches: [ColumnBatch] = []
        for index in reader.rowGroups.indices { batches.append(try await reader.readRowGroup(index)) }
        return batches
    }

    static func small(_ compression: ParquetCompression = .zstd(level: 1)) -> ParquetWriterOptions {
        var options = ParquetWriterOptions()
        options.pageRows = 100
        options.rowGroupRows = 450
        options.compression = compression
        return options
    }

    @Test("values come back as they went in, over pages and row groups", arguments: types, Shape.allCases)
    func roundTrip(type: ColumnType, shape: Shape) async throws {
        for compression in [ParquetCompression.zstd(level: 1), .uncompressed] {
            let column = Self.column(type, shape, count: 1234)
            let batch = ColumnBatch(schema: BatchSchema([Field("c", type)]), columns: [column])
            let (file, summary) = try Self.write([batch], Self.small(compression))
            #expect(summary.byteCount == file.count && summary.rowCount == column.count)
            #expect(summary.columns[0].nullCount == column.nullCount)
            let batches = try await Self.read(file)
            #expect(batches.flatMap { $0.columns[0].values } == column.values)
            #expect(batches.allSatisfy { $0.schema.fields == batch.schema.fields })
        }
    }

    @Test(
        "the size of the batches changes nothing but where they are cut",
        arguments: [1, 7, 99, 100, 101, 450, 1000]
    )
    func batchSizes(size: Int) async throws {
        let column = Self.column(.string, .someMissing, count: 1000)
        let whole = ColumnBatch(schema: BatchSchema([Field("c", .string)]), columns: [column])
        let parts = stride(from: 0, to: 1000, by: size).map { start in
            ColumnBatch(schema: whole.schema, columns: [column.slice(start..<min(start + size, 1000))])
        }
        let (file, _) = try Self.write(parts, Self.small())
        let batches = try await Self.read(file)
        #expect(batches.map(\.rowCount) == [450, 450, 100])
        #expect(batches.flatMap { $0.columns[0].values } == column.values)
    }

    @Test("columns can be chosen, in any order")
    func projection() async throws {
        let batch = ColumnBatch(
            schema: BatchSchema([Field("a", .int32), Field("b", .string), Field("c", .double)]),
            columns: [
                Self.column(.int32, .distinct, count: 500), Self.column(.string, .repeated, count: 500),
                Self.column(.double, .someMissing, count: 500),
            ]
        )
        let (file, _) = try Self.write([batch], Self.small())
        let reader = try await ParquetReader.open(MemoryParquetSource(file))
        let group = try await reader.readRowGroup(1, columns: ["c", "a"])
        #expect(group.schema.names == ["c", "a"])
        #expect(group.columns[1].values == Array(batch.columns[0].values[450...]))
        await #expect {
            _ = try await reader.readRowGroup(0, columns: ["zip"])
        } throws: { ($0 as? ParquetError)?.column == "zip" }
    }

    @Test("bounds are those of the whole file; NaN and missing values are passed over")
    func bounds() throws {
        func summary(_ type: ColumnType, _ values: [ColumnValue]) throws -> ParquetColumnSummary {
            var builder = ColumnBuilder(type)
            for value in values { builder.append(value) }
            let batch = ColumnBatch(schema: BatchSchema([Field("c", type)]), columns: [builder.finish()])
            return try Self.write([batch], Self.small()).1.columns[0]
        }
        let numbers = try summary(.int64, [.integer(3), .null, .integer(-9), .integer(8)])
        #expect(numbers.min == .integer(-9) && numbers.max == .integer(8) && numbers.nullCount == 1)
        let reals = try summary(.double, [.double(.nan), .double(0.0), .double(-2.5)])
        #expect(reals.min == .double(-2.5) && reals.max == .double(0.0))
        #expect(try summary(.double, [.double(.nan)]).min == nil)
        let texts = try summary(.string, [.string("b"), .string("é"), .string("Z"), .string("aa")])
        #expect(texts.min == .string("Z") && texts.max == .string("é"))
        let wide = try summary(
            .decimal(precision: 30, scale: 0),
            [.decimal(-5, scale: 0), .decimal(1 << 90, scale: 0)]
        )
        #expect(wide.min == .decimal(-5, scale: 0) && wide.max == .decimal(1 << 90, scale: 0))
        #expect(try summary(.boolean, [.boolean(true)]).min == nil)
    }

    @Test("a missing value in a column that must have one is refused by name")
    func required() throws {
        let schema = BatchSchema([Field("must", .int32, isNullable: false)])
        let batch = ColumnBatch(schema: schema, columns: [.nulls(.int32, count: 3)])
        #expect {
            _ = try Self.write([batch], Self.small())
        } throws: { ($0 as? ParquetError)?.code == .missingValue && ($0 as? ParquetError)?.column == "must" }
    }

    @Test("a batch with other columns is refused")
    func otherColumns() throws {
        var writer = try ParquetWriter(schema: BatchSchema([Field("a", .int32)]))
        var code: ParquetError.Code?
        do {
            try writer.append(
                ColumnBatch(schema: BatchSchema([Field("a", .int64)]), columns: [.nulls(.int64, count: 1)])
            )
        } catch {
            code = error.code
        }
        #expect(code == .schemaMismatch)
    }

    @Test("damaged files end in an error or in rows, never in a trap", arguments: 0..<40)
    func damage(seed: Int) async throws {
        let batch = ColumnBatch(
            schema: BatchSchema([
                Field("a", .int64), Field("b", .string), Field("c", .decimal(precision: 25, scale: 3)),
            ]),
            columns: [
                Self.column(.int64, .ascending, count: 700), Self.column(.string, .someMissing, count: 700),
                Self.column(.decimal(precision: 25, scale: 3), .repeated, count: 700),
            ]
        )
        let (file, _) = try Self.write([batch], Self.small(seed % 2 == 0 ? .uncompressed : .zstd(level: 1)))
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<50 {
            var damaged = file
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                damaged[Int.random(in: 0..<damaged.count, using: &generator)] = UInt8.random(
                    in: 0...255,
                    using: &generator
                )
            }
            if Bool.random(using: &generator) { damaged = Array(damaged.dropLast(Int.random(in: 0..<200))) }
            do {
                _ = try await Self.read(damaged)
            } catch {
                #expect(error is ParquetError)
            }
        }
    }
}
