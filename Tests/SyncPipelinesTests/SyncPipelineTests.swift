import ColumnBatches
import DeltaLog
import DeltaTables
import ObjectStores
import SourceConnectors
import SyncLedgers
import Synchronization
import SyncPipelines
import Testing

/// A lake, one table and two clients, all in memory.
struct MemoryFleet {
    static let second: Int64 = 1_000_000
    static let start: Int64 = 1_700_000_000 * second

    let store: any ObjectStore
    let databases: [String: MemoryDatabase]
    var configuration: SyncConfiguration
    var roster: Roster

    init(
        cursor: CursorSetting = .automatic,
        mode: TableTemplate.Mode = .merge,
        store: any ObjectStore = MemoryObjectStore()
    ) {
        self.store = store
        databases = ["c1": MemoryDatabase(), "c2": MemoryDatabase()]
        configuration = SyncConfiguration(
            lake: "lake",
            schemas: ["shop": SchemaSettings(database: "shop")],
            tables: [TableTemplate(schema: "shop", name: "orders", cursor: cursor, mode: mode)]
        )
        configuration.limits.attempts = 2
        roster = Roster(entries: [
            RosterEntry(client: "1", region: "eu", connection: "c1"),
            RosterEntry(client: "2", region: "us", connection: "c2"),
        ])
        for database in databases.values {
            database.update { state in
                state.tables[Self.table] = MemoryDatabase.Table(description: Self.description)
                state.signals = MarkSignals(now: Self.start)
            }
        }
    }

    static let table = TableName(database: "shop", table: "orders")
    static let description = TableDescription(
        name: table,
        columns: [
            ColumnDescription(name: "id", type: .int64, sourceType: "bigint", isNullable: false),
            ColumnDescription(
                name: "amount",
                type: .decimal(precision: 10, scale: 2),
                sourceType: "decimal(10,2)",
                isNullable: true
            ),
            ColumnDescription(name: "note", type: .string, sourceType: "text", isNullable: true),
            ColumnDescription(
                name: "update_timestamp",
                type: .timestamp,
                sourceType: "timestamp(6)",
                isNullable: false
            ),
        ],
        primaryKey: ["id"],
        cursorCandidates: [
            CursorCandidate(
                column: "update_timestamp",
                type: .timestamp,
                fractionalDigits: 6,
                isIndexed: true,
                isServerSet: true
            )
        ]
    )

    static func row(_ id: Int64, _ note: String, at time: Int64) -> [ColumnValue] {
        [.integer(id), .decimal(Int128(id * 100), scale: 2), .string(note), .timestamp(time)]
    }

    var pipeline: SyncPipeline<MemoryConnector> {
        SyncPipeline(
            configuration: configuration,
            roster: roster,
            connector: MemoryConnector(databases: databases),
            lake: store
        )
    }

    func commit(_ client: String, _ rows: [[ColumnValue]]) {
        databases[client]?.update { state in
            for row in rows {
                state.tables[Self.table]?.committed.removeAll { $0[0] == row[0] }
                state.tables[Self.table]?.uncommitted.removeAll { $0[0] == row[0] }
                state.tables[Self.table]?.committed.append(row)
            }
        }
    }

    func tick(_ seconds: Int64) {
        for database in databases.values { database.update { $0.signals.now += seconds * Self.second } }
    }

    /// The rows of a client in the lake, without the partition columns.
    func lakeRows(
        _ client: String,
        _ region: String,
        columns: [String] = ["id", "amount", "note", "update_timestamp"]
    ) async throws -> Set<[ColumnValue]> {
        let table = DeltaTable(store: store, path: "shop/orders")
        let snapshot = try await table.snapshot()
        var rows: [[ColumnValue]] = []
        for try await batch in try table.rows(
            of: snapshot,
            partition: ["region": region, "client_id": client],
            columns: columns
        ) {
            for row in 0..<batch.rowCount { rows.append(batch.row(row)) }
        }
        let unique = Set(rows)
        #expect(unique.count == rows.count, "a row is in the lake twice")
        return unique
    }

    func sourceRows(_ connection: String) -> Set<[ColumnValue]> {
        Set(databases[connection]?.state.withLock { $0.tables[Self.table]?.committed ?? [] } ?? [])
    }

