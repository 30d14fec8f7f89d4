import ColumnBatches
import Foundation
import ParquetFiles
import Testing

/// Other readers read files of every type; needs their Python and is skipped where it is missing.
///
/// TRIBUTARY_PARQUET_FILES keeps the files in a folder, for `Tests/judge/parquet_readers.py` to be run on them by hand.
@Suite("Parquet files and other readers", .serialized)
struct ForeignReaderTests {
    static let python = ProcessInfo.processInfo.environment["TRIBUTARY_PARQUET_JUDGE_PYTHON"].flatMap {
        $0.isEmpty ? nil : $0
    }

    static let keptFolder = ProcessInfo.processInfo.environment["TRIBUTARY_PARQUET_FILES"]

    @Test(
        "pyarrow, arrow-rs, DuckDB and Polars read what was written",
        .enabled(
            if: python != nil || keptFolder != nil,
            "TRIBUTARY_PARQUET_JUDGE_PYTHON names no Python with the other readers"
        )
    )
    func everyType() throws {
        try judge { files in
            for (index, type) in RandomTables.flatTypes.enumerated() {
                try addShapes(of: type, seed: UInt64(index), to: files)
            }
            try addCodecs(to: files)
            try addNested(to: files)
            try addLarge(to: files)
        }
    }

    @Test(
        "random tables are read by other readers, nested ones too",
        .enabled(
            if: python != nil || keptFolder != nil,
            "TRIBUTARY_PARQUET_JUDGE_PYTHON names no Python with the other readers"
        )
    )
    func random() throws {
        let seeds = UInt64(0)..<30
        try judge { files in
            for seed in seeds {
                var random = RandomTables(seed: seed)
                let schema = random.schema(columns: random.number(1...4), depth: random.pick([0, 1, 2]))
                let batch = random.batch(schema, rows: random.pick([1, 50, 700]))
                var options = ParquetWriterPropertyTests.options(&random)
                options.pageRows = max(options.pageRows, 7)
                options.rowGroupRows = max(options.rowGroupRows, 100)
                try files.add("random-\(seed)", batch, options)
            }
        }
    }

    private func judge(_ fill: (JudgedFiles) throws -> Void) throws {
        let folder =
            Self.keptFolder.map { URL(fileURLWithPath: $0) }
            ?? FileManager.default.temporaryDirectory.appendingPathComponent("parquet-\(UUID().uuidString)")
        defer { if Self.keptFolder == nil { try? FileManager.default.removeItem(at: folder) } }
        try fill(JudgedFiles(folder: folder))
        guard let python = Self.python else { return }
        let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("judge/parquet_readers.py")
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(fileURLWithPath: python)
        process.arguments = [script.path, folder.path]
        process.standardOutput = output
        process.standardError = output
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        #expect(process.terminationStatus == 0, "\(text)")
    }

    private func name(_ type: ColumnType) -> String {
        switch type {
        case .uint64: "uint64"
        case .time(.microseconds): "time-micros"
        case .time(.nanoseconds): "time-nanos"
        case .decimal(let precision, let scale): "decimal-\(precision)-\(scale)"
        default: "\(type)"
        }
    }

    /// No row, one row, many pages with and without missing values, and every encoding that fits.
    private func addShapes(of type: ColumnType, seed: UInt64, to files: JudgedFiles) throws {
        var random = RandomTables(seed: seed)
        let nullable = BatchSchema([Field("a", type), Field("b", type, isNullable: false)])
        for rows in [0, 1] {
            try files.add("\(name(type))-\(rows)", random.batch(nullable, rows: rows))
        }
        var options = ParquetWriterOptions()
        options.pageRows = 100
        options.rowGroupRows = 450
        options.writesChecksums = true
        try files.add("\(name(type))-pages", random.batch(nullable, rows: 1000), options)
        for encoding in ParquetEncoding.allCases {
            options[column: "a"].encoding = encoding
            options[column: "b"].encoding = encoding
            guard (try? ParquetWriter(schema: nullable, options: options)) != nil else { continue }
            try files.add("\(name(type))-\(encoding)", random.batch(nullable, rows: 500), options)
        }
    }

    private func addCodecs(to files: JudgedFiles) throws {
        var random = RandomTables(seed: 7)
        let schema = BatchSchema([Field("id", .int64), Field("text", .string), Field("price", .double)])
        let codecs: [ParquetCompression] = [
            .uncompressed, .zstd(level: 9), .snappy, .gzip(level: 6), .lz4Raw,
        ]
        for (index, codec) in codecs.enumerated() {
            var options = ParquetWriterOptions()
            options.pageRows = 300
            for name in schema.names { options[column: name].compression = codec }
            options[column: "id"].bloomFilter = ParquetBloomFilterOptions()
            options.keyValueMetadata = ["codec": "\(codec)"]
            try files.add("codec-\(index)", random.batch(schema, rows: 1000), options)
        }
        var options = ParquetWriterOptions()
        options.maximumCompatibility = true
        try files.add("compatible", random.batch(schema, rows: 1000), options)
    }

    private func addNested(to files: JudgedFiles) throws {
        let point = ColumnType.structure([Field("x", .double, isNullable: false), Field("y", .double)])
        let types: [ColumnType] = [
            .list(element: Field("element", .int32)),
            .list(element: Field("element", .string, isNullable: false)),
            point, .list(element: Field("element", point)),
            .list(element: Field("element", .list(element: Field("element", .date)))),
            .map(key: Field("key", .string, isNullable: false), value: Field("value", .int64)),
            .map(
                key: Field("key", .int32, isNullable: false),
                value: Field("value", .list(element: Field("element", .timestamp)))
            ),
            .structure([Field("tags", .list(element: Field("element", .string))), Field("at", .timestampNTZ)]
            ),
        ]
        for (index, type) in types.enumerated() {
            var random = RandomTables(seed: UInt64(index))
            let schema = BatchSchema([Field("a", type), Field("b", type, isNullable: false)])
            var options = ParquetWriterOptions()
            options.pageRows = 100
            try files.add("nested-\(index)-0", random.batch(schema, rows: 0), options)
            try files.add("nested-\(index)", random.batch(schema, rows: 700), options)
        }
    }

    private func addLarge(to files: JudgedFiles) throws {
        let rows = 2_000_000
        let numbers = (0..<rows).map { Int64($0) * 7 % 1_000_003 }
        let repeated = (0..<rows).map { UInt32($0 % 3) }
        var dictionary = ByteValues()
        for text in ["new", "paid", "shipped"] {
            dictionary.bytes += Array(text.utf8)
            dictionary.offsets.append(Int32(dictionary.bytes.count))
        }
        let batch = ColumnBatch(
            schema: BatchSchema([Field("id", .int64), Field("status", .string), Field("region", .string)]),
            columns: [
                Column(type: .int64, storage: .int64(numbers)),
                Column(
                    type: .string,
                    storage: .dictionary(DictionaryValues(indices: repeated, dictionary: dictionary))
                ),
                .repeating(.string("eu"), type: .string, count: rows),
            ]
        )
        var options = ParquetWriterOptions()
        options.threads = 2
        try files.add("large", batch, sum: numbers.reduce(0) { $0 + Int($1) }, options)
    }
}
