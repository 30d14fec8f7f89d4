#if MariaDB
import ConnectorTestKit
import Testing

/// What the kit says of simulated sources, it says of real servers.
@Suite(
    "the simulator and MariaDB get the same verdicts",
    .serialized,
    .enabled(if: MariaDBServer.isInstalled, "mariadbd is not installed: there is no server to compare with")
)
struct SameVerdictTests {
    private typealias Outcome = ConformanceCard.Outcome

    /// A server of its own: what other tests leave open is not counted.
    private static let server = Result { try MariaDBTestBed.makeServer() }

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
}
#endif
