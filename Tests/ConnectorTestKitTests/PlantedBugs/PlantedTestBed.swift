import ConnectorTestKit
import SourceConnectors

/// The simulated test bed, read by a connector with a bug.
struct PlantedTestBed: ConnectorTestBed {
    static let secret = "correct horse battery staple"

    var bug: ConnectorBug?
    private let base = SimulatedTestBed()

    init(_ bug: ConnectorBug? = nil) {
        self.bug = bug
    }

    var name: String { "planted \(bug?.rawValue ?? "nothing")" }

    var capabilities: ConnectorCapabilities {
        var capabilities = base.capabilities
        // The short copy of the pipeline knows the columns of the kit's table and no others.
        capabilities.changesTables = false
        return capabilities
    }

    var secrets: [String] { [Self.secret] }

    func brokenConnectors() -> [BrokenConnector<PlantedConnector>] {
        [
            BrokenConnector(
                "no such connection",
                connector: PlantedConnector(base: SimulatedConnector(databases: [:]), bug: bug),
                source: Source(region: "eu", client: "1", connection: "none"),
                code: .invalid
            )
        ]
    }

    func withFixture<Result: Sendable>(
        _ table: TestTable,
        _ body: (PlantedFixture) async throws -> Result
    ) async throws -> Result {
        try await base.withFixture(table) { fixture in
            // A clock with microseconds that are not zero shows what truncates them.
            try await fixture.perform(.pass(123_457))
            return try await body(PlantedFixture(base: fixture, bug: bug))
        }
    }
}

struct PlantedFixture: SourceFixture {
    let base: SimulatedFixture
    let bug: ConnectorBug?

    var connector: PlantedConnector { PlantedConnector(base: base.connector, bug: bug) }
    var source: Source { base.source }

    func perform(_ step: SourceStep) async throws { try await base.perform(step) }
    func contents() async throws -> [StoredRow] { try await base.contents() }
    func inject(_ fault: SourceFault) async throws { try await base.inject(fault) }
    func rowsHandedOut() async -> Int? { await base.rowsHandedOut() }
    func openSessions() async -> Int? { await base.openSessions() }
}
