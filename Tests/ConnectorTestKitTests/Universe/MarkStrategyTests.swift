import ConnectorTestKit
import Foundation
import Testing

/// The four-signal mark against thousands of histories, and against what it replaces.
@Suite("marks over many histories") struct MarkStrategyTests {
    private func check(
        _ strategy: MarkStrategy,
        histories: Int,
        on bed: SimulatedTestBed = SimulatedTestBed()
    ) async throws {
        var effort = ConformanceEffort(histories: histories)
        if effort.histories != histories { effort.histories *= 20 }  // a long run
        effort.events = 60
        let driver = StrategyDriver(strategy)
        let conformance = ConnectorConformance(bed, driver: driver, effort: effort)
        try await conformance.check(try #require(conformance.properties.first { $0.id == "K32" }))
    }

    @Test("the four-signal mark loses no row")
    func fourSignals() async throws {
        try await check(.fourSignals, histories: 1500)
    }

    private static let counters = SimulatedTestBed(cursor: .counter, fractionalDigits: 0)

    @Test("the mark of a counter loses no row")
    func counter() async throws {
        try await check(.fourSignals, histories: 1500, on: Self.counters)
    }

    @Test(
        "the same histories find out every mark of a counter that forgets what is under way",
        arguments: [MarkStrategy.pastGreatestSeen, .fromGreatestSeen, .serverClock, .withoutWriters]
    )
    func losingCounter(strategy: MarkStrategy) async throws {
        await #expect(throws: ConformanceFailure.self) {
            try await check(strategy, histories: 1500, on: Self.counters)
        }
    }

    @Test("the same histories find out every mark that forgets a signal", arguments: MarkStrategy.losing)
    func losing(strategy: MarkStrategy) async throws {
        await #expect {
            try await check(strategy, histories: 1500)
        } throws: { error in
            guard let failure = error as? ConformanceFailure else { return false }
            print("    \(strategy): seed \(failure.seed ?? 0), \(failure.history.count) events")
            return failure.seed != nil && !failure.history.isEmpty && failure.history.count < 20
        }
    }
}
