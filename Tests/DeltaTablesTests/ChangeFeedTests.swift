import ColumnBatches
import DeltaLog
import DeltaTables
import ObjectStores
import Testing

@Suite("Change feeds on write") struct ChangeFeedTests {
    static let settings: [[String: String]] = [
        ["delta.enableChangeDataFeed": "true"],
        ["delta.enableChangeDataFeed": "true", "delta.enableDeletionVectors": "true"],
        [
            "delta.enableChangeDataFeed": "true", "delta.enableDeletionVectors": "true",
            "delta.columnMapping.mode": "name",
        ],
    ]

    struct Change: Hashable, CustomStringConvertible {
        var kind: String
        var row: [ColumnValue]

        init(_ kind: String, _ row: ColumnValue...) {
            self.kind = kind
            self.row = row
        }

        init(kind: String, row: [ColumnValue]) {
            self.kind = kind
            self.row = row
        }

        var description: String { "\(kind) \(row)" }
    }

    /// The changes of a version, each as often as it is there.
    static func changes(_ table: DeltaTable, _ version: TableVersion) async throws -> [Change: Int] {
        var found: [Change: Int] = [:]
        for try await batch in try await table.changes(from: version, to: version) {
            for row in 0..<batch.rowCount {
                let values = batch.row(row)
                guard case .string(let kind) = batch.column("_change_type")?[row] else { continue }
                found[Change(kind: kind, row: Array(values.dropLast(3))), default: 0] += 1
            }
        }
        return found
    }

    static func row(_ region: String, _ id: Int64, _ text: String?) -> [ColumnValue] {
        [.string(region), .integer(id), text.map { .string($0) } ?? .null]
    }

    static func fileCount(_ table: DeltaTable) async throws -> Int {
        try await table.store.list("t/_change_data/", after: nil).count
    }

