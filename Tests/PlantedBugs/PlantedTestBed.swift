import ConnectorTestKit
import SourceConnectors
import Synchronization

/// A secret that a bug shows.
enum PlantedSecret {
    static let text = "correct horse battery staple"
}

/// A test bed whose sources are read by a connector with a bug, around the connector of another test bed.
package struct PlantedTestBed<Base: ConnectorTestBed>: ConnectorTestBed {
    package typealias Fixture = PlantedFixture<Base.Fixture>

    private let base: Base
    private let bug: ConnectorBug?

    package init(_ base: Base, bug: ConnectorBug? = nil) {
        self.base = base
        self.bug = bug
    }

    package var name: String { "\(base.name), planted \(bug?.rawValue ?? "nothing")" }

    package var capabilities: ConnectorCapabilities {
        var capabilities = base.capabilities
        // The short copy of the pipeline knows the columns of the kit's table and no others.
        capabilities.changesTables = false
        return capabilities
    }

    package var secrets: [String] { base.secrets + [PlantedSecret.text] }

    package func brokenConnectors() -> [BrokenConnector<PlantedConnector<Base.Fixture.Connector>>] {
        base.brokenConnectors().map { broken in
            BrokenConnector(
                broken.name,
                connector: PlantedConnector(base: broken.connector, bug: bug, leaks: LeakedSessions()),
                source: broken.source,
                code: broken.code
            )
        }
    }

    package func withFixture<Result: Sendable>(
        _ table: TestTable,
        _ body: (PlantedFixture<Base.Fixture>) async throws -> Result
    ) async throws -> Result {
        try await base.withFixture(table) { fixture in
            // Where the clock stands still, it stands at microseconds that show what truncates them.
            if base.capabilities.hasVirtualClock { try await fixture.perform(.pass(123_457)) }
            let planted = PlantedFixture(base: fixture, bug: bug)
            do {
                let result = try await body(planted)
                await planted.leaks.close()
                return result
            } catch {
                await planted.leaks.close()
                throw error
            }
        }
    }
}

package struct PlantedFixture<Base: SourceFixture>: SourceFixture {
    package typealias Connector = PlantedConnector<Base.Connector>

    let base: Base
    let bug: ConnectorBug?
    let leaks = LeakedSessions()

    package var connector: PlantedConnector<Base.Connector> {
        PlantedConnector(base: base.connector, bug: bug, leaks: leaks)
    }

    package var source: Source { base.source }

    package func perform(_ step: SourceStep) async throws { try await base.perform(step) }
    package func contents() async throws -> [StoredRow] { try await base.contents() }
    package func change(_ change: TableChange) async throws { try await base.change(change) }
    package func addUnmappedColumn() async throws -> String? { try await base.addUnmappedColumn() }
    package func inject(_ fault: SourceFault) async throws { try await base.inject(fault) }
    package func rowsHandedOut() async -> Int? { await base.rowsHandedOut() }
    package func openSessions() async -> Int? { await base.openSessions() }
}

/// The sessions that a bug leaves open, so that they end with their fixture at the latest.
final class LeakedSessions: Sendable {
    private let sessions = Mutex<[Task<Void, any Error>]>([])

    func add(_ session: Task<Void, any Error>) { sessions.withLock { $0.append(session) } }

    func close() async {
        let all = sessions.withLock { sessions in
            defer { sessions = [] }
            return sessions
        }
        for session in all {
            session.cancel()
            _ = await session.result
        }
    }
}
