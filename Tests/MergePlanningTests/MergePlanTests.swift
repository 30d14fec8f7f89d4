import ColumnBatches
import DeltaLog
import DeltaTables
import MergePlanning
import ObjectStores
import Testing

@Suite("MergePlan") struct MergePlanTests {
    static let schema = TableSchema(
        fields: [
            Field("region", .string), Field("id", .int64), Field("text", .string), Field("u", .timestamp),
        ],
        partitionColumns: ["region"]
    )
    static let partition: [String: String?] = ["region": "a"]

    static func batch(_ rows: [(Int64, String?, Int64)]) -> ColumnBatch {
        var builders = [ColumnBuilder(.int64), ColumnBuilder(.string), ColumnBuilder(.timestamp)]
        for row in rows {
            builders[0].append(.integer(row.0))
            builders[1].append(row.1.map { .string($0) } ?? .null)
            builders[2].append(.timestamp(row.2))
        }
        return ColumnBatch(
            schema: BatchSchema(schema.dataFields),
            columns: builders.indices.map { builders[$0].finish() }
        )
    }

    static func makeTable(_ files: [ColumnBatch]) async throws -> DeltaTable {
        let table = DeltaTable(store: MemoryObjectStore(), path: "t")
        _ = try await table.create(schema: schema)
        for file in files { _ = try await table.append(file, partition: partition) }
        return table
    }

    static func merge(_ changes: ChangeSet, into table: DeltaTable, fill: Set<String>? = nil) async throws
        -> MergePlan
    {
        let snapshot = try await table.snapshot()
        let planner = try MergePlanner(
            table: table,
            snapshot: snapshot,
            partition: partition,
            filledColumns: fill
        )
        let plan = try await planner.plan(for: changes)
        if !plan.isEmpty {
            _ = try await table.apply(try await plan.write(to: table, snapshot: snapshot), to: snapshot)
        }
        return plan
    }

    static func rows(_ table: DeltaTable) async throws -> [Int64: String?] {
        var found: [Int64: String?] = [:]
        for try await batch in try table.rows(of: try await table.snapshot(), columns: ["id", "text"]) {
            for row in 0..<batch.rowCount {
                guard case .integer(let id) = batch.columns[0][row] else { continue }
                if case .string(let text) = batch.columns[1][row] {
                    found[id] = text
                } else {
                    found[id] = .some(nil)
                }
            }
        }
        return found
    }

    static func changes(_ rows: [(Int64, String?, Int64)]) throws -> ChangeSet {
        var changes = ChangeSet(keys: ["id"], version: "u")
        try changes.append(batch(rows))
        return changes
    }

    @Test("rows are replaced in place, added, and the rest copied")
    func upsert() async throws {
        let table = try await Self.makeTable([Self.batch([(1, "a", 1), (2, "b", 1), (3, nil, 1)])])
        let plan = try await Self.merge(
            try Self.changes([(2, "B", 2), (3, "c", 2), (9, nil, 2)]),
            into: table
        )
        #expect(plan.updatedCount == 2 && plan.insertedCount == 1 && plan.unchangedCount == 0)
        #expect(try await Self.rows(table) == [1: "a", 2: "B", 3: "c", 9: nil])
    }

    @Test("changes that the lake holds already write nothing")
    func unchanged() async throws {
        let table = try await Self.makeTable([Self.batch([(1, "a", 1), (2, nil, 1)])])
        let plan = try await Self.merge(try Self.changes([(1, "a", 1), (2, nil, 1)]), into: table)
        #expect(plan.isEmpty && plan.unchangedCount == 2)
    }

    @Test("only files that hold a changed row are rewritten")
    func pruning() async throws {
        let files = (0..<5).map { file in Self.batch((0..<10).map { (Int64(file * 10 + $0), "x", 1) }) }
        let table = try await Self.makeTable(files)
        let before = Set(try await table.snapshot().files.map(\.path))
        let plan = try await Self.merge(
            try Self.changes([(23, "y", 2), (25, "x", 1), (41, "x", 1)]),
            into: table
        )
        #expect(plan.rewrittenFiles.count == 1 && plan.unchangedCount == 2)
        #expect(before.intersection(try await table.snapshot().files.map(\.path)).count == 4)
        #expect(try await Self.rows(table)[23] == "y")
    }

