import ColumnBatches
import ConnectorTestKit
import DeltaLog
import DeltaTables
import ObjectStores
import SourceConnectors
import SyncLedgers
@testable import SyncPipelines
import Synchronization
import Testing

@Suite("Bronze") struct BronzeTests {
    static let everything = TaskSelection(regions: .all)
    static let first = TaskSelection(regions: .all, client: "1")
    static let early = MemoryFleet.start - 7200 * MemoryFleet.second
    static let columns = ["id", "amount", "note", "update_timestamp", "_run", "_synced_at", "_source"]

    private func fleet(cursor: CursorSetting = .automatic, lineage: [LineageColumn] = LineageColumn.allCases)
        async throws -> MemoryFleet
    {
        var fleet = MemoryFleet(cursor: cursor)
        fleet.configuration.tables[0].bronze = BronzeSettings()
        fleet.configuration.tables[0].lineage = lineage
        fleet.commit("c1", (0..<20).map { MemoryFleet.row($0, "first", at: Self.early) })
        fleet.commit("c2", (0..<5).map { MemoryFleet.row($0, "first", at: Self.early) })
        _ = try await fleet.pipeline.prepare(Self.everything)
        return fleet
    }

    private func bronze(_ fleet: MemoryFleet) async throws -> [[String: ColumnValue]] {
        let table = DeltaTable(store: fleet.store, path: "shop/orders_bronze")
        var rows: [[String: ColumnValue]] = []
        for try await batch in try table.rows(of: try await table.snapshot()) {
            for row in 0..<batch.rowCount {
                rows.append(Dictionary(uniqueKeysWithValues: zip(batch.schema.names, batch.row(row))))
            }
        }
        return rows
    }

    private func change(_ fleet: MemoryFleet, _ ids: [Int64], _ note: String) {
        fleet.tick(4000)
        let now = fleet.databases["c1"]?.state.withLock { $0.signals.now } ?? 0
        fleet.commit("c1", ids.map { MemoryFleet.row($0, note, at: now) })
    }

    private func remove(_ fleet: MemoryFleet, _ id: Int64) {
        fleet.databases["c1"]?.update { state in
            state.tables[MemoryFleet.table]?.committed.removeAll { $0[0] == .integer(id) }
        }
    }

    private func expectRebuilt(_ fleet: MemoryFleet) async throws {
        let report = try await fleet.pipeline.rebuild(Self.everything)
        #expect(report.tasks.allSatisfy { $0.wasEqual }, "\(report.text)")
        #expect(report.tasks.map(\.rows).first == fleet.sourceRows("c1").count)
    }

