import ConnectorTestKit
import Testing

@Suite("SimulatedConnector") struct SimulatedConformanceTests {
    static let instants = ConnectorConformance(SimulatedTestBed())
    static let wallClocks = ConnectorConformance(
        SimulatedTestBed(cursor: .wallClock),
        effort: ConformanceEffort(histories: 8)
    )
    static let wholeSeconds = ConnectorConformance(
        SimulatedTestBed(fractionalDigits: 0),
        effort: ConformanceEffort(histories: 8)
    )

    static let counters = ConnectorConformance(
        SimulatedTestBed(cursor: .counter, fractionalDigits: 0),
        effort: ConformanceEffort(histories: 24)
    )

    /// Readers beside each other see different states.
    static let apart: ConnectorConformance<SimulatedTestBed> = {
        var bed = SimulatedTestBed()
        bed.snapshotsAgree = false
        return ConnectorConformance(bed, effort: ConformanceEffort(histories: 8))
    }()

    @Test(
        "conforms, with readers that see different states",
        arguments: apart.properties.filter { ["K11a", "K11b", "K19b", "K20b", "K32b"].contains($0.id) }
    )
    func conformsWithReadersApart(_ property: ConnectorProperty<SimulatedTestBed>) async throws {
        try await Self.apart.check(property)
    }

    @Test("conforms, with instants as cursors", arguments: instants.properties)
    func conformsWithInstants(_ property: ConnectorProperty<SimulatedTestBed>) async throws {
        try await Self.instants.check(property)
    }

    @Test("conforms, with wall clocks as cursors", arguments: wallClocks.properties.filter(\.isAboutCursors))
    func conformsWithWallClocks(_ property: ConnectorProperty<SimulatedTestBed>) async throws {
        try await Self.wallClocks.check(property)
    }

    @Test("conforms, with counters as cursors", arguments: counters.properties.filter(\.isAboutCursors))
    func conformsWithCounters(_ property: ConnectorProperty<SimulatedTestBed>) async throws {
        try await Self.counters.check(property)
    }

    @Test(
        "conforms, with cursors of whole seconds",
        arguments: wholeSeconds.properties.filter(\.isAboutCursors)
    )
    func conformsWithWholeSeconds(_ property: ConnectorProperty<SimulatedTestBed>) async throws {
        try await Self.wholeSeconds.check(property)
    }
}

extension ConnectorProperty {
    /// Those where the kind of cursor makes a difference.
    var isAboutCursors: Bool {
        ["K18", "K2", "K3"].contains { id.hasPrefix($0) } && !["K20", "K33", "K34", "K36"].contains(id)
    }
}
