import ColumnBatches
import DeltaLog
import Foundation
import ObjectStores
import ParquetFiles
import Testing

@testable import log_watch
@testable import parquet_profile

@Suite("Small examples") struct SmallExampleTests {
    @Test("log-watch tells what each version did")
    func watch() async throws {
        let log = TransactionLog(store: MemoryObjectStore(), tablePath: "notes")
        let file = AddFile(path: "a.parquet", partitionValues: [:], size: 70, modificationTime: 0)
        try await log.write(
            [
                .commitInfo(CommitInfo(operation: "CREATE TABLE")),
                .protocol(TableProtocol(minReaderVersion: 1, minWriterVersion: 2)),
                .metadata(TableMetadata(id: "1", schemaString: #"{"type":"struct","fields":[]}"#)),
            ],
            as: 0
        )
        try await log.write(
            [
                .commitInfo(CommitInfo(operation: "MERGE")), .add(file),
                .transaction(ApplicationTransaction(appID: "t/eu/1/mark", version: 42, lastUpdated: nil)),
            ],
            as: 1
        )
        #expect(
            try await LogWatch.lines(log) == [
                "0 CREATE TABLE: 0 files added (0 bytes), 0 removed",
                "1 MERGE: 1 files added (70 bytes), 0 removed, marks 42",
            ]
        )
    }

    @Test("parquet-profile tells what is in each column")
    func profile() throws {
        let path = FileManager.default.temporaryDirectory.appending(
            path: "profile-\(UUID().uuidString).parquet"
        ).path
        defer { try? FileManager.default.removeItem(atPath: path) }
        var numbers = ColumnBuilder(.int64)
        for number in [3, -4, 3] { numbers.append(.integer(Int64(number))) }
        var texts = ColumnBuilder(.string)
        texts.append(.string("a"))
        texts.appendNulls(2)
        let schema = BatchSchema([Field("id", .int64), Field("note", .string)])
        var writer = try ParquetFileWriter(path: path, schema: schema)
        try writer.append(
            ColumnBatch(schema: schema, columns: [numbers.finish(), texts.finish()], rowCount: 3)
        )
        _ = try writer.finish()
        let lines = try ParquetProfile.lines(path)
        #expect(
            lines == [
                "3 rows in 1 row groups", "id long: 0 missing, 2 different, -4 to 3",
                "note string: 2 missing, 1 different",
            ]
        )
    }
}
