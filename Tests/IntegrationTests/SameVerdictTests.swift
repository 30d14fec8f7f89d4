#if MariaDB
import ConnectorTestKit
import PlantedBugs
import Testing

/// What the kit says of simulated sources, it says of real servers.
@Suite(
    "the simulator and MariaDB get the same verdicts",
    .serialized,
    .enabled(if: MariaDBServer.isInstalled, "mariadbd is not installed: there is no server to compare with")
)
struct SameVerdictTests {
    private typealias Outcome = ConformanceCard.Outcome

    /// A server of its own: sessions that bugs leave open are seen by nobody else.
    private static let server = Result { try MariaDBTestBed.makeServer() }

    /// Bugs that a server cannot show: its test bed breaks no reads, counts no rows that a connector takes, and its
    /// releases before 11.7 have no type that the connector does not map.
    private static let notOnServers: Set<ConnectorBug> = [
        .swallowsErrors, .queuesEverything, .hidesUnmappedColumns,
    ]

    private static let connectorBugs = ConnectorBug.allCases.filter { !notOnServers.contains($0) }

    private static func effort(crashStride: Int) -> ConformanceEffort {
        var effort = ConformanceEffort(histories: 3)
        effort.crashStride = crashStride
        effort.shrinkingPlays = 0
        return effort
    }

    private func bed() throws -> MariaDBTestBed { MariaDBTestBed(server: try Self.server.get()) }

    /// What became of some properties; none that was excused.
    private func verdicts(
        of bed: some ConnectorTestBed,
        driver: some SyncDriver = PipelineDriver(),
        crashStride: Int = 25,
        where isMeant: (String) -> Bool = { _ in true }
    ) async -> [String: Outcome] {
        let conformance = ConnectorConformance(
            bed,
            driver: driver,
            effort: Self.effort(crashStride: crashStride)
        )
        for property in conformance.properties where isMeant(property.id) {
            try? await conformance.check(property)
        }
        let lines = conformance.currentCard.lines.filter { $0.outcome != .excused }
        return Dictionary(uniqueKeysWithValues: lines.map { ($0.property, $0.outcome) })
    }

    @Test("of their connectors as they are, property by property, wherever both can be asked")
    func cards() async throws {
        let server = await verdicts(of: try bed())
        let simulated = await verdicts(of: SimulatedTestBed()) { server[$0] != nil }
        // Where the simulator lacks what a property asks for, a server has nothing to be held against.
        #expect(server.filter { simulated[$0.key] != nil } == simulated && simulated.count > 50)
        #expect(server.count > 40 && !server.values.contains(.failed), "\(server)")
    }

    @Test("of connectors with a planted bug: the same properties find it", arguments: connectorBugs)
    func connector(bug: ConnectorBug) async throws {
        let asked = Set(Self.connectorBugs.map(\.property))
        let server = await verdicts(of: PlantedTestBed(try bed(), bug: bug), where: asked.contains)
        let simulated = await verdicts(
            of: PlantedTestBed(SimulatedTestBed(), bug: bug),
            where: asked.contains
        )
        #expect(server == simulated)
        #expect(server[bug.property] == .failed)
        #expect(Set(server.keys) == asked)
    }

    @Test("of pipelines with a planted bug: the same property finds it", arguments: PipelineBug.allCases)
    func pipeline(bug: PipelineBug) async throws {
        let driver = PlantedPipeline(bug: bug)
        let server = await verdicts(of: PlantedTestBed(try bed()), driver: driver, crashStride: 1) {
            $0 == bug.property
        }
        let simulated = await verdicts(
            of: PlantedTestBed(SimulatedTestBed()),
            driver: driver,
            crashStride: 1
        ) { $0 == bug.property }
        #expect(server == [bug.property: .failed])
        #expect(simulated == server)
    }
}
#endif
