#if MariaDB
import ConnectorTestKit
import Testing

/// What every connector must hold, on real servers: one for each kind of cursor.
@Suite(
    "MariaDBConnector conforms",
    .enabled(if: MariaDBServer.isInstalled, "mariadbd is not installed")
)
struct MariaDBConformanceTests {
    static let instants = ConnectorConformance(MariaDBTestBed(), effort: effort)
    static let wholeSeconds = ConnectorConformance(MariaDBTestBed(fractionalDigits: 0), effort: effort)

    static let counters = ConnectorConformance(
        MariaDBTestBed(fractionalDigits: 0, counts: true),
        effort: effort
    )

    private static var effort: ConformanceEffort {
        var effort = ConformanceEffort(histories: 10)
        effort.crashStride = 7
        effort.shrinkingPlays = 60
        return effort
    }

    @Test("with cursors of microseconds", .serialized, arguments: instants.properties)
    func conformsWithMicroseconds(_ property: ConnectorProperty<MariaDBTestBed>) async throws {
        try await Self.instants.check(property)
    }

    @Test(
        "with counters as cursors",
        .serialized,
        arguments: counters.properties.filter {
            ["K07", "K23", "K24a", "K30", "K32"].contains($0.id)
        }
    )
    func conformsWithCounters(_ property: ConnectorProperty<MariaDBTestBed>) async throws {
        try await Self.counters.check(property)
    }

    @Test(
        "with cursors of whole seconds",
        .serialized,
        arguments: wholeSeconds.properties.filter {
            ["K07", "K10", "K24", "K24a", "K30", "K32"].contains($0.id)
        }
    )
    func conformsWithWholeSeconds(_ property: ConnectorProperty<MariaDBTestBed>) async throws {
        try await Self.wholeSeconds.check(property)
    }
}
#endif
