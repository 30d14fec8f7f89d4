import ColumnBatches
import DeltaLog
import DeltaTables
import SourceConnectors
import SyncLedgers
@testable import SyncPipelines
import Synchronization
import Testing

extension MemoryFleet {
    /// Removes rows of a client's table.
    func remove(_ client: String, _ ids: some Sequence<Int64>) {
        let gone = Set(ids.map { ColumnValue.integer($0) })
        databases[client]?.update { $0.tables[Self.table]?.committed.removeAll { gone.contains($0[0]) } }
    }

    /// The clock of a client's server.
    func now(_ client: String) -> Int64 { databases[client]?.state.withLock { $0.signals.now } ?? 0 }

    /// Some columns of a client's rows in the lake, in the order of their texts.
    func values(_ client: String, _ region: String, _ columns: [String]) async throws -> [[ColumnValue]] {
        let table = DeltaTable(store: store, path: "shop/orders")
        var rows: [[ColumnValue]] = []
        for try await batch in try table.rows(
            of: try await table.snapshot(),
            partition: ["region": region, "client_id": client],
            columns: columns
        ) {
            for row in 0..<batch.rowCount { rows.append(batch.row(row)) }
        }
        return rows.sorted { "\($0)" < "\($1)" }
    }
}

@Suite("Write modes") struct WriteModesTests {
    static let all = TaskSelection(regions: .all)
    static let early = MemoryFleet.start - 7200 * MemoryFleet.second

    /// A fleet of which the first client has rows 1 to `count`, brought by a first run.
    private func loaded(
        _ count: Int64 = 20,
        marks: Bool,
        cursor: CursorSetting = .automatic,
        _ change: (inout TableTemplate) -> Void
    ) async throws -> MemoryFleet {
        var fleet = MemoryFleet(cursor: cursor)
        fleet.configuration.tables[0].deletionVectors = marks
        change(&fleet.configuration.tables[0])
        fleet.commit("c1", (1...count).map { MemoryFleet.row($0, "first", at: Self.early) })
        let prepared = try await fleet.pipeline.prepare(Self.all)
        #expect(prepared.succeeded, "\(prepared.text)")
        let report = try await fleet.pipeline.run(Self.all)
        #expect(report.succeeded, "\(report.text)")
        fleet.tick(100)
        return fleet
    }

    /// A run of the first client, which must end well.
    @discardableResult
    private func run(_ fleet: MemoryFleet) async throws -> TaskReport {
        let report = try await fleet.pipeline.run(TaskSelection(regions: .all, client: "1"))
        #expect(report.succeeded, "\(report.text)")
        return report.tasks[0]
    }

