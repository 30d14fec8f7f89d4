import ColumnBatches
import DeltaLog
import DeltaTables
import ObjectStores
import Testing

@Suite("DeltaTable") struct DeltaTableTests {
    static let schema = TableSchema(
        fields: [Field("region", .string), Field("id", .int64), Field("text", .string)],
        partitionColumns: ["region"]
    )

    static func batch(_ rows: [(Int64, String?)]) -> ColumnBatch {
        var ids = ColumnBuilder(.int64)
        var texts = ColumnBuilder(.string)
        for row in rows {
            ids.append(.integer(row.0))
            texts.append(row.1.map { .string($0) } ?? .null)
        }
        return ColumnBatch(
            schema: BatchSchema([Field("id", .int64), Field("text", .string)]),
            columns: [ids.finish(), texts.finish()]
        )
    }

    static func rows(_ table: DeltaTable, at version: TableVersion? = nil) async throws -> [[ColumnValue]] {
        var rows: [[ColumnValue]] = []
        for try await batch in try table.rows(of: try await table.snapshot(at: version)) {
            for row in 0..<batch.rowCount { rows.append(batch.row(row)) }
        }
        return rows
    }

    @Test(
        "rows of several partitions come back with their partition values",
        arguments: ["plain", "a/b c%d", "ö:=?"]
    )
    func append(region: String) async throws {
        let table = DeltaTable(store: MemoryObjectStore(), path: "t")
        _ = try await table.create(schema: Self.schema)
        _ = try await table.append(Self.batch([(1, "x"), (2, nil)]), partition: ["region": region])
        _ = try await table.append(Self.batch([(3, "y")]), partition: ["region": nil])
        let rows = try await Self.rows(table)
        #expect(
            Set(rows) == [
                [.string(region), .integer(1), .string("x")], [.string(region), .integer(2), .null],
                [.null, .integer(3), .string("y")],
            ]
        )
    }

    @Test("an older version shows its own rows")
    func timeTravel() async throws {
        let table = DeltaTable(store: MemoryObjectStore(), path: "t")
        _ = try await table.create(schema: Self.schema)
        let first = try await table.append(Self.batch([(1, "x")]), partition: ["region": "a"])
        _ = try await table.append(Self.batch([(2, "y")]), partition: ["region": "a"])
        #expect(try await Self.rows(table, at: first).count == 1)
        #expect(try await Self.rows(table).count == 2)
    }

    @Test("a folder with files and no log is no table, and is left alone")
    func notATable() async throws {
        let store: any ObjectStore = MemoryObjectStore()
        try await store.putIfAbsent("t/readme.txt", Array("hello".utf8))
        let table = DeltaTable(store: store, path: "t")
        await #expect {
            _ = try await table.create(schema: Self.schema)
        } throws: { ($0 as? DeltaTableError)?.code == .notATable }
        #expect(try await store.list("", after: nil).count == 1)
    }

    @Test("columns that were added later have no value in older rows")
    func extend() async throws {
        let table = DeltaTable(store: MemoryObjectStore(), path: "t")
        _ = try await table.create(schema: Self.schema)
        _ = try await table.append(Self.batch([(1, "x")]), partition: ["region": "a"])
        var wider = Self.schema
        wider.fields.append(Field("extra", .timestampNTZ))
        _ = try await table.extend(to: wider, from: try await table.snapshot())
        #expect(try await Self.rows(table) == [[.string("a"), .integer(1), .string("x"), .null]])
        #expect(try await table.snapshot().protocol.minReaderVersion == 3)
    }

    @Test("a missing data file is an error that names it")
    func missingFile() async throws {
        let store: any ObjectStore = MemoryObjectStore()
        let table = DeltaTable(store: store, path: "t")
        _ = try await table.create(schema: Self.schema)
        _ = try await table.append(Self.batch([(1, "x")]), partition: ["region": "a"])
        let file = try #require(try await table.snapshot().files.first)
        try await store.delete("t/" + file.decodedPath)
        await #expect {
            _ = try await Self.rows(table)
        } throws: { ($0 as? DeltaTableError)?.file == file.decodedPath }
    }
}

@Suite("CalendarText") struct CalendarTextTests {
    static let knownDates: [(Int64, String)] = [
        (0, "1970-01-01"), (-1, "1969-12-31"), (19_782, "2024-02-29"), (-719_528, "0000-01-01"),
        (2_932_896, "9999-12-31"),
    ]

    @Test("dates go both ways", arguments: knownDates)
    func dates(days: Int64, text: String) {
        #expect(CalendarText.date(days) == text)
        #expect(CalendarText.days(text) == days)
    }

    @Test(
        "instants go both ways",
        arguments: [0, -1, 1_709_210_096_123_456, -62_135_596_800_000_000] as [Int64]
    )
    func instants(microseconds: Int64) {
        #expect(CalendarText.microseconds(CalendarText.instant(microseconds) + "Z") == microseconds)
    }

    @Test("milliseconds are cut towards the past")
    func floor() {
        #expect(CalendarText.instant(-1, digits: 3) == "1969-12-31T23:59:59.999")
    }

    @Test(
        "what is no instant is none",
        arguments: ["", "2024-13-01", "2024-01-01T25:00:00", "2024-01-01T00:00", "x"]
    )
    func invalid(text: String) {
        #expect(CalendarText.microseconds(text) == nil)
    }
}