    func expectEqual() async throws {
        #expect(try await lakeRows("1", "eu") == sourceRows("c1"))
        #expect(try await lakeRows("2", "us") == sourceRows("c2"))
    }

    func version() async throws -> Int64 {
        Int64(try await DeltaTable(store: store, path: "shop/orders").snapshot().version)
    }
}

@Suite("SyncPipeline") struct SyncPipelineTests {
    static let everything = TaskSelection(regions: .all)

    @Test("a column map that names a column which the source lacks is warned of")
    func missingMappedColumn() async throws {
        var fleet = MemoryFleet()
        fleet.configuration.tables[0].columnMap = ["comment": "not_there", "remark": "note"]
        fleet.commit("c1", [MemoryFleet.row(1, "a", at: MemoryFleet.start - 1)])
        _ = try await fleet.pipeline.prepare(TaskSelection(regions: .all))
        let report = try await fleet.pipeline.run(TaskSelection(regions: .all, client: "1"))
        #expect(
            report.tasks[0].warnings.contains { $0.contains("\"not_there\"") && $0.contains("\"comment\"") }
        )
        #expect(!report.tasks[0].warnings.contains { $0.contains("remark") })
    }

    @Test("a first run, a second with changes and a third without")
    func threeRuns() async throws {
        let fleet = MemoryFleet()
        fleet.commit(
            "c1",
            (0..<5000).map { MemoryFleet.row($0, "first", at: MemoryFleet.start - 7200 * MemoryFleet.second) }
        )
        fleet.commit(
            "c2",
            (0..<30).map { MemoryFleet.row($0, "first", at: MemoryFleet.start - 60 * MemoryFleet.second) }
        )
        #expect(try await fleet.pipeline.prepare(Self.everything).succeeded)
        let first = try await fleet.pipeline.run(Self.everything)
        #expect(first.succeeded && first.tasks.allSatisfy { $0.outcome == .loaded })
        try await fleet.expectEqual()

        fleet.tick(100)
        fleet.commit("c1", [MemoryFleet.row(17, "changed", at: MemoryFleet.start + 50 * MemoryFleet.second)])
        fleet.commit("c1", [MemoryFleet.row(9000, "new", at: MemoryFleet.start + 51 * MemoryFleet.second)])
        let second = try await fleet.pipeline.run(Self.everything)
        #expect(second.succeeded)
        let merged = try #require(second.tasks.first { $0.client == "1" })
        #expect(merged.outcome == .merged && merged.rowsUpdated == 1 && merged.rowsInserted == 1)
        #expect(merged.rowsRead < 100)
        try await fleet.expectEqual()

        fleet.tick(100)
        let version = try await fleet.version()
        let third = try await fleet.pipeline.run(Self.everything)
        #expect(third.succeeded && third.tasks.allSatisfy { $0.outcome == .unchanged })
        #expect(try await fleet.version() == version)
    }

    @Test("a row committed late, with an old cursor, is not lost")
    func lateCommit() async throws {
        let fleet = MemoryFleet()
        fleet.commit("c1", [MemoryFleet.row(1, "first", at: MemoryFleet.start - 60 * MemoryFleet.second)])
        _ = try await fleet.pipeline.prepare(Self.everything)
        _ = try await fleet.pipeline.run(Self.everything)
        fleet.tick(100)
        let late = MemoryFleet.row(2, "late", at: MemoryFleet.start + 90 * MemoryFleet.second)
        fleet.databases["c1"]?.update { $0.tables[MemoryFleet.table]?.uncommitted = [late] }
        let held = try await fleet.pipeline.run(Self.everything)
        #expect(held.tasks.first { $0.client == "1" }?.markHeldBy == "a row in flight")
        fleet.tick(500)
        fleet.commit("c1", [late])
        _ = try await fleet.pipeline.run(Self.everything)
        try await fleet.expectEqual()
    }

    @Test("runs checkpoint the log by themselves")
    func checkpoints() async throws {
        let fleet = MemoryFleet()
        let all = TaskSelection(regions: .all)
        _ = try await fleet.pipeline.prepare(all)
        for number in 1...25 {
            fleet.tick(10)
            fleet.commit(
                "c1",
                [MemoryFleet.row(1, "n\(number)", at: MemoryFleet.start + Int64(number) * 10_000_000)]
            )
            let report = try await fleet.pipeline.run(all)
            #expect(report.succeeded)
        }
        let names = try await fleet.store.list("shop/orders/_delta_log/", after: nil).map(\.path)
        #expect(names.contains { $0.contains(".checkpoint.") })
        #expect(try await fleet.lakeRows("1", "eu") == fleet.sourceRows("c1"))
    }

    @Test("a hundred rows of one instant across a run boundary are all there")
    func ties() async throws {
        let fleet = MemoryFleet()
        _ = try await fleet.pipeline.prepare(Self.everything)
        let instant = MemoryFleet.start - 1
        fleet.commit("c1", (0..<50).map { MemoryFleet.row($0, "tie", at: instant) })
        _ = try await fleet.pipeline.run(Self.everything)
        fleet.commit("c1", (50..<100).map { MemoryFleet.row($0, "tie", at: instant) })
        fleet.tick(10)
        _ = try await fleet.pipeline.run(Self.everything)
        try await fleet.expectEqual()
    }

    @Test("a table without a timestamp is compared, deletions included")
    func compare() async throws {
        let fleet = MemoryFleet(cursor: .none)
        fleet.commit("c1", (0..<500).map { MemoryFleet.row($0, "first", at: MemoryFleet.start) })
        _ = try await fleet.pipeline.prepare(Self.everything)
        _ = try await fleet.pipeline.run(Self.everything)
        fleet.databases["c1"]?.update { state in
            state.tables[MemoryFleet.table]?.committed.removeAll {
                $0[0] == .integer(7) || $0[0] == .integer(499)
            }
        }
        fleet.commit(
            "c1",
            [MemoryFleet.row(8, "changed", at: MemoryFleet.start), MemoryFleet.row(1000, "new", at: 0)]
        )
        let report = try await fleet.pipeline.run(Self.everything)
        let task = try #require(report.tasks.first { $0.client == "1" })
        #expect(task.rowsDeleted == 2 && task.rowsUpdated == 1 && task.rowsInserted == 1)
        try await fleet.expectEqual()
        let version = try await fleet.version()
        _ = try await fleet.pipeline.run(Self.everything)
        #expect(try await fleet.version() == version)
    }

    @Test("a server that is down fails its own tasks only")
    func outage() async throws {
        let fleet = MemoryFleet()
        fleet.commit("c2", [MemoryFleet.row(1, "first", at: MemoryFleet.start - 1)])
        _ = try await fleet.pipeline.prepare(Self.everything)
        fleet.databases["c1"]?.update { $0.isDown = true }
        let report = try await fleet.pipeline.run(Self.everything)
        #expect(!report.succeeded)
        let failed = try #require(report.tasks.first { $0.client == "1" })
        #expect(
            failed.outcome == .failed && failed.attempts == 2
                && failed.error?.message.contains("down") == true
        )
        #expect(try await fleet.lakeRows("2", "us") == fleet.sourceRows("c2"))
    }

    @Test("a transient failure is tried again")
    func retry() async throws {
        let fleet = MemoryFleet()
        _ = try await fleet.pipeline.prepare(Self.everything)
        fleet.databases["c1"]?.update {
            $0.failures = [SourceError(.interrupted, isTransient: true, message: "lost connection")]
        }
        let report = try await fleet.pipeline.run(Self.everything)
        #expect(report.succeeded)
        #expect(report.tasks.first { $0.client == "1" }?.attempts == 2)
    }

    @Test("a source that evaluates no expressions refuses one as the cursor, and nothing is written")
    func expression() async throws {
        let expression = CursorExpression("GREATEST(a, b)", type: .timestamp)
        let fleet = MemoryFleet(cursor: .expression(expression))
        let prepared = try await fleet.pipeline.prepare(Self.everything)
        #expect(!prepared.succeeded)
        #expect(prepared.tables.contains { $0.error?.contains("GREATEST(a, b)") == true })
        #expect(try await fleet.store.list("shop/", after: nil).isEmpty)
    }

    @Test("a run before prepare says so, and writes nothing")
    func notPrepared() async throws {
        let fleet = MemoryFleet()
        let report = try await fleet.pipeline.run(Self.everything)
        #expect(
            report.tasks.allSatisfy { $0.outcome == .failed && $0.error?.message.contains("prepare") == true }
        )
        #expect(try await fleet.store.list("shop/", after: nil).isEmpty)
    }

    @Test("the ledger follows the log, and is made again when it is deleted")
    func ledger() async throws {
        let fleet = MemoryFleet()
        fleet.commit("c1", [MemoryFleet.row(1, "first", at: MemoryFleet.start - 1)])
        _ = try await fleet.pipeline.prepare(Self.everything)
        _ = try await fleet.pipeline.run(Self.everything)
        let before = try await SyncLedger(store: fleet.store).entries()
        #expect(before.map(\.task.client) == ["1"])
        #expect(before.first?.mark == MemoryFleet.start - 1000)
        for object in try await fleet.store.list(SyncLedger.defaultPath + "/", after: nil) {
            try await fleet.store.delete(object.path)
        }
        let report = try await fleet.pipeline.run(Self.everything)
        #expect(report.tasks.allSatisfy { $0.outcome == .unchanged })
        #expect(try await SyncLedger(store: fleet.store).entries() == before)
    }

    @Test("a new column is added by prepare, and the table is then read again")
    func drift() async throws {
        let fleet = MemoryFleet()
        fleet.commit("c1", [MemoryFleet.row(1, "first", at: MemoryFleet.start - 9000 * MemoryFleet.second)])
        _ = try await fleet.pipeline.prepare(Self.everything)
        _ = try await fleet.pipeline.run(Self.everything)
        fleet.databases["c1"]?.update { state in
            state.tables[MemoryFleet.table]?.description.columns.append(
                ColumnDescription(name: "vat", type: .string, sourceType: "text", isNullable: true)
            )
            state.tables[MemoryFleet.table]?.committed = [
                MemoryFleet.row(1, "first", at: MemoryFleet.start - 9000 * MemoryFleet.second) + [
                    .string("DE1")
                ]
            ]
        }
        let refused = try await fleet.pipeline.run(Self.everything)
        #expect(refused.tasks.first { $0.client == "1" }?.error?.message.contains("vat") == true)
        let report = try await fleet.pipeline.prepare(Self.everything)
        #expect(report.tables.first?.addedColumns == ["vat"])
        #expect(try await fleet.pipeline.run(Self.everything).succeeded)
        let table = DeltaTable(store: fleet.store, path: "shop/orders")
        var values: [ColumnValue] = []
        for try await batch in try table.rows(of: try await table.snapshot(), columns: ["vat"]) {
            values += batch.columns[0].values
        }
        #expect(values == [.string("DE1")])
    }

    @Test("a client that turns up under another region is refused")
    func moved() async throws {
        var fleet = MemoryFleet()
        fleet.commit("c1", [MemoryFleet.row(1, "first", at: MemoryFleet.start - 1)])
        _ = try await fleet.pipeline.prepare(Self.everything)
        _ = try await fleet.pipeline.run(Self.everything)
        fleet.roster = Roster(entries: [RosterEntry(client: "1", region: "us", connection: "c1")])
        let report = try await fleet.pipeline.run(Self.everything)
        #expect(report.tasks.first?.error?.code == "movedClient")
    }

    @Test("rows that were written below the mark after the clock was set back are not lost")
    func clockSetBack() async throws {
        let fleet = MemoryFleet()
        let all = TaskSelection(regions: .all)
        fleet.commit(
            "c1",
            (0..<20).map { MemoryFleet.row($0, "first", at: MemoryFleet.start - 7200 * MemoryFleet.second) }
        )
        _ = try await fleet.pipeline.prepare(all)
        _ = try await fleet.pipeline.run(all)
        // The clock goes back by ten minutes; a row is written; a minute passes.
        fleet.tick(-600)
        fleet.commit(
            "c1",
            [MemoryFleet.row(7, "after the step", at: MemoryFleet.start - 590 * MemoryFleet.second)]
        )
        fleet.tick(60)
        let report = try await fleet.pipeline.run(all)
        #expect(report.tasks[0].warnings.contains { $0.contains("set back") })
        #expect(report.tasks[0].guarantee != "proven")
        #expect(try await fleet.lakeRows("1", "eu") == fleet.sourceRows("c1"))
        fleet.tick(60)
        let next = try await fleet.pipeline.run(all)
        #expect(next.tasks[0].warnings == [] && next.tasks[0].guarantee == "proven")
    }
}
