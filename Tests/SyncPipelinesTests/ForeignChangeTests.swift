import ColumnBatches
import DeltaLog
import DeltaTables
import ObjectStores
import SourceConnectors
import SyncLedgers
@testable import SyncPipelines
import Testing

/// What other programs do to a task's rows in the lake between two runs.
@Suite("Foreign changes") struct ForeignChangeTests {
    static let all = TaskSelection(regions: .all)
    static let partition: [String: String?] = ["region": "eu", "client_id": "1"]

    private func loaded() async throws -> MemoryFleet {
        let fleet = MemoryFleet()
        let early = MemoryFleet.start - 7200 * MemoryFleet.second
        fleet.commit("c1", (0..<20).map { MemoryFleet.row($0, "first", at: early) })
        fleet.commit("c2", (0..<5).map { MemoryFleet.row($0, "first", at: early) })
        _ = try await fleet.pipeline.prepare(Self.all)
        _ = try await fleet.pipeline.run(Self.all)
        fleet.tick(100)
        fleet.commit("c1", [MemoryFleet.row(7, "second", at: MemoryFleet.start + 50 * MemoryFleet.second)])
        _ = try await fleet.pipeline.run(Self.all)
        fleet.tick(100)
        return fleet
    }

    private func table(_ fleet: MemoryFleet) -> DeltaTable {
        DeltaTable(store: fleet.store, path: "shop/orders")
    }

    /// An edit of the partition by a program that knows nothing of tasks.
    private func apply(
        to fleet: MemoryFleet,
        _ operation: String,
        _ change: (inout TableEdit, Snapshot) async throws -> Void
    ) async throws {
        let table = table(fleet)
        let snapshot = try await table.snapshot()
        var edit = TableEdit(operation: operation, readSet: ReadSet(partitions: .only([Self.partition])))
        try await change(&edit, snapshot)
        _ = try await table.apply(edit, to: snapshot)
    }

    private static func batch(_ row: [ColumnValue]) -> ColumnBatch {
        let fields = MemoryFleet.description.columns.compactMap { column in
            column.type.map { Field(column.name, $0) }
        }
        let columns = zip(fields, row).map { Column.repeating($1, type: $0.type, count: 1) }
        return ColumnBatch(schema: BatchSchema(fields), columns: columns, rowCount: 1)
    }

    /// A file with one row of the partition.
    private func theirs(_ id: Int64, in table: DeltaTable, _ snapshot: Snapshot) async throws -> [AddFile] {
        let writer = table.makeWriter(
            schema: try table.schema(of: snapshot),
            partition: Self.partition,
            options: DataFileOptions()
        )
        try await writer.append(Self.batch(MemoryFleet.row(id, "theirs", at: MemoryFleet.start)))
        return try await writer.finish()
    }

    private func expectWholeAfterOneRun(_ fleet: MemoryFleet, named name: String) async throws {
        let report = try await fleet.pipeline.run(Self.all)
        let tasks = Dictionary(uniqueKeysWithValues: report.tasks.map { ($0.identity.client, $0) })
        #expect(report.succeeded && tasks["1"]?.rowsRead == 20)
        #expect(tasks["1"]?.warnings.contains { $0.contains(name) } == true)
        #expect(tasks["2"]?.warnings == [])
        #expect(try await fleet.lakeRows("1", "eu") == fleet.sourceRows("c1"))
        #expect(try await fleet.lakeRows("2", "us") == fleet.sourceRows("c2"))
        let next = try await fleet.pipeline.run(Self.all)
        #expect(next.tasks.allSatisfy { $0.warnings.isEmpty && $0.outcome == .unchanged })
    }

    @Test("rows that another program deleted come back, and the report names the version")
    func deletedRows() async throws {
        let fleet = try await loaded()
        let deleted = try await table(fleet).delete(
            where: .compare("id", .less, .integer(3))
        )
        #expect(deleted.rowCount == 6)
        let report = try await fleet.pipeline.run(Self.all)
        #expect(report.tasks.map(\.rowsRead).sorted() == [5, 20])
        #expect(
            report.tasks.allSatisfy { $0.warnings.contains { $0.contains("version \(deleted.version)") } }
        )
        #expect(try await fleet.lakeRows("1", "eu") == fleet.sourceRows("c1"))
        #expect(try await fleet.lakeRows("2", "us") == fleet.sourceRows("c2"))
        let next = try await fleet.pipeline.run(Self.all)
        #expect(next.tasks.allSatisfy { $0.warnings.isEmpty && $0.outcome == .unchanged })
    }

    @Test("a file that another program took away, saying where or not, is made up for")
    func removedFile() async throws {
        let fleet = try await loaded()
        try await apply(to: fleet, "DELETE") { edit, snapshot in
            edit.removed = Array(snapshot.files(inPartition: Self.partition).prefix(1))
        }
        try await expectWholeAfterOneRun(fleet, named: "DELETE")
    }

    @Test("a table that was overwritten is whole after one run")
    func overwritten() async throws {
        let fleet = try await loaded()
        try await apply(to: fleet, "WRITE") { edit, snapshot in
            edit.added = try await theirs(1, in: table(fleet), snapshot)
            edit.removed = snapshot.files(inPartition: Self.partition)
        }
        try await expectWholeAfterOneRun(fleet, named: "WRITE")
    }

    @Test("rows that are only arranged anew disturb nobody")
    func rearranged() async throws {
        let fleet = try await loaded()
        try await apply(to: fleet, "OPTIMIZE") { edit, snapshot in
            edit.changesRows = false
            edit.removed = snapshot.files(inPartition: Self.partition)
            for (number, file) in edit.removed.enumerated() {
                var copy = file
                copy.path = "\(file.path.dropLast(8))-\(number).parquet"
                let bytes = try await fleet.store.read("shop/orders/" + file.decodedPath)
                try await fleet.store.putIfAbsent("shop/orders/" + copy.decodedPath, bytes)
                edit.added.append(copy)
            }
        }
        for _ in 0..<2 {
            let report = try await fleet.pipeline.run(Self.all)
            #expect(report.tasks.allSatisfy { $0.warnings.isEmpty && $0.outcome == .unchanged })
        }
        #expect(try await fleet.lakeRows("1", "eu") == fleet.sourceRows("c1"))
    }

    @Test("an own restore moves the marks itself and is no foreign change")
    func restored() async throws {
        let fleet = try await loaded()
        let versions = try await table(fleet).snapshot().version
        _ = try await table(fleet).restore(to: TableVersion(versions.number - 1))
        let report = try await fleet.pipeline.run(Self.all)
        #expect(report.tasks.allSatisfy { $0.warnings.isEmpty })
        #expect(report.tasks.map(\.rowsRead).max() == 1)
        #expect(try await fleet.lakeRows("1", "eu") == fleet.sourceRows("c1"))
    }

    @Test("a run that is cut short after a foreign change leaves it to be noticed again")
    func cutShort() async throws {
        let fleet = try await loaded()
        try await apply(to: fleet, "DELETE") { edit, snapshot in
            edit.removed = snapshot.files(inPartition: Self.partition)
        }
        try await apply(to: fleet, "WRITE") { edit, snapshot in
            edit.added = try await theirs(3, in: table(fleet), snapshot)
        }
        let source = Source(region: "eu", client: "1", connection: "c1")
        fleet.databases["c1"]?.update {
            $0.failures = [SourceError(.invalid, source: source, message: "not now")]
        }
        let failed = try await fleet.pipeline.run(Self.all)
        #expect(!failed.succeeded)
        try await expectWholeAfterOneRun(fleet, named: "DELETE")
    }
}
