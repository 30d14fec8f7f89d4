import ColumnBatches
import DeltaLog
import DeltaTables
import ObjectStores
import Testing

@Suite("Table work") struct MaintenanceTests {
    static func makeTable(_ configuration: [String: String] = [:], commits: Int = 5) async throws
        -> DeltaTable
    {
        let table = DeltaTable(store: MemoryObjectStore(), path: "t")
        _ = try await table.create(schema: DeltaTableTests.schema, configuration: configuration)
        for index in 0..<commits {
            let rows = (0..<10).map { (Int64(index * 10 + $0), Optional("text \(index)")) }
            _ = try await table.append(
                DeltaTableTests.batch(rows),
                partition: ["region": index.isMultiple(of: 2) ? "eu" : "us"],
                transaction: ApplicationTransaction(appID: "app/mark", version: Int64(index + 1))
            )
        }
        return table
    }

    static func ids(
        _ table: DeltaTable,
        at version: TableVersion? = nil,
        where predicate: Predicate? = nil
    ) async throws -> [Int64] {
        var ids: [Int64] = []
        let snapshot = try await table.snapshot(at: version)
        for try await batch in try table.rows(of: snapshot, columns: ["id"], where: predicate) {
            for case .integer(let id) in batch.columns[0].values { ids.append(id) }
        }
        return ids.sorted()
    }

    static let checkpointSettings: [[String: String]] = [
        [:], ["delta.checkpoint.writeStatsAsStruct": "true", "delta.checkpoint.writeStatsAsJson": "false"],
        ["delta.checkpointPolicy": "v2"], ["delta.enableInCommitTimestamps": "true"],
    ]

    @Test("a table reads the same from a checkpoint alone", arguments: checkpointSettings)
    func checkpoint(settings: [String: String]) async throws {
        let table = try await Self.makeTable(settings)
        _ = try await table.delete(where: .equal("region", .string("us")))
        let before = try await table.snapshot()
        try await table.log.writeCheckpoint(before)
        for version in 0...before.version.number {
            let digits = String(version)
            let name = String(repeating: "0", count: 20 - digits.count) + digits + ".json"
            try await table.store.delete("t/_delta_log/" + name)
        }
        let after = try await table.snapshot()
        #expect(after.version == before.version)
        #expect(after.files.map(\.path) == before.files.map(\.path))
        #expect(after.transactionVersion("app/mark") == 5)
        #expect(after.metadata == before.metadata)
        #expect(try await Self.ids(table).count == 30)
        let old = before.files.compactMap { $0.stats.flatMap { FileStatistics(json: $0) } }
        let new = after.files.compactMap { $0.stats.flatMap { FileStatistics(json: $0) } }
        #expect(old == new)
        #expect(try await table.log.tombstones(of: after.version, after: 0).count == 2)
    }

    @Test("a checkpoint comes by itself every twenty versions")
    func automaticCheckpoint() async throws {
        let table = try await Self.makeTable(commits: 41)
        let names = try await table.store.list("t/_delta_log/", after: nil).map(\.path)
        #expect(names.filter { $0.hasSuffix(".checkpoint.parquet") }.count == 2)
        #expect(names.contains("t/_delta_log/_last_checkpoint"))
        #expect(try await Self.ids(table).count == 410)
    }

    @Test("restoring brings rows and marks back in one version")
    func restore() async throws {
        let table = try await Self.makeTable()
        _ = try await table.delete(where: .less("id", .integer(25)))
        let restored = try await table.restore(to: 2)
        #expect(restored == 7)
        #expect(try await Self.ids(table) == Array(0..<20))
        #expect(try await table.snapshot().transactionVersion("app/mark") == 2)
        #expect(try await Self.ids(table, at: 6) == Array(25..<50))
    }

    @Test("rows are deleted, by files, by rewriting and by deletion vectors", arguments: [false, true])
    func delete(marks: Bool) async throws {
        let table = try await Self.makeTable(marks ? ["delta.enableDeletionVectors": "true"] : [:])
        let predicate = Predicate.or([.less("id", .integer(15)), .equal("id", .integer(33))])
        let (version, count) = try await table.delete(where: predicate)
        #expect(version == 6)
        #expect(count == 16)
        let again = try await table.delete(where: .equal("id", .integer(34)))
        #expect(again.rowCount == 1)
        #expect(try await Self.ids(table) == (15..<50).filter { $0 != 33 && $0 != 34 })
        let vectors = try await table.snapshot().files.compactMap(\.deletionVector)
        #expect(vectors.map(\.cardinality).sorted() == (marks ? [2, 5] : []))
        #expect(try await table.delete(where: predicate).rowCount == 0)
    }

