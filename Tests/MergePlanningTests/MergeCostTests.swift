import ColumnBatches
import DeltaLog
import DeltaTables
import MergePlanning
import ObjectStores
import ParquetFiles
import Testing

/// What a merge leaves alone, and what it writes instead.
@Suite("Merge cost") struct MergeCostTests {
    static func makeTable(marksRows: Bool, rows: Int = 1000) async throws -> DeltaTable {
        let table = DeltaTable(store: MemoryObjectStore(), path: "t")
        let snapshot = try await table.create(
            schema: MergePlanTests.schema,
            configuration: marksRows ? ["delta.enableDeletionVectors": "true"] : [:]
        )
        var options = DataFileOptions()
        options.parquet.rowGroupRows = 100
        options.parquet.pageRows = 20
        let writer = table.makeWriter(
            schema: MergePlanTests.schema,
            partition: MergePlanTests.partition,
            options: options
        )
        try await writer.append(MergePlanTests.batch((0..<rows).map { (Int64($0), "text \($0)", 1) }))
        let edit = TableEdit(
            operation: "WRITE",
            added: try await writer.finish(),
            readSet: ReadSet(partitions: .nothing)
        )
        _ = try await table.apply(edit, to: snapshot)
        return table
    }

    static func objects(_ table: DeltaTable, _ suffix: String) async throws -> Set<String> {
        Set(try await table.store.list("t/", after: nil).map(\.path).filter { $0.hasSuffix(suffix) })
    }

    @Test("marking leaves the file, and adds a vector and the new rows; marks add up")
    func marks() async throws {
        let table = try await Self.makeTable(marksRows: true)
        let before = try await Self.objects(table, ".parquet")
        _ = try await MergePlanTests.merge(
            MergePlanTests.changes([(5, "five", 2), (950, "x", 2), (5000, "new", 2)]),
            into: table
        )
        _ = try await MergePlanTests.merge(MergePlanTests.changes([(7, "seven", 3)]), into: table)
        let snapshot = try await table.snapshot()
        let old = try #require(snapshot.files.first { before.contains("t/" + $0.decodedPath) })
        #expect(old.deletionVector?.cardinality == 3)
        #expect(old.stats?.contains("\"tightBounds\":false") == true)
        #expect(snapshot.files.count == 3)
        let rows = try await MergePlanTests.rows(table)
        #expect(rows.count == 1001 && rows[5] == "five" && rows[7] == "seven" && rows[6] == "text 6")
    }

    @Test("a file of which no row is left goes", arguments: [false, true])
    func emptied(marksRows: Bool) async throws {
        let table = try await Self.makeTable(marksRows: marksRows, rows: 30)
        var changes = ChangeSet(keys: ["id"])
        for id in 0..<30 { changes.delete([UInt64(id)]) }
        let plan = try await MergePlanTests.merge(changes, into: table)
        #expect(plan.deletedCount == 30)
        #expect(try await table.snapshot().files.isEmpty)
        #expect(try await Self.objects(table, ".bin").isEmpty)
    }

