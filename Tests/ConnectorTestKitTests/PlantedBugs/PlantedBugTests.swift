import ConnectorTestKit
import Foundation
import PlantedBugs
import Testing

/// The kit bites: bugs that connectors and pipelines have had are planted one at a time, and each is found.
@Suite("the kit finds planted bugs", .serialized) struct PlantedBugTests {
    /// Whether whole cards are made, as in long runs; else only the property that must find the bug is checked.
    static let isLong = ProcessInfo.processInfo.environment[ConformanceEffort.historiesVariable] != nil

    /// Fewer histories and crash points than usual, so that one run takes seconds.
    static var effort: ConformanceEffort {
        var effort = ConformanceEffort()
        effort.histories = 5
        effort.crashStride = 3
        effort.shrinkingPlays = 60
        return effort
    }

    @Test("in a connector", arguments: ConnectorBug.allCases)
    func connector(bug: ConnectorBug) async throws {
        let conformance = ConnectorConformance(
            PlantedTestBed(SimulatedTestBed(), bug: bug),
            effort: Self.effort
        )
        try await expectFound(bug.property, words: bug.words, conformance)
    }

    @Test("in a pipeline", arguments: PipelineBug.allCases)
    func pipeline(bug: PipelineBug) async throws {
        var effort = Self.effort
        effort.crashStride = 1
        let driver = PlantedPipeline(bug: bug)
        let conformance = ConnectorConformance(
            PlantedTestBed(SimulatedTestBed()),
            driver: driver,
            effort: effort
        )
        try await expectFound(bug.property, words: bug.words, conformance)
    }

    @Test("the greatest number of a counter as the mark")
    func greatestNumber() async throws {
        let bed = PlantedTestBed(SimulatedTestBed(cursor: .counter, fractionalDigits: 0))
        let bug = PipelineBug.takesMaxAsBound
        let planted = ConnectorConformance(bed, driver: PlantedPipeline(bug: bug), effort: Self.effort)
        try await expectFound(bug.property, words: bug.words, planted)
        let right = ConnectorConformance(bed, driver: PlantedPipeline(), effort: Self.effort)
        try await right.check(try #require(right.properties.first { $0.id == bug.property }))
    }

    @Test("and nothing where nothing is planted")
    func nothing() async {
        let driver = PlantedPipeline()
        let conformance = ConnectorConformance(
            PlantedTestBed(SimulatedTestBed()),
            driver: driver,
            effort: Self.effort
        )
        let card = await conformance.card()
        let failed = card.lines.filter { $0.outcome == .failed }
        #expect(failed.isEmpty, "\(failed)")
    }

    private func expectFound(
        _ id: String,
        words: String,
        _ conformance: ConnectorConformance<PlantedTestBed<SimulatedTestBed>>
    ) async throws {
        let property = try #require(conformance.properties.first { $0.id == id })
        #expect(property.title.contains(words))
        if Self.isLong {
            let start = ContinuousClock.now
            let card = await conformance.card()
            #expect(card.lines.contains { $0.property == id && $0.outcome == .failed })
            print(
                "    \(conformance.bed.name): \(id) and the other properties took \(start.duration(to: .now))"
            )
        } else {
            await #expect(throws: ConformanceFailure.self) { try await conformance.check(property) }
        }
    }
}