    @Test("each row lands with run, kind and source before it comes; what is gone lands as its key")
    func landing() async throws {
        let fleet = try await fleet(cursor: .none)
        let load = try await fleet.pipeline.run(Self.everything)
        #expect(load.succeeded)
        change(fleet, [3, 40], "second")
        remove(fleet, 7)
        let run = try await fleet.pipeline.run(Self.everything)
        #expect(run.succeeded)
        let rows = try await bronze(fleet)
        #expect(rows.count == 28)
        let second = rows.filter { $0["_run"] == .string(run.runID) }
        #expect(second.count == 3 && second.allSatisfy { $0["client_id"] == .string("1") })
        #expect(second.filter { $0["_kind"] == .string("change") }.map { $0["id"] }.count == 2)
        let gone = try #require(second.first { $0["_kind"] == .string("delete") })
        #expect(gone["id"] == .integer(7) && gone["note"] == .null)
        #expect(second.allSatisfy { $0["_source"] == .string("c1/shop.orders") })
        #expect(
            second.allSatisfy {
                $0["_synced_at"] == .timestamp(MemoryFleet.start + 4000 * MemoryFleet.second)
            }
        )
        try await expectRebuilt(fleet)
    }

    @Test(
        "lineage says which run brought a row, and is no reason to write; without changes nothing lands",
        arguments: [CursorSetting.automatic, .none]
    )
    func lineage(cursor: CursorSetting) async throws {
        let fleet = try await fleet(cursor: cursor)
        let load = try await fleet.pipeline.run(Self.everything)
        change(fleet, [4], "changed")
        let run = try await fleet.pipeline.run(Self.everything)
        let landed = try await bronze(fleet).count
        let version = try await fleet.version()
        // Rows are read again, and their lineage would be another.
        let idle = try await fleet.pipeline.run(Self.everything)
        #expect(idle.tasks.allSatisfy { $0.outcome == .unchanged } && idle.tasks[0].rowsRead > 0)
        #expect(try await fleet.version() == version)
        #expect(try await bronze(fleet).count == landed)
        let rows = try await fleet.lakeRows("1", "eu", columns: ["id", "note", "_run"])
        #expect(rows.contains([.integer(4), .string("changed"), .string(run.runID)]))
        #expect(rows.filter { $0[2] == .string(load.runID) }.count == 19)
        let check = try await fleet.pipeline.verify(Self.everything)
        #expect(check.isEqual)
        try await expectRebuilt(fleet)
    }

    @Test("a damaged lake table is made again row for row, with its mark; unasked nothing is written")
    func rebuild() async throws {
        let fleet = try await fleet(cursor: .none)
        _ = try await fleet.pipeline.run(Self.everything)
        change(fleet, [1, 2, 30], "second")
        remove(fleet, 5)
        _ = try await fleet.pipeline.run(Self.everything)
        let before = try await fleet.lakeRows("1", "eu", columns: Self.columns)
        let table = DeltaTable(store: fleet.store, path: "shop/orders")
        let damage = Predicate.and([
            .compare("client_id", .equal, .string("1")), .compare("id", .less, .integer(3)),
        ])
        _ = try await table.delete(where: damage)
        let seen = try await fleet.pipeline.rebuild(Self.everything)
        #expect(seen.tasks.map(\.rowsMissing) == [3, 0] && !seen.succeeded)
        let version = try await fleet.version()
        let done = try await fleet.pipeline.rebuild(Self.everything, applying: true)
        #expect(done.succeeded && done.tasks.map(\.version) == [version + 1, nil], "\(done.text)")
        #expect(try await fleet.lakeRows("1", "eu", columns: Self.columns) == before)
        try await expectRebuilt(fleet)
        let next = try await fleet.pipeline.run(Self.everything)
        #expect(next.tasks.allSatisfy { $0.outcome == .unchanged && $0.warnings.isEmpty })
    }

    @Test("a lake table that is lost is made again from all that landed")
    func lost() async throws {
        let fleet = try await fleet()
        _ = try await fleet.pipeline.run(Self.everything)
        change(fleet, [1, 2, 30], "second")
        _ = try await fleet.pipeline.run(Self.everything)
        let before = try await fleet.lakeRows("1", "eu", columns: Self.columns)
        for object in try await fleet.store.list("shop/orders/", after: nil) {
            try await fleet.store.delete(object.path)
        }
        _ = try await fleet.pipeline.prepare(Self.everything)
        let done = try await fleet.pipeline.rebuild(Self.everything, applying: true)
        #expect(done.succeeded, "\(done.text)")
        #expect(try await fleet.lakeRows("1", "eu", columns: Self.columns) == before)
        let next = try await fleet.pipeline.run(Self.everything)
        #expect(next.succeeded && next.tasks.allSatisfy { $0.rowsUpdated == 0 })
        try await expectRebuilt(fleet)
    }

    @Test("wherever a run dies, also between the two commits, the next one ends with equal tables")
    func crashes() async throws {
        var point = 0
        var faults = 0
        while true {
            var fleet = try await fleet()
            fleet.configuration.limits.leaseDuration = .zero
            _ = try await fleet.pipeline.run(Self.everything)
            change(fleet, [1, 2, 30], "second")
            let store = FaultyObjectStore(fleet.store)
            let broken = SyncPipeline(
                configuration: fleet.configuration,
                roster: fleet.roster,
                connector: fleet.pipeline.connector,
                lake: store
            )
            store.plan(point.isMultiple(of: 2) ? .crash : .crashAfter, at: point)
            _ = try? await broken.run(Self.first)
            guard store.wasFaulty else { break }
            faults += 1
            change(fleet, [2, 31], "third")
            let after = try await fleet.pipeline.run(Self.first)
            #expect(after.succeeded, "point \(point): \(after.text)")
            try await fleet.expectEqual()
            try await expectRebuilt(fleet)
            point += 1
        }
        #expect(faults > 20)
    }

    @Test("bronze that is switched on later, or off for a while, begins anew with what the lake table holds")
    func switchedOn() async throws {
        var fleet = try await fleet(lineage: [])
        fleet.configuration.tables[0].bronze = nil
        _ = try await fleet.pipeline.run(Self.everything)
        fleet.configuration.tables[0].bronze = BronzeSettings()
        change(fleet, [1, 2], "second")
        _ = try await fleet.pipeline.run(Self.first)
        #expect(try await bronze(fleet).filter { $0["_kind"] == .string("base") }.count == 20)
        fleet.configuration.tables[0].bronze = nil
        change(fleet, [3], "third")
        _ = try await fleet.pipeline.run(Self.first)
        fleet.configuration.tables[0].bronze = BronzeSettings()
        let behind = try await fleet.pipeline.rebuild(Self.first)
        #expect(behind.tasks.first?.error?.contains("did not land") == true)
        change(fleet, [4], "fourth")
        _ = try await fleet.pipeline.run(Self.first)
        let report = try await fleet.pipeline.rebuild(Self.first)
        #expect(report.succeeded && report.tasks[0].rows == 20, "\(report.text)")
    }

    @Test("under review only what is approved lands, as it comes into the lake")
    func review() async throws {
        var fleet = try await fleet()
        fleet.configuration.tables[0].review = .required
        _ = try await fleet.pipeline.run(Self.everything)
        #expect(try await bronze(fleet).isEmpty)
        _ = try await fleet.pipeline.approve(Self.everything, by: "anna")
        #expect(try await bronze(fleet).count == 25)
        try await fleet.expectEqual()
        try await expectRebuilt(fleet)
        change(fleet, [1], "refused")
        let run = try await fleet.pipeline.run(Self.first)
        #expect(run.tasks.map(\.rowsStaged) == [1])
        _ = try await fleet.pipeline.reject(Self.first, by: "anna", note: "no")
        #expect(try await bronze(fleet).count == 25)
    }

    @Test("columns that are filled only keep what was there before, also when rebuilt")
    func filled() async throws {
        var fleet = try await fleet()
        fleet.configuration.tables[0].fill = ["note", "update_timestamp"]
        _ = try await fleet.pipeline.run(Self.everything)
        fleet.tick(4000)
        let now = MemoryFleet.start + 3999 * MemoryFleet.second
        fleet.commit("c1", [[.integer(3), .decimal(1, scale: 2), .string("filled"), .timestamp(now)]])
        let run = try await fleet.pipeline.run(Self.everything)
        let rows = try await fleet.lakeRows("1", "eu", columns: ["id", "amount", "note", "_run"])
        #expect(
            rows.contains([
                .integer(3), .decimal(300, scale: 2), .string("filled"), .string(run.runID),
            ])
        )
        let report = try await fleet.pipeline.rebuild(Self.everything)
        #expect(report.tasks.allSatisfy { $0.wasEqual }, "\(report.text)")
    }

    @Test("names that the tables need for themselves are refused, with the cure")
    func names() async throws {
        var fleet = MemoryFleet()
        fleet.configuration.tables[0].lineage = [.run]
        fleet.configuration.tables[0].columnMap = ["_run": "note"]
        let report = try await fleet.pipeline.prepare(Self.everything)
        #expect(report.tables[0].error?.contains("\"columnMap\"") == true)
        fleet.configuration.tables[0].lineage = []
        fleet.configuration.tables[0].columnMap = ["_kind": "note"]
        fleet.configuration.tables[0].bronze = BronzeSettings()
        let second = try await fleet.pipeline.prepare(Self.everything)
        #expect(second.tables[0].error?.contains("\"_kind\"") == true)
        let unprepared = MemoryFleet()
        var template = unprepared.configuration.tables[0]
        _ = try await unprepared.pipeline.prepare(Self.everything)
        template.bronze = BronzeSettings()
        var configured = unprepared
        configured.configuration.tables[0] = template
        configured.commit("c1", [MemoryFleet.row(1, "a", at: Self.early)])
        let run = try await configured.pipeline.run(Self.first)
        #expect(run.tasks[0].error?.message.contains("run prepare") == true)
    }
}