    @Test("rows that are gone leave, are marked or stay, as the table says", arguments: [false, true])
    func deletes(marks: Bool) async throws {
        for deletes in TableTemplate.Deletes.allCases {
            let fleet = try await loaded(marks: marks) {
                $0.deletes = deletes
                if deletes != .keep { $0.findDeletes = .everyRun }
            }
            fleet.remove("c1", [3, 4])
            fleet.commit("c1", [MemoryFleet.row(5, "second", at: fleet.now("c1") - 1)])
            fleet.tick(100)
            let found = fleet.now("c1")
            let task = try await run(fleet)
            #expect(task.rowsUpdated == 1 && task.rowsDeleted == (deletes == .keep ? 0 : 2))
            let ids = try await fleet.values("1", "eu", ["id"]).map { $0[0] }
            #expect(ids.count == (deletes == .delete ? 18 : 20))
            let verified = try await fleet.pipeline.verify(Self.all)
            #expect(verified.isEqual, "\(verified.text)")
            #expect(verified.tasks[0].counts == (deletes == .keep ? ["kept": 2] : [:]))
            #expect(try await run(fleet).tableVersion == nil)
            guard deletes == .mark else { continue }
            let marked = try await fleet.values("1", "eu", ["id", "note", WriteColumns.deletedAt])
                .filter { $0[2] != .null }
            #expect(
                marked == [3, 4].map { [.integer($0), .string("first"), .timestamp(found)] }
            )
            // A row that comes back is no longer gone.
            fleet.commit("c1", [MemoryFleet.row(3, "back", at: fleet.now("c1") - 1)])
            fleet.tick(10)
            #expect(try await run(fleet).rowsUpdated == 1)
            let back = try await fleet.values("1", "eu", ["id", "note", WriteColumns.deletedAt])
            #expect(back.contains([.integer(3), .string("back"), .null]) && back.count == 20)
        }
    }

    @Test("a comparison marks and keeps as a search does", arguments: [false, true])
    func comparison(marks: Bool) async throws {
        for deletes in TableTemplate.Deletes.allCases {
            let fleet = try await loaded(marks: marks, cursor: .none) { $0.deletes = deletes }
            fleet.remove("c1", [3, 4])
            #expect(try await run(fleet).rowsDeleted == (deletes == .keep ? 0 : 2))
            #expect(try await fleet.values("1", "eu", ["id"]).count == (deletes == .delete ? 18 : 20))
            #expect(try await run(fleet).tableVersion == nil)
            #expect(try await fleet.pipeline.verify(Self.all).isEqual)
        }
    }

    @Test("a source that was emptied stops the task and changes nothing", arguments: [false, true])
    func valve(marks: Bool) async throws {
        var fleet = try await loaded(1000, marks: marks) { $0.findDeletes = .everyRun }
        fleet.remove("c1", 1...620)
        fleet.commit("c1", [MemoryFleet.row(2000, "new", at: fleet.now("c1") - 1)])
        fleet.tick(100)
        let version = try await fleet.version()
        let report = try await fleet.pipeline.run(Self.all)
        let failure = try #require(report.tasks[0].error)
        #expect(failure.code == "guardrail")
        #expect(
            failure.message.contains("would delete 6") && failure.message.contains("of client 1 (6")
                && failure.message.contains("of 1000 rows): stopped")
        )
        #expect(try await fleet.version() == version)
        let plan = try await fleet.pipeline.plan(Self.all)
        #expect(plan.tables[0].writes?.contains("looked for in every run") == true)
        fleet.configuration.guardrails.deletedShare = 0.7
        #expect(try await run(fleet).rowsDeleted == 620)
        #expect(try await fleet.lakeRows("1", "eu") == fleet.sourceRows("c1"))
    }

    @Test("a search on a schedule is made once a window, and one that is asked for at once")
    func scheduled() async throws {
        let schedule = try Schedule(ConfigurationNode(json: #"{"every": "day", "at": "02:30"}"#, file: "x"))
        let fleet = try await loaded(marks: false) { $0.findDeletes = .scheduled(schedule) }
        #expect(try await run(fleet).tableVersion != nil)  // the window of the past night was never served
        fleet.remove("c1", [3])
        fleet.tick(60)
        #expect(try await run(fleet).rowsDeleted == 0)
        fleet.tick(86_400)
        #expect(try await run(fleet).rowsDeleted == 1)
        fleet.remove("c1", [4])
        fleet.tick(60)
        #expect(try await run(fleet).rowsDeleted == 0)
        var pipeline = fleet.pipeline
        pipeline.findsDeletes = true
        #expect(try await pipeline.run(Self.all).tasks[0].rowsDeleted == 1)
    }

    @Test("a history closes what changed and adds what it became", arguments: [false, true])
    func history(marks: Bool) async throws {
        let fleet = try await loaded(3, marks: marks) {
            $0.write = .history
            $0.findDeletes = .everyRun
        }
        let changed = fleet.now("c1") - 1
        fleet.commit("c1", [MemoryFleet.row(2, "second", at: changed)])
        // Something open holds the mark back: the window is read again.
        fleet.databases["c1"]?.update { $0.signals.oldestStatement = Self.early }
        fleet.tick(100)
        let task = try await run(fleet)
        #expect(task.rowsUpdated == 1 && task.rowsInserted == 0)
        let again = try await run(fleet)
        #expect(again.rowsRead > 0 && again.tableVersion == nil)
        fleet.remove("c1", [1])
        fleet.tick(100)
        let closed = fleet.now("c1")
        #expect(try await run(fleet).rowsDeleted == 1)
        fleet.tick(100)
        let back = fleet.now("c1") - 1
        fleet.commit("c1", [MemoryFleet.row(1, "back", at: back)])
        fleet.tick(1)
        #expect(try await run(fleet).rowsInserted == 1)
        let columns = [
            "id", "note", WriteColumns.validFrom, WriteColumns.validTo, WriteColumns.isCurrent,
        ]
        let wanted: [[ColumnValue]] = [
            [.integer(1), .string("back"), .timestamp(back), .null, .boolean(true)],
            [.integer(1), .string("first"), .timestamp(Self.early), .timestamp(closed), .boolean(false)],
            [.integer(2), .string("first"), .timestamp(Self.early), .timestamp(changed), .boolean(false)],
            [.integer(2), .string("second"), .timestamp(changed), .null, .boolean(true)],
            [.integer(3), .string("first"), .timestamp(Self.early), .null, .boolean(true)],
        ]
        #expect(
            try await fleet.values("1", "eu", columns) == wanted.sorted { "\($0)" < "\($1)" }
        )
        let verified = try await fleet.pipeline.verify(Self.all)
        #expect(verified.isEqual && verified.tasks[0].lakeRows == 3, "\(verified.text)")
    }

    @Test("rows are appended once, however often the window reads them", arguments: [false, true])
    func append(marks: Bool) async throws {
        let fleet = try await loaded(marks: marks) { $0.write = .append }
        fleet.databases["c1"]?.update { $0.signals.oldestStatement = MemoryFleet.start }
        fleet.commit(
            "c1",
            [
                MemoryFleet.row(2, "second", at: fleet.now("c1") - 2),
                MemoryFleet.row(21, "new", at: fleet.now("c1") - 1),
            ]
        )
        fleet.remove("c1", [3])
        fleet.tick(100)
        let task = try await run(fleet)
        #expect(task.rowsInserted == 2 && task.rowsUpdated == 0 && task.filesRemoved == 0)
        let again = try await run(fleet)
        #expect(again.rowsRead == 2 && again.tableVersion == nil)
        let rows = try await fleet.values("1", "eu", ["id", "note"])
        #expect(rows.count == 22 && rows.filter { $0[0] == .integer(2) }.count == 2)
        let verified = try await fleet.pipeline.verify(Self.all)
        #expect(verified.isEqual && verified.tasks[0].counts == ["kept": 1], "\(verified.text)")
    }

    @Test("what appends needs a cursor that every row has")
    func appendNeedsCursor() async throws {
        var fleet = MemoryFleet()
        fleet.configuration.tables[0].write = .append
        fleet.databases["c1"]?.update {
            $0.tables[MemoryFleet.table]?.description.columns[3].isNullable = true
        }
        fleet.databases["c2"]?.update { $0.tables[MemoryFleet.table]?.description.cursorCandidates = [] }
        _ = try await fleet.pipeline.prepare(Self.all)
        let report = try await fleet.pipeline.run(Self.all)
        #expect(report.tasks[0].error?.message.contains("may be null") == true)
        #expect(report.tasks[1].error?.message.contains("has none") == true)
        #expect(report.tasks.allSatisfy { $0.error?.code == "invalidConfiguration" })
    }

    @Test("another way of writing does not mix with rows that are there")
    func otherWay() async throws {
        var fleet = try await loaded(marks: false) { _ in }
        fleet.configuration.tables[0].write = .history
        let unprepared = try await fleet.pipeline.run(Self.all)
        #expect(unprepared.tasks[0].error?.code == "notPrepared")
        #expect(try await fleet.pipeline.prepare(Self.all).succeeded)
        let plan = try await fleet.pipeline.plan(Self.all)
        #expect(plan.tasks[0].problem?.contains("reset") == true && !plan.isClear)
        for report in [
            try await fleet.pipeline.run(Self.all), try await fleet.pipeline.run(plan: plan.id),
        ] {
            #expect(report.tasks[0].error?.code == "needsPlan")
            #expect(report.tasks[0].error?.message.contains("upsert → history") == true)
        }
    }

    @Test("a plan tells of ways of writing that are not the usual one")
    func plans() async throws {
        var fleet = MemoryFleet()
        fleet.configuration.tables[0].write = .history
        fleet.configuration.tables[0].findDeletes = .everyRun
        let text = try await fleet.pipeline.plan(Self.all).text
        #expect(
            text.contains(
                "  writes: history: a row for each version; rows that are gone: their last version is closed, "
                    + "looked for in every run"
            )
        )
        #expect(text.contains("valid_from timestamp, valid_to timestamp, is_current boolean"))
        #expect(!text.contains("deletes.unseen"))
    }

    @Test("a source column with the name of one that is added is refused")
    func nameClash() async throws {
        var fleet = MemoryFleet()
        fleet.configuration.tables[0].deletes = .mark
        fleet.configuration.tables[0].columnMap = [WriteColumns.deletedAt: "note"]
        let report = try await fleet.pipeline.prepare(Self.all)
        #expect(report.tables[0].error?.contains("columnMap") == true)
    }
}