    @Test("of two rows with one key the later wins, whatever their order", arguments: [false, true])
    func duplicates(reversed: Bool) async throws {
        let table = try await Self.makeTable([Self.batch([(1, "a", 1)])])
        let rows: [(Int64, String?, Int64)] = [(1, "old", 5), (1, "new", 6), (2, "z", 1)]
        let changes = try Self.changes(reversed ? rows.reversed() : rows)
        #expect(changes.duplicateCount == 1 && changes.count == 2)
        _ = try await Self.merge(changes, into: table)
        #expect(try await Self.rows(table) == [1: "new", 2: "z"])
    }

    @Test("two different rows of one key and no version are refused by name")
    func ambiguous() {
        var changes = ChangeSet(keys: ["id"])
        #expect {
            try changes.append(Self.batch([(1, "a", 1), (1, "b", 1)]))
        } throws: { error in
            (error as? MergeError)?.code == .duplicateKey && "\(error)".contains("id")
        }
    }

    @Test("a row without a whole key is refused")
    func incompleteKey() {
        var changes = ChangeSet(keys: ["text"])
        #expect {
            try changes.append(Self.batch([(1, "a", 1), (2, nil, 1)]))
        } throws: { ($0 as? MergeError)?.code == .incompleteKey }
    }

    @Test("only named columns are filled on rows that exist")
    func fill() async throws {
        let table = try await Self.makeTable([Self.batch([(1, "keep", 1)])])
        let plan = try await Self.merge(
            try Self.changes([(1, "drop", 2), (2, "new", 2)]),
            into: table,
            fill: ["u"]
        )
        #expect(plan.updatedCount == 1)
        #expect(try await Self.rows(table) == [1: "keep", 2: "new"])
        let again = try await Self.merge(try Self.changes([(1, "other", 2)]), into: table, fill: ["u"])
        #expect(again.isEmpty)
    }

    @Test("a comparison finds what is new, changed and gone")
    func compare() async throws {
        let table = try await Self.makeTable([Self.batch([(1, "a", 1), (2, "b", 1), (3, "c", 1)])])
        var index = LakeIndex(keys: ["id"], compared: ["id", "text", "u"])
        let snapshot = try await table.snapshot()
        for try await batch in try table.rows(
            of: snapshot,
            partition: Self.partition,
            columns: ["id", "text", "u"]
        ) {
            try index.insert(batch)
        }
        var changes = ChangeSet(keys: ["id"])
        try changes.append(try index.differences(Self.batch([(1, "a", 1), (3, "C", 1), (4, nil, 1)])))
        index.deleteUnseen(into: &changes)
        #expect(changes.count == 3 && index.unchangedCount == 1)
        let plan = try await Self.merge(changes, into: table)
        #expect(plan.deletedCount == 1 && plan.updatedCount == 1 && plan.insertedCount == 1)
        #expect(try await Self.rows(table) == [1: "a", 3: "C", 4: nil])
    }

    @Test("a merge against an outdated snapshot of its partition is a conflict, one of another is not")
    func conflict() async throws {
        let table = try await Self.makeTable([Self.batch([(1, "a", 1)])])
        let old = try await table.snapshot()
        let plan = try await MergePlanner(table: table, snapshot: old, partition: Self.partition)
            .plan(for: try Self.changes([(1, "mine", 3)]))
        let edit = try await plan.write(to: table, snapshot: old)
        _ = try await table.append(Self.batch([(1, "x", 1)]), partition: ["region": "b"])
        _ = try await table.apply(edit, to: old)
        let stale = try await MergePlanner(table: table, snapshot: old, partition: Self.partition)
            .plan(for: try Self.changes([(1, "late", 4)]))
        let staleEdit = try await stale.write(to: table, snapshot: old)
        await #expect {
            _ = try await table.apply(staleEdit, to: old)
        } throws: { ($0 as? DeltaLogError)?.isConflict == true }
    }
}
