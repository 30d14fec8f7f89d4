import ConnectorTestKit
import ObjectStores
import SyncPipelines
import Testing

@Suite("SeededScheduler") struct SeededSchedulerTests {
    /// Four clients at once, step by step in an order of the seed.
    private func trace(seed: UInt64) async throws -> [String] {
        let fleet = SimulatedFleet(clients: 4)
        let trace = Trace()
        let store = FaultyObjectStore(fleet.lake, trace: { trace.add($0) })
        try await fleet.change("first", numbers: 1...5)
        let pipeline = fleet.pipeline(over: store)
        try await SeededScheduler(seed: seed).run {
            _ = try await pipeline.prepare(SimulatedFleet.all)
            _ = try await pipeline.run(SimulatedFleet.all)
        }
        try await fleet.change("second", numbers: 3...7)
        let report = try await SeededScheduler(seed: seed).run { try await pipeline.run(SimulatedFleet.all) }
        #expect(report.succeeded)
        #expect(try await fleet.isInSync(), "seed \(seed)")
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
        for seed in ConformanceEffort(histories: 40).seeds { _ = try await trace(seed: seed) }
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