    @Test(
        "small files are packed, and the rows stay",
        arguments: [RowOrder.kept, .sorted(["id"]), .zOrder(["text", "id"])]
    )
    func optimise(order: RowOrder) async throws {
        let table = try await Self.makeTable(["delta.enableDeletionVectors": "true"])
        _ = try await table.delete(where: .isIn("id", [.integer(3), .integer(14)]))
        let before = try await Self.ids(table)
        var options = OptimiseOptions()
        options.order = order
        let report = try await table.optimise(options)
        #expect(report.removedFiles == 5)
        #expect(report.addedFiles == 2)
        #expect(try await Self.ids(table) == before)
        let files = try await table.snapshot().files
        #expect(files.count == 2)
        #expect(files.allSatisfy { $0.deletionVector == nil })
    }

    @Test("only files that nothing needs are vacuumed, after the retention")
    func vacuum() async throws {
        let table = try await Self.makeTable(["delta.enableDeletionVectors": "true"])
        try await table.store.putIfAbsent("t/stray.parquet", [1])
        try await table.store.putIfAbsent("t/_hidden/stray.parquet", [1])
        _ = try await table.delete(where: .less("id", .integer(5)))
        _ = try await table.optimise()
        let soon = try await table.planVacuum()
        #expect(soon.files.map(\.path) == ["t/stray.parquet"])
        let later = try await table.planVacuum(now: 8 * 86_400_000 + Self.now)
        // The five files that were packed, the deletion vector of one of them, and the stray.
        #expect(later.files.count == 7)
        try await table.perform(later)
        #expect(try await Self.ids(table) == Array(5..<50))
        await #expect(throws: DeltaTableError.self) { _ = try await table.planVacuum(retention: 0) }
    }

    /// An instant far ahead, whatever the clock of the store counts.
    static let now: Int64 = 4_000_000_000_000

    static let predicates: [(Predicate, Int, [Int64])] = [
        (.equal("region", .string("eu")), 3, Array(0..<10) + Array(20..<30) + Array(40..<50)),
        (.less("id", .integer(12)), 2, Array(0..<12)),
        (.not(.less("id", .integer(45))), 1, Array(45..<50)),
        (.and([.equal("region", .string("us")), .greaterOrEqual("id", .integer(35))]), 1, Array(35..<40)),
        (.isIn("id", [.integer(7), .integer(47), .integer(99)]), 2, [7, 47]),
        (.isNull("text"), 0, []),
        (.equal("text", .string("text 2")), 1, Array(20..<30)),
        (.compare("id", .equal, .null), 0, []),
    ]

    @Test("files that cannot hold a wanted row are not read", arguments: predicates)
    func pruning(predicate: Predicate, files: Int, ids: [Int64]) async throws {
        let table = try await Self.makeTable()
        let rows = try table.rows(of: try await table.snapshot(), where: predicate)
        #expect(rows.files.count == files)
        #expect(try await Self.ids(table, where: predicate) == ids)
    }

    @Test("cleaning the log leaves every version readable from the checkpoint on")
    func logCleanup() async throws {
        let table = try await Self.makeTable(commits: 25)
        let snapshot = try await table.snapshot()
        #expect(try await table.log.planCleanup(snapshot, now: 1).paths.isEmpty)
        let plan = try await table.log.planCleanup(snapshot, now: Self.now)
        #expect(plan.oldestVersion == 20)
        try await table.log.perform(plan)
        for version in 20...25 {
            let expected = version * 10
            #expect(try await Self.ids(table, at: TableVersion(Int64(version))).count == expected)
        }
        #expect(try await Self.ids(table).count == 250)
    }

    @Test("an instant finds the version that was newest then")
    func timeTravel() async throws {
        let table = try await Self.makeTable(commits: 2)
        let last = try #require(try await table.snapshot().timestamp)
        #expect(try await table.version(at: last + 10_000) == 2)
        await #expect(throws: DeltaTableError.self) { _ = try await table.version(at: 0) }
    }
}
