import ConnectorTestKit
import SyncPipelines
import Synchronization
import Testing

@Suite("Contract of the roster's provider") struct RosterContractTests {
    private static let configuration = SyncConfiguration(
        lake: "lake",
        connections: ["c1": ConnectionSettings(host: "h", user: "u")],
        schemas: [:],
        tables: []
    )

    private static func entries(_ count: Int) -> [RosterEntry] {
        (0..<count).map { RosterEntry(client: "\($0)", region: "eu", connection: "c1") }
    }

    @Test("a closure holds", arguments: RosterContract.rules(configuration))
    func closure(_ rule: ContractRule<any RosterProvider>) async throws {
        try await rule.check(ClosureRoster(Self.configuration) { Self.entries(5) })
    }

    /// Gives a shorter list each time.
    private final class Forgetful: RosterProvider {
        private let left = Mutex(20)

        func roster() async throws -> Roster {
            Roster(
                entries: entries(
                    left.withLock { left in
                        left -= 1
                        return left
                    }
                )
            )
        }
    }

    @Test("a provider that forgets clients is found")
    func forgetful() async throws {
        var broken: [String] = []
        for rule in RosterContract.rules(Self.configuration) {
            do { try await rule.check(Forgetful()) } catch { broken.append(rule.title) }
        }
        #expect(broken.count >= 2, "\(broken)")
    }
}
