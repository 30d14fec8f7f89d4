import ConnectorTestKit
import ObjectStores
import PlantedBugs
import SyncPipelines
import Testing

@Suite("SeededScheduler") struct SeededSchedulerTests {
    /// Four lakes at once, step by step in an order of the seed, by a pipeline without timers.
    private func trace(seed: UInt64) async throws -> [String] {
        let trace = Trace()
        let table = TestTable()
        let capabilities = SimulatedTestBed().capabilities
        var setups: [SyncSetup<SimulatedConnector>] = []
        for number in 0..<4 {
            let fixture = SimulatedFixture(table: table, capabilities: capabilities)
            try await fixture.perform(.put(nil, [TestRow(RowKey("s", Int64(number)), label: "row")]))
            try await fixture.perform(.pass(10_000_000))
            let lake = FaultyObjectStore(MemoryObjectStore(), trace: { trace.add("lake \(number): \($0)") })
            setups.append(
                SyncSetup(connector: fixture.connector, source: fixture.source, table: table, lake: lake)
            )
        }
        let all = setups
        for setup in all { try await PlantedPipeline().prepare(setup) }
        try await SeededScheduler(seed: seed).run {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for setup in all {
                    group.addTask { _ = try await PlantedPipeline().run(setup) }
                }
                try await group.waitForAll()
            }
        }
        return trace.all
    }

    @Test("the same seed gives the same trace, another one another")
    func repeatable() async throws {
        var different: Set<[String]> = []
        for seed in 1...6 as ClosedRange<UInt64> {
            let first = try await trace(seed: seed)
            let second = try await trace(seed: seed)
            #expect(first == second)
            different.insert(first)
        }
        #expect(different.count > 1)
    }

    @Test("clients of one table, in any interleaving, are all in sync")
    func interleavings() async throws {
        for seed in ConformanceEffort(histories: 40).seeds {
            let fleet = SimulatedFleet(clients: 4)
            try await fleet.change("first", numbers: 1...5)
            let pipeline = fleet.pipeline()
            try await SeededScheduler(seed: seed).run {
                _ = try await pipeline.prepare(SimulatedFleet.all)
                _ = try await pipeline.run(SimulatedFleet.all)
            }
            try await fleet.change("second", numbers: 3...7)
            let report = try await SeededScheduler(seed: seed).run {
                try await pipeline.run(SimulatedFleet.all)
            }
            #expect(report.succeeded)
            #expect(try await fleet.isInSync(), "seed \(seed)")
        }
    }

    @Test(
        "two runs of everything beside each other bring every row once",
        arguments: 1...6 as ClosedRange<UInt64>
    )
    func twoRuns(seed: UInt64) async throws {
        let fleet = SimulatedFleet(clients: 3)
        try await fleet.change("first", numbers: 1...5)
        let pipeline = fleet.pipeline()
        _ = try await pipeline.prepare(SimulatedFleet.all)
        _ = try await SeededScheduler(seed: seed).run {
            async let one = fleet.pipeline().run(SimulatedFleet.all)
            async let other = fleet.pipeline().run(SimulatedFleet.all)
            return try await [one, other]
        }
        #expect(try await fleet.isInSync())
        try await fleet.change("second", numbers: 4...6)
        let reports = try await SeededScheduler(seed: seed).run {
            async let one = fleet.pipeline().run(SimulatedFleet.all)
            async let other = fleet.pipeline().run(SimulatedFleet.all)
            return try await [one, other]
        }
        #expect(try await fleet.isInSync())
        for report in reports { #expect(report.succeeded, "\(report.text)") }
    }
}
