import Foundation
import Tributary

/// A Delta table in pure Swift: tasks that append at once, a conflict and its cure, and a look into the past.
@main
struct DeltaTour {
    static let schema = TableSchema(
        fields: [Field("region", .string), Field("id", .int64), Field("note", .string)],
        partitionColumns: ["region"]
    )

    static func main() async throws {
        let folder =
            CommandLine.arguments.dropFirst().first ?? NSTemporaryDirectory()
            + "delta-tour-\(UUID().uuidString)"
        let table = DeltaTable(store: LocalObjectStore(root: folder), path: "notes")
        _ = try await table.create(schema: schema)
        print("made the table \(folder)/notes")

        try await withThrowingTaskGroup(of: TableVersion.self) { group in
            for region in ["eu", "us", "ap"] {
                group.addTask {
                    try await table.append(rows(0..<100, "first"), partition: ["region": region])
                }
            }
            for try await version in group { print("a task appended 100 rows: version \(version)") }
        }

        let before = try await table.snapshot()
        print("version \(before.version) has \(try await count(table, at: before.version)) rows")

        // Two writers change row 7 of one region, both from the same state: the second has to look again.
        let mine = try await change(table, from: before, note: "mine")
        let theirs = try await change(table, from: before, note: "theirs")
        print("their change is version \(try await table.apply(theirs, to: before))")
        do {
            _ = try await table.apply(mine, to: before)
        } catch let error as DeltaLogError where error.isConflict {
            print("mine is refused: \(error)")
            let newer = try await table.snapshot()
            let again = try await change(table, from: newer, note: "mine")
            print(
                "made again from version \(newer.version), it is version \(try await table.apply(again, to: newer))"
            )
        }

        for version in [
            before.version, TableVersion(before.version.number + 1), TableVersion(before.version.number + 2),
        ] {
            print("in version \(version) the note of row 7 is \(try await note(table, at: version))")
        }
        try await alter(table)
    }

    /// Columns, rules and a change feed come to a table that is in use; no file is written for it.
    static func alter(_ table: DeltaTable) async throws {
        let altered = try await table.alter([
            .set("delta.columnMapping.mode", "name"), .set("delta.enableChangeDataFeed", "true"),
            .renameColumn(["note"], to: "remark"), .addConstraint("ids", "id >= 0"),
        ])
        print("version \(altered) has a change feed and a rule, and calls the note a remark")
        let old = try Predicate(
            sql: "region = 'us' AND id < 3",
            of: try table.schema(of: try await table.snapshot())
        )
        let (version, count) = try await table.update(where: old, set: ["remark": .string("old")])
        print("version \(version) updates \(count) rows:")
        for try await batch in try await table.changes(from: version) {
            for row in 0..<batch.rowCount {
                let values = ["_change_type", "id", "remark"].compactMap { batch.column($0)?[row] }
                print("  " + values.map { "\($0)" }.joined(separator: " "))
            }
        }
        do {
            _ = try await table.update(where: old, set: ["id": .integer(-1)])
        } catch let error as DeltaTableError {
            print("a row that breaks the rule is refused: \(error)")
        }
    }

    static func rows(_ ids: Range<Int64>, _ note: String) -> ColumnBatch {
        var numbers = ColumnBuilder(.int64)
        for id in ids { numbers.append(.integer(id)) }
        return ColumnBatch(
            schema: BatchSchema(schema.dataFields),
            columns: [numbers.finish(), .repeating(.string(note), type: .string, count: ids.count)]
        )
    }

    static func change(_ table: DeltaTable, from snapshot: Snapshot, note: String) async throws -> TableEdit {
        var changes = ChangeSet(keys: ["id"])
        try changes.append(rows(7..<8, note))
        let planner = try MergePlanner(table: table, snapshot: snapshot, partition: ["region": "eu"])
        return try await planner.plan(for: changes).write(to: table, snapshot: snapshot)
    }

    static func count(_ table: DeltaTable, at version: TableVersion) async throws -> Int {
        var count = 0
        for try await batch in try table.rows(of: try await table.snapshot(at: version), columns: ["id"]) {
            count += batch.rowCount
        }
        return count
    }

    static func note(_ table: DeltaTable, at version: TableVersion) async throws -> String {
        let snapshot = try await table.snapshot(at: version)
        for try await batch in try table.rows(
            of: snapshot,
            partition: ["region": "eu"],
            columns: ["id", "note"]
        ) {
            for row in 0..<batch.rowCount where batch.columns[0][row] == .integer(7) {
                if case .string(let note) = batch.columns[1][row] { return note }
            }
        }
        return "missing"
    }
}
