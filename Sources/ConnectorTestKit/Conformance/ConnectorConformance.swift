import FoundationEssentials
import Synchronization

/// Finds out whether a connector holds what pipelines rely on.
///
///     @Suite("CSVConnector") struct CSVConnectorTests {
///         static let conformance = ConnectorConformance(CSVTestBed())
///
///         @Test("conforms", arguments: conformance.properties)
///         func conforms(_ property: ConnectorProperty<CSVTestBed>) async throws {
///             try await Self.conformance.check(property)
///         }
///     }
///
/// Where the environment variable `TRIBUTARY_CARDS` names a folder, the conformance card is kept there.
public final class ConnectorConformance<Bed: ConnectorTestBed>: Sendable {
    /// The test bed.
    public let bed: Bed
    /// How hard to try.
    public let effort: ConformanceEffort
    private let driver: any SyncDriver
    private let results = Mutex<[String: ConformanceCard.Line]>([:])

    /// Sets up the checks of a connector; nothing is done yet.
    ///
    /// - Parameters:
    ///   - bed: Makes sources for checks.
    ///   - driver: Brings rows into a lake; the project's own pipeline unless another one is under test.
    ///   - effort: How many histories to play.
    public init(
        _ bed: Bed,
        driver: any SyncDriver = PipelineDriver(),
        effort: ConformanceEffort = ConformanceEffort()
    ) {
        self.bed = bed
        self.driver = driver
        self.effort = effort
    }

    /// All properties, those that do not apply included.
    public var allProperties: [ConnectorProperty<Bed>] { ConnectorProperty<Bed>.all }

    /// The properties that apply to the connector.
    public var properties: [ConnectorProperty<Bed>] {
        allProperties.filter { $0.excuse(bed.capabilities) == nil }
    }

    /// Finds out whether a property holds.
    ///
    /// - Throws: `ConformanceFailure` when it does not.
    public func check(_ property: ConnectorProperty<Bed>) async throws {
        var line = ConformanceCard.Line(property: property.id, title: property.title, outcome: .passed)
        defer { keep(line) }
        if let reason = property.excuse(bed.capabilities) {
            line.outcome = .excused
            line.reason = reason
            return
        }
        do {
            try await property.check(ConformanceRun(bed: bed, driver: driver, effort: effort))
        } catch let excuse as PropertyExcused {
            line.outcome = .excused
            line.reason = excuse.reason
        } catch {
            var failure = error as? ConformanceFailure ?? ConformanceFailure("an error came up: \(error)")
            failure.property = property.id
            failure.title = property.title
            line.outcome = .failed
            line.reason = failure.message
            line.seed = failure.seed
            line.history = failure.history.isEmpty ? nil : failure.history
            throw failure
        }
    }

    /// Checks every property and makes the card.
    public func card() async -> ConformanceCard {
        for property in allProperties { try? await check(property) }
        return currentCard
    }

    /// The card of what has been checked so far; excused properties are on it from the start.
    public var currentCard: ConformanceCard {
        let known = results.withLock { $0 }
        let lines = allProperties.compactMap { property in
            known[property.id]
                ?? property.excuse(bed.capabilities).map {
                    ConformanceCard.Line(
                        property: property.id,
                        title: property.title,
                        outcome: .excused,
                        reason: $0
                    )
                }
        }
        return ConformanceCard(connector: bed.name, lines: lines)
    }

    private func keep(_ line: ConformanceCard.Line) {
        results.withLock { $0[line.property] = line }
        guard let folder = ProcessInfo.processInfo.environment["TRIBUTARY_CARDS"] else { return }
        try? Data(currentCard.json.utf8).write(to: URL(filePath: folder + "/\(bed.name).json"))
    }
}
