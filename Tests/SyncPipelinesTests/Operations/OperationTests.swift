import ColumnBatches
import ConnectorTestKit
import DeltaTables
import SourceConnectors
import SyncLedgers
@testable import SyncPipelines
import Synchronization
import Testing

@Suite("Operations") struct OperationTests {
    static let all = TaskSelection(regions: .all)
    static let first = TaskSelection(regions: .all, client: "1")

    private func brought(marks: Bool = false) async throws -> MemoryFleet {
        var fleet = MemoryFleet()
        fleet.configuration.tables[0].deletionVectors = marks
        for client in ["c1", "c2"] {
            fleet.commit(
                client,
                (1...50).map {
                    MemoryFleet.row($0, "first", at: MemoryFleet.start - (7200 - $0) * MemoryFleet.second)
                }
            )
        }
        #expect(try await fleet.pipeline.prepare(Self.all).succeeded)
        #expect(try await fleet.pipeline.run(Self.all).succeeded)
        fleet.tick(100)
        fleet.commit("c1", [MemoryFleet.row(7, "second", at: fleet.now("c1") - 50_000_000)])
        #expect(try await fleet.pipeline.run(Self.all).succeeded)
        fleet.tick(100)
        return fleet
    }

    private func lastOutcome(_ fleet: MemoryFleet) async throws -> [String: String] {
        let runs = try await RunHistory(store: fleet.store).lastRuns()
        return Dictionary(
            uniqueKeysWithValues: runs.map { ("\($0.key.region)/\($0.key.client)", $0.value.outcome) }
        )
    }