    @Test("updates, deletes and replaced rows are in the feed, and nothing else", arguments: settings)
    func edits(settings: [String: String]) async throws {
        let table = try await MaintenanceTests.makeTable(settings)
        #expect(try await table.snapshot().protocol.has("changeDataFeed"))
        let updated = try await table.update(
            where: .isIn("id", [.integer(1), .integer(15)]),
            set: ["text": .string("n")]
        )
        #expect(
            try await Self.changes(table, updated.version) == [
                Change(kind: "update_preimage", row: Self.row("eu", 1, "text 0")): 1,
                Change(kind: "update_postimage", row: Self.row("eu", 1, "n")): 1,
                Change(kind: "update_preimage", row: Self.row("us", 15, "text 1")): 1,
                Change(kind: "update_postimage", row: Self.row("us", 15, "n")): 1,
            ]
        )
        let deleted = try await table.delete(
            where: .and([.greaterOrEqual("id", .integer(29)), .less("id", .integer(40))])
        )
        let gone = try await Self.changes(table, deleted.version)
        #expect(gone.count == 11)
        #expect(gone[Change(kind: "delete", row: Self.row("eu", 29, "text 2"))] == 1)
        let replaced = try await table.overwrite(
            with: [RowEditTests.whole([("us", 15, "n"), ("us", 99, nil)])],
            where: .and([.equal("region", .string("us")), .greaterOrEqual("id", .integer(15))])
        )
        let both = try await Self.changes(table, replaced.version)
        #expect(both[Change(kind: "insert", row: Self.row("us", 99, nil))] == 1)
        #expect(both.filter { $0.key.kind == "delete" }.count == 5)
        #expect(both.count == 7)
        // Rows that move to another partition are in both.
        let moved = try await table.update(where: .equal("id", .integer(99)), set: ["region": .string("ap")])
        #expect(
            try await Self.changes(table, moved.version) == [
                Change(kind: "update_preimage", row: Self.row("us", 99, nil)): 1,
                Change(kind: "update_postimage", row: Self.row("ap", 99, nil)): 1,
            ]
        )
        // What only adds or only arranges needs no files.
        let before = try await Self.fileCount(table)
        let added = try await table.append(rows: [RowEditTests.whole([("ap", 7, "z")])])
        #expect(
            try await Self.changes(table, added.version) == [
                Change(kind: "insert", row: Self.row("ap", 7, "z")): 1
            ]
        )
        _ = try await table.optimise()
        let whole = try await table.overwrite(with: [RowEditTests.whole([("eu", 1, nil)])])
        #expect(
            try await Self.changes(table, whole.version)[Change(kind: "insert", row: Self.row("eu", 1, nil))]
                == 1
        )
        #expect(try await Self.fileCount(table) == before)
    }

    @Test(
        "edits that others plan get their changes from the files that come and go",
        arguments: settings,
        [[], ["id"]]
    )
    func derived(settings: [String: String], keys: [String]) async throws {
        let table = try await MaintenanceTests.makeTable(settings, commits: 1)
        _ = try await table.append(DeltaTableTests.batch([(3, "text 0")]), partition: ["region": "eu"])
        let snapshot = try await table.snapshot()
        let schema = try table.schema(of: snapshot)
        // The first file again without row 2, twice row 3, and another row 4; the second file stays.
        let writer = table.makeWriter(schema: schema, partition: ["region": "eu"])
        let rows = (0..<10).filter { $0 != 2 }.map { (Int64($0), Optional($0 == 4 ? "other" : "text 0")) }
        try await writer.append(DeltaTableTests.batch(rows + [(3, "text 0")]))
        var edit = TableEdit(
            operation: "MERGE",
            added: try await writer.finish(),
            removed: [
                try #require(
                    snapshot.files.first { $0.size > 0 && $0.stats?.contains("\"numRecords\":10") == true }
                )
            ],
            readSet: ReadSet(partitions: .only([["region": "eu"]]))
        )
        edit.keyColumns = keys
        let version = try await table.apply(edit, to: snapshot)
        let (old, new) = keys.isEmpty ? ("delete", "insert") : ("update_preimage", "update_postimage")
        #expect(
            try await Self.changes(table, version) == [
                Change(kind: "delete", row: Self.row("eu", 2, "text 0")): 1,
                Change(kind: "insert", row: Self.row("eu", 3, "text 0")): 1,
                Change(kind: old, row: Self.row("eu", 4, "text 0")): 1,
                Change(kind: new, row: Self.row("eu", 4, "other")): 1,
            ]
        )
    }

    @Test("edits in one version have files of changes for all of them, or none")
    func groups() async throws {
        let table = try await MaintenanceTests.makeTable(Self.settings[0], commits: 2)
        let snapshot = try await table.snapshot()
        let schema = try table.schema(of: snapshot)
        func added(_ region: String, _ ids: [Int64]) async throws -> [AddFile] {
            let writer = table.makeWriter(schema: schema, partition: ["region": region])
            try await writer.append(DeltaTableTests.batch(ids.map { ($0, nil) }))
            return try await writer.finish()
        }
        let only = TableEdit(
            operation: "WRITE",
            added: try await added("ap", [1, 2]),
            readSet: ReadSet(partitions: .only([["region": "ap"]]))
        )
        let merge = TableEdit(
            operation: "MERGE",
            added: try await added("eu", [5]),
            removed: snapshot.files(inPartition: ["region": "eu"]),
            readSet: ReadSet(partitions: .only([["region": "eu"]]))
        )
        let versions = try await table.apply([(only, snapshot), (merge, snapshot)]).map { try $0.get() }
        #expect(Set(versions).count == 1)
        let changes = try await Self.changes(table, versions[0])
        #expect(changes[Change(kind: "insert", row: Self.row("ap", 2, nil))] == 1)
        #expect(changes.filter { $0.key.kind == "delete" }.count == 10)
        #expect(changes.count == 13)
    }

    @Test("a refused edit leaves no files of changes")
    func refused() async throws {
        let table = try await MaintenanceTests.makeTable(Self.settings[0])
        var isFirst = true
        await #expect(throws: DeltaLogError.self) {
            _ = try await table.update(where: .less("id", .integer(5))) { batch in
                if isFirst { _ = try await table.delete(where: .equal("id", .integer(49))) }
                isFirst = false
                return ["text": .nulls(.string, count: batch.rowCount)]
            }
        }
        // The delete's own.
        #expect(try await Self.fileCount(table) == 1)
    }
}
