import ColumnBatches
import DeltaLog
import DeltaTables
import SourceConnectors
import SyncPipelines
import Synchronization
import Testing

@Suite("Merge modes") struct MergeModesTests {
    @Test(
        "many runs leave few files, and the budget may be nothing",
        arguments: [true, false]
    )
    func upkeep(isOn: Bool) async throws {
        var fleet = MemoryFleet()
        fleet.configuration.tables[0].deletionVectors = true
        if !isOn { fleet.configuration.limits.upkeepBytes = 0 }
        _ = try await fleet.pipeline.prepare(TaskSelection(regions: .all))
        for run in Int64(1)...30 {
            fleet.tick(10)
            let now = fleet.databases["c1"]?.state.withLock { $0.signals.now } ?? 0
            fleet.commit(
                "c1",
                [MemoryFleet.row(1, "run \(run)", at: now - 1), MemoryFleet.row(run + 100, "x", at: now - 1)]
            )
            fleet.tick(10)
            #expect(try await fleet.pipeline.run(TaskSelection(regions: .all)).succeeded)
        }
        #expect(try await fleet.lakeRows("1", "eu").count == 31)
        for path in ["shop/orders", "tributary/run_history"] {
            let files = try await DeltaTable(store: fleet.store, path: path).snapshot().fileCount
            #expect(isOn ? files <= 9 : files >= 29)
        }
    }

    @Test("a table is marked or rewritten as its configuration says, and may change its mind")
    func modes() async throws {
        var fleet = MemoryFleet()
        fleet.configuration.tables[0].deletionVectors = true
        let table = DeltaTable(store: fleet.store, path: "shop/orders")
        let rows = (1...20).map { MemoryFleet.row(Int64($0), "a", at: MemoryFleet.start - 100) }
        fleet.commit("c1", rows)
        _ = try await fleet.pipeline.prepare(TaskSelection(regions: .all))
        #expect(try await fleet.pipeline.run(TaskSelection(regions: .all)).succeeded)

        func change(_ id: Int64, _ text: String) async throws -> Bool {
            fleet.tick(10)
            let now = fleet.databases["c1"]?.state.withLock { $0.signals.now } ?? 0
            fleet.commit(
                "c1",
                [MemoryFleet.row(id, text, at: now - 1), MemoryFleet.row(99, text, at: now - 1)]
            )
            fleet.tick(10)
            let report = try await fleet.pipeline.run(TaskSelection(regions: .all))
            #expect(report.succeeded)
            return try await table.snapshot().files.contains { $0.deletionVector != nil }
        }

        #expect(try await change(3, "b"))
        #expect(try await fleet.lakeRows("1", "eu").count == 21)
        fleet.configuration.tables[0].deletionVectors = false
        let report = try await fleet.pipeline.prepare(TaskSelection(regions: .all))
        #expect(report.tables[0].warnings.contains { $0.contains("deletion vectors are off") })
        #expect(try await !change(4, "c"))
        #expect(
            try await fleet.lakeRows("1", "eu").contains { $0[0] == .integer(4) && $0[2] == .string("c") }
        )
        #expect(try await fleet.lakeRows("1", "eu").count == 21)
    }
}