    @Test(
        "a reset takes rows and mark away, once it was planned, and the next run loads anew",
        arguments: [false, true]
    )
    func reset(marks: Bool) async throws {
        let fleet = try await brought(marks: marks)
        let plan = try await fleet.pipeline.plan(Self.first, for: .reset)
        #expect(
            plan.isDestructive && plan.text.contains("50 rows leave the lake")
                && plan.text.contains(": reset")
        )
        #expect(try await fleet.lakeRows("1", "eu").count == 50)
        let report = try await fleet.pipeline.run(plan: plan.id)
        #expect(report.succeeded && report.tasks.count == 1 && report.tasks[0].outcome == .reset)
        #expect(report.tasks[0].rowsDeleted == 50)
        #expect(try await fleet.lakeRows("1", "eu").isEmpty)
        #expect(try await lastOutcome(fleet) == ["eu/1": "reset", "us/2": "unchanged"])
        await #expect(throws: SyncError.self) { try await fleet.pipeline.run(plan: plan.id) }
        let next = try await fleet.pipeline.run(Self.all)
        #expect(next.tasks.map(\.outcome) == [.loaded, .unchanged] && next.tasks[0].warnings.isEmpty)
        try await fleet.expectEqual()
        let quiet = try await fleet.pipeline.run(Self.all)
        #expect(quiet.tasks.map(\.outcome) == [.unchanged, .unchanged])
    }

    @Test("another way of writing begins after a reset")
    func otherWayAfterReset() async throws {
        var fleet = try await brought()
        fleet.configuration.tables[0].write = .history
        #expect(try await fleet.pipeline.prepare(Self.all).succeeded)
        #expect(try await fleet.pipeline.run(Self.first).tasks[0].error?.code == "needsPlan")
        let plan = try await fleet.pipeline.plan(Self.first, for: .reset)
        #expect(try await fleet.pipeline.run(plan: plan.id).succeeded)
        let report = try await fleet.pipeline.run(Self.first)
        #expect(report.succeeded, "\(report.text)")
        let current = try await fleet.values("1", "eu", [WriteColumns.isCurrent])
        #expect(current == Array(repeating: [.boolean(true)], count: 50))
    }

    @Test("a run that read before a reset cannot commit after it")
    func lateRun() async throws {
        let fleet = try await brought()
        fleet.commit("c1", [MemoryFleet.row(8, "late", at: fleet.now("c1") - 1)])
        fleet.tick(10)
        let plan = try await fleet.pipeline.plan(Self.first, for: .reset)
        let once = Mutex(true)
        let store = FaultyObjectStore(
            fleet.store,
            before: { operation in
                guard operation.kind == .put, operation.path.hasPrefix("shop/orders/_delta_log/"),
                    once.withLock({ isFirst in
                        defer { isFirst = false }
                        return isFirst
                    })
                else { return }
                let report = try await fleet.pipeline.run(plan: plan.id)
                #expect(report.succeeded, "\(report.text)")
            }
        )
        var configuration = fleet.configuration
        configuration.limits.attempts = 1
        configuration.limits.leaseDuration = .zero
        let pipeline = SyncPipeline(
            configuration: configuration,
            roster: fleet.roster,
            connector: MemoryConnector(databases: fleet.databases),
            lake: store
        )
        let late = try await pipeline.run(Self.first)
        #expect(late.tasks[0].error?.code == "lake")
        #expect(try await fleet.lakeRows("1", "eu").isEmpty)
        #expect(try await fleet.pipeline.run(Self.first).tasks[0].outcome == .loaded)
        try await fleet.expectEqual()
    }

    @Test("a resync sets right what no cursor sees, deletions included")
    func resync() async throws {
        let fleet = try await brought()
        fleet.commit(
            "c1",
            [MemoryFleet.row(9, "quiet", at: MemoryFleet.start - (7200 - 9) * MemoryFleet.second)]
        )
        fleet.remove("c1", [11])
        #expect(try await fleet.pipeline.run(Self.first).tasks[0].outcome == .unchanged)
        let plan = try await fleet.pipeline.plan(Self.first, for: .resync)
        #expect(plan.isDestructive && plan.tasks[0].action == .backfill)
        let report = try await fleet.pipeline.run(plan: plan.id)
        #expect(report.succeeded, "\(report.text)")
        #expect(report.tasks[0].outcome == .resynced && report.tasks[0].rowsUpdated == 1)
        #expect(report.tasks[0].rowsDeleted == 1)
        #expect(try await lastOutcome(fleet)["eu/1"] == "resynced")
        try await fleet.expectEqual()
        #expect(try await fleet.pipeline.run(Self.first).tasks[0].outcome == .unchanged)
    }

    @Test("a backfill reads its range alone, and leaves the mark where it is")
    func backfill() async throws {
        let fleet = try await brought()
        func time(_ id: Int64) -> Int64 { MemoryFleet.start - (7200 - id) * MemoryFleet.second }
        fleet.commit("c1", [9, 10, 11, 12].map { MemoryFleet.row($0, "quiet", at: time($0)) })
        let mark = try await fleet.pipeline.status(Self.first)[0].mark
        let plan = try await fleet.pipeline.plan(Self.first, for: .backfill(from: time(10), to: time(12)))
        let report = try await fleet.pipeline.run(plan: plan.id)
        #expect(report.succeeded, "\(report.text)")
        #expect(report.tasks[0].outcome == .backfilled && report.tasks[0].rowsRead == 2)
        #expect(report.tasks[0].rowsUpdated == 2)
        let quiet = try await fleet.values("1", "eu", ["id", "note"]).filter { $0[1] == .string("quiet") }
        #expect(quiet.map { $0[0] } == [.integer(10), .integer(11)])
        #expect(try await fleet.pipeline.run(Self.first).succeeded)
        #expect(try await fleet.pipeline.status(Self.first)[0].mark == mark)
    }

    @Test("only what has a cursor can be backfilled")
    func backfillOfComparison() async throws {
        var fleet = try await brought()
        fleet.configuration.tables[0].mode = .compare
        let plan = try await fleet.pipeline.plan(Self.first, for: .backfill(from: 0, to: 1))
        #expect(!plan.isClear && plan.tasks[0].problem?.contains("resync") == true)
        await #expect(throws: SyncError.self) { try await fleet.pipeline.run(plan: plan.id) }
    }

    @Test(
        "a client that moved is refused until the move is run, and then goes on from its mark",
        arguments: [false, true]
    )
    func move(marks: Bool) async throws {
        var fleet = try await brought(marks: marks)
        let wrong = try await fleet.pipeline.plan(Self.first, for: .move(from: "eu"))
        #expect(!wrong.isClear)
        fleet.roster = Roster(entries: [
            RosterEntry(client: "1", region: "us", connection: "c1"),
            RosterEntry(client: "2", region: "us", connection: "c2"),
        ])
        #expect(try await fleet.pipeline.run(Self.first).tasks[0].error?.code == "movedClient")
        let plan = try await fleet.pipeline.plan(Self.first, for: .move(from: "eu"))
        #expect(plan.isClear && plan.text.contains("50 rows and the mark go from region eu"), "\(plan.text)")
        let report = try await fleet.pipeline.run(plan: plan.id)
        #expect(report.succeeded && report.tasks[0].outcome == .moved, "\(report.text)")
        #expect(try await fleet.lakeRows("1", "eu").isEmpty)
        #expect(try await fleet.lakeRows("1", "us") == fleet.sourceRows("c1"))
        fleet.commit("c1", [MemoryFleet.row(60, "after", at: fleet.now("c1") - 1)])
        fleet.tick(10)
        let next = try await fleet.pipeline.run(Self.first)
        #expect(
            next.succeeded && next.tasks[0].rowsRead < 10 && next.tasks[0].warnings.isEmpty,
            "\(next.text)"
        )
        #expect(try await fleet.lakeRows("1", "us") == fleet.sourceRows("c1"))
        #expect(
            try await DeltaTable(store: fleet.store, path: "shop/orders").check(readsRows: true).problems
                .isEmpty
        )
        #expect(try await lastOutcome(fleet)["us/1"] == "merged")
    }
}