    @Test("row groups without a change are copied byte for byte, the others written anew")
    func splices() async throws {
        let table = try await Self.makeTable(marksRows: false)
        func file() async throws -> (bytes: [UInt8], reader: ParquetReader) {
            let file = try #require(try await table.snapshot().files.first)
            let bytes = try await table.store.read("t/" + file.decodedPath)
            return (bytes, try await ParquetReader.open(MemoryParquetSource(bytes)))
        }
        let old = try await file()
        _ = try await MergePlanTests.merge(
            MergePlanTests.changes([(250, "changed", 2), (999, "last", 2)]),
            into: table
        )
        let new = try await file()
        #expect(new.reader.rowGroups.map(\.rowCount) == old.reader.rowGroups.map(\.rowCount))
        for group in 0..<10 {
            let mine = try #require(try await new.reader.pages(of: "text", rowGroup: group))
            let theirs = try #require(try await old.reader.pages(of: "text", rowGroup: group))
            let isSame = mine.map { new.bytes[$0.range] } == theirs.map { old.bytes[$0.range] }
            #expect(isSame == (group != 2 && group != 9))
        }
        let added = try #require(
            try await table.snapshot().files.first?.stats.flatMap { FileStatistics(json: $0) }
        )
        #expect(added.numRecords == 1000 && added.maxValues["u"] == .string("1970-01-01T00:00:00.000Z"))
        #expect(added.minValues["id"] == .number("0") && added.maxValues["id"] == .number("999"))
    }

    @Test("rows that did not change cost nothing, whatever their version", arguments: [false, true])
    func unchanged(marksRows: Bool) async throws {
        let table = try await Self.makeTable(marksRows: marksRows)
        let before = try await table.snapshot()
        let plan = try await MergePlanTests.merge(
            MergePlanTests.changes([(1, "text 1", 1), (500, "text 500", 1)]),
            into: table
        )
        #expect(plan.isEmpty && plan.unchangedCount == 2)
        #expect(try await table.snapshot().version == before.version)
        // The version is the same, the row is not.
        let quiet = try await MergePlanTests.merge(MergePlanTests.changes([(1, "other", 1)]), into: table)
        #expect(quiet.updatedCount == 1)
        #expect(try await MergePlanTests.rows(table)[1] == "other")
    }

    @Test(
        "a commit that touched the same file first is a conflict, and nothing of the merge stays",
        arguments: [false, true]
    )
    func conflicts(marksRows: Bool) async throws {
        for isOptimise in [false, true] {
            let table = try await Self.makeTable(marksRows: marksRows, rows: 100)
            _ = try await table.append(
                MergePlanTests.batch([(5000, "small", 1)]),
                partition: MergePlanTests.partition
            )
            let snapshot = try await table.snapshot()
            let plan = try await MergePlanner(
                table: table,
                snapshot: snapshot,
                partition: MergePlanTests.partition
            ).plan(for: MergePlanTests.changes([(1, "mine", 9), (7000, "new", 9)]))
            let edit = try await plan.write(to: table, snapshot: snapshot)
            if isOptimise {
                #expect(try await table.optimise().commits == 1)
            } else {
                _ = try await table.delete(where: .equal("id", .integer(1)))
            }
            let files = try await Self.objects(table, "")
            await #expect {
                _ = try await table.apply(edit, to: snapshot)
            } throws: { ($0 as? DeltaLogError)?.isConflict == true }
            let left = try await Self.objects(table, "")
            #expect(left.count == files.count - (marksRows ? 2 : 2) && left.isSubset(of: files))
            _ = try await MergePlanTests.merge(
                MergePlanTests.changes([(1, "mine", 9), (7000, "new", 9)]),
                into: table
            )
            let rows = try await MergePlanTests.rows(table)
            #expect(rows.count == 102 && rows[1] == "mine" && rows[7000] == "new")
        }
    }

    @Test("vectors may be switched on and off again")
    func switchedOn() async throws {
        let table = try await Self.makeTable(marksRows: false)
        _ = try await table.alter([.set("delta.enableDeletionVectors", "true")])
        _ = try await MergePlanTests.merge(MergePlanTests.changes([(5, "five", 2)]), into: table)
        #expect(try await Self.objects(table, ".bin").count == 1)
        _ = try await table.alter([.set("delta.enableDeletionVectors", "false")])
        // A file that is written anew loses its vector.
        _ = try await MergePlanTests.merge(MergePlanTests.changes([(6, "six", 3)]), into: table)
        #expect(try await table.snapshot().files.allSatisfy { $0.deletionVector == nil })
        let rows = try await MergePlanTests.rows(table)
        #expect(rows.count == 1000 && rows[5] == "five" && rows[6] == "six")
    }

    @Test("the first files of a writer are small, later ones grow")
    func growingFiles() async throws {
        let table = DeltaTable(store: MemoryObjectStore(), path: "t")
        _ = try await table.create(schema: MergePlanTests.schema)
        var options = DataFileOptions()
        options.firstFileBytes = 2000
        options.parquet.rowGroupRows = 50
        options.parquet.compression = .uncompressed
        let writer = table.makeWriter(
            schema: MergePlanTests.schema,
            partition: MergePlanTests.partition,
            options: options
        )
        for start in stride(from: 0, to: 12_000, by: 60) {
            try await writer.append(
                MergePlanTests.batch((start..<(start + 60)).map { (Int64($0), "some text \($0)", 1) })
            )
        }
        let files = try await writer.finish()
        let rows = files.compactMap { $0.stats.flatMap { FileStatistics(json: $0)?.numRecords } }
        #expect(rows.reduce(0, +) == 12_000)
        #expect(rows.dropLast().max() ?? 0 > (rows.first ?? 0) * 3)
        // All end with whole pages, though batches do not.
        #expect(rows.dropLast().allSatisfy { $0 > 0 && $0 % 50 == 0 })
    }
}
