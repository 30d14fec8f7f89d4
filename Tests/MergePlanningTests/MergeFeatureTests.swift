import ColumnBatches
import DeltaLog
import DeltaTables
import MergePlanning
import ObjectStores
import Testing

@Suite("Merges into tables with features") struct MergeFeatureTests {
    static func makeTable(_ settings: [String: String]) async throws -> DeltaTable {
        let table = DeltaTable(store: MemoryObjectStore(), path: "t")
        _ = try await table.create(schema: MergePlanTests.schema, configuration: settings)
        for start in [0, 100] {
            let rows = (start..<(start + 10)).map { (Int64($0), Optional("old"), Int64(1)) }
            _ = try await table.append(MergePlanTests.batch(rows), partition: MergePlanTests.partition)
        }
        return table
    }

    static func edit(
        _ table: DeltaTable,
        _ snapshot: Snapshot,
        _ rows: [(Int64, String?, Int64)],
        _ partition: [String: String?]
    ) async throws -> TableEdit {
        var changes = ChangeSet(keys: ["id"])
        let batch = MergePlanTests.batch(rows)
        let fields = try table.schema(of: snapshot).dataFields
        try changes.append(ColumnBatch(schema: BatchSchema(fields), columns: batch.columns))
        let planner = try MergePlanner(table: table, snapshot: snapshot, partition: partition)
        return try await planner.plan(for: changes).write(to: table, snapshot: snapshot)
    }

    @Test("a merge goes by the columns' names where files have others")
    func mapped() async throws {
        let table = try await Self.makeTable(["delta.columnMapping.mode": "name"])
        _ = try await table.alter([
            .renameColumn(["region"], to: "zone"), .renameColumn(["text"], to: "region"),
        ])
        let snapshot = try await table.snapshot()
        let merge = try await Self.edit(
            table,
            snapshot,
            [(3, "new", 2), (105, "new", 2), (7_000, "come", 2)],
            ["zone": "a"]
        )
        // Files that cannot hold a key are not looked at, by statistics under the names of files.
        #expect(merge.removed.count == 2)
        let one = try await Self.edit(table, snapshot, [(104, "late", 3)], ["zone": "a"])
        #expect(one.removed.count == 1)
        let other = try await Self.edit(table, snapshot, [(104, "b", 3)], ["zone": "b"])
        _ = try await table.apply(merge, to: snapshot)
        _ = try await table.apply(other, to: snapshot)
        let error = await #expect(throws: DeltaLogError.self) { _ = try await table.apply(one, to: snapshot) }
        #expect(error?.code == .conflict)
        var texts: [Int64: ColumnValue] = [:]
        let newest = try await table.snapshot()
        for try await batch in try table.rows(
            of: newest,
            partition: ["zone": "a"],
            columns: ["id", "region"]
        ) {
            for row in 0..<batch.rowCount {
                if case .integer(let id) = batch.columns[0][row] { texts[id] = batch.columns[1][row] }
            }
        }
        #expect(texts.count == 21)
        #expect(texts.filter { $0.value == .string("new") }.keys.sorted() == [3, 105])
    }

    @Test(
        "a merge is in the change feed, row by row by its keys",
        arguments: [[:], ["delta.columnMapping.mode": "name"]]
    )
    func changes(settings: [String: String]) async throws {
        let table = try await Self.makeTable(settings.merging(["delta.enableChangeDataFeed": "true"]) { $1 })
        let snapshot = try await table.snapshot()
        let merge = try await Self.edit(
            table,
            snapshot,
            [(3, "new", 2), (104, "old", 1), (7_000, "come", 2)],
            MergePlanTests.partition
        )
        let version = try await table.apply(merge, to: snapshot)
        var found: Set<[ColumnValue]> = []
        for try await batch in try await table.changes(from: version, to: version) {
            for row in 0..<batch.rowCount {
                found.insert(["id", "text", "_change_type"].compactMap { batch.column($0)?[row] })
            }
        }
        #expect(
            found == [
                [.integer(3), .string("old"), .string("update_preimage")],
                [.integer(3), .string("new"), .string("update_postimage")],
                [.integer(7_000), .string("come"), .string("insert")],
            ]
        )
    }

    @Test("a merge keeps the rules of the table")
    func rules() async throws {
        let table = try await Self.makeTable(["delta.constraints.small": "id < 1000"])
        let snapshot = try await table.snapshot()
        await #expect(throws: DeltaTableError.self) {
            _ = try await Self.edit(table, snapshot, [(7_000, "come", 2)], MergePlanTests.partition)
        }
        _ = try await Self.edit(table, snapshot, [(700, "come", 2)], MergePlanTests.partition)
    }
}
