import FoundationEssentials
public import ObjectStores

/// Keeps the last good answer of a provider in the lake, and gives it while the provider gives none.
///
/// Answers lie below `tributary/roster`, named by their instants; the newest two are kept. A roster from there says
/// since when there was no answer and why (`Roster.outage`), and reports show it.
public struct CachedRoster: RosterProvider {
    private let configuration: SyncConfiguration
    private let base: any RosterProvider
    private let store: any ObjectStore
    private let maximumAge: Duration
    var clock: @Sendable () -> Date = { Date() }

    private static let folder = "tributary/roster"

    /// Makes a cache of a provider.
    ///
    /// - Parameters:
    ///   - configuration: What kept answers are checked against.
    ///   - base: The provider.
    ///   - store: Where answers are kept.
    ///   - maximumAge: How old an answer may be that still counts.
    public init(
        _ configuration: SyncConfiguration,
        _ base: any RosterProvider,
        in store: any ObjectStore,
        maximumAge: Duration
    ) {
        self.configuration = configuration
        self.base = base
        self.store = store
        self.maximumAge = maximumAge
    }

    /// All clients, by the provider or by its last good answer.
    ///
    /// - Throws: The provider's error when no answer is kept, or only one that is too old.
    public func roster() async throws -> Roster {
        do {
            let roster = try await base.roster()
            try configuration.check(roster)
            await keep(roster)
            return roster
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            guard !Task.isCancelled, let kept = await newest() else { throw error }
            let age = Duration.seconds(clock().timeIntervalSince(kept.answeredAt))
            let reason = (error as? SyncError)?.message ?? "\(error)"
            guard age <= maximumAge else {
                throw SyncError(
                    .invalidConfiguration,
                    step: "roster",
                    message:
                        "the last roster is of \(kept.answeredAt.formatted(.iso8601)), which is too old; "
                        + "bring its provider back, or raise \"cacheHours\": \(reason)",
                    underlying: error
                )
            }
            var roster = Roster(entries: kept.clients.map(\.entry))
            try configuration.check(roster)
            roster.outage = RosterOutage(answeredAt: kept.answeredAt, reason: reason)
            return roster
        }
    }

    /// An answer as it is kept.
    private struct Kept: Codable {
        struct Client: Codable {
            var client_id: String
            var region: String
            var connection: String
            var databases: [String: String]

            var entry: RosterEntry {
                RosterEntry(
                    client: client_id,
                    region: region,
                    connection: connection,
                    databases: databases
                )
            }
        }

        var answeredAt: Date
        var clients: [Client]
    }

    /// A lake that cannot be written does not keep clients from being known.
    private func keep(_ roster: Roster) async {
        let now = clock()
        let kept = Kept(
            answeredAt: now,
            clients: roster.entries.map {
                Kept.Client(
                    client_id: $0.client,
                    region: $0.region,
                    connection: $0.connection,
                    databases: $0.databases
                )
            }
        )
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        encoder.dateEncodingStrategy = .secondsSince1970
        guard let data = try? encoder.encode(kept) else { return }
        let digits = String(max(now.microseconds, 0))
        let name = String(repeating: "0", count: max(0, 17 - digits.count)) + digits
        try? await store.putIfAbsent("\(Self.folder)/\(name).json", Array(data))
        for object in ((try? await objects()) ?? []).dropLast(2) { try? await store.delete(object) }
    }

    private func newest() async -> Kept? {
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .secondsSince1970
        for path in ((try? await objects()) ?? []).reversed() {
            if let bytes = try? await store.read(path),
                let kept = try? decoder.decode(Kept.self, from: Data(bytes))
            {
                return kept
            }
        }
        return nil
    }

    private func objects() async throws -> [String] {
        try await store.list(Self.folder, after: nil).map(\.path).filter { $0.hasSuffix(".json") }.sorted()
    }
}
