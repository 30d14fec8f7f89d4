public import FoundationEssentials
public import ObjectStores

/// Knows the clients: a file, a service, or code of one's own.
///
/// What a provider must hold, and `RosterContract` of `ConnectorTestKit` checks:
///
/// - It gives all clients or throws. An empty or a partial roster that is given as a whole one would leave clients
///   unsynced without a word.
/// - A client stands there once, with a region and a connection that the configuration knows.
/// - Asked again, it gives the same clients in the same order unless they changed.
/// - It may be asked from many tasks at once, and ends soon after its task is cancelled.
///
/// A client that leaves the roster is left alone: its rows stay in the lake, and nothing is read from its server.
public protocol RosterProvider: Sendable {
    /// All clients, now.
    ///
    /// - Throws: An error whose text may be shown, and so must not contain a secret.
    func roster() async throws -> Roster
}

/// Clients that code of one's own knows.
///
///     let provider = ClosureRoster(configuration) { try await myService.clients() }
public struct ClosureRoster: RosterProvider {
    private let configuration: SyncConfiguration
    private let entries: @Sendable () async throws -> [RosterEntry]

    /// Makes a provider.
    ///
    /// - Parameters:
    ///   - configuration: What the clients are checked against.
    ///   - entries: Gives all clients, or throws.
    public init(
        _ configuration: SyncConfiguration,
        entries: @escaping @Sendable () async throws -> [RosterEntry]
    ) {
        self.configuration = configuration
        self.entries = entries
    }

    /// All clients, checked.
    ///
    /// - Throws: `SyncError` that names a client who cannot be there; errors of the closure.
    public func roster() async throws -> Roster {
        let roster = Roster(entries: try await entries())
        try configuration.check(roster)
        return roster
    }
}

/// Clients that stand in a file, which is read anew each time.
struct FileRoster: RosterProvider {
    let configuration: SyncConfiguration

    func roster() async throws -> Roster { try configuration.loadRoster() }
}

/// Since when a roster's provider gives no answer.
public struct RosterOutage: Sendable, Hashable {
    /// When the clients were last given.
    public var answeredAt: Date
    /// Why they are not given now.
    public var reason: String
}

extension Roster {
    /// That the clients are those of an earlier answer, and why, for people; nil when they are those of now.
    public func note(at now: Date) -> String? {
        outage.map { outage in
            let age = Int(now.timeIntervalSince(outage.answeredAt))
            let text =
                age < 7200 ? "\(age / 60) min" : age < 172_800 ? "\(age / 3600) h" : "\(age / 86_400) days"
            return "the roster is \(text) old, for its provider gives none now: \(outage.reason)"
        }
    }
}

extension SyncConfiguration {
    /// Who knows the clients: the file or the service that is configured.
    ///
    /// - Parameters:
    ///   - transport: What reaches a service; nil in a program that reaches none.
    ///   - cache: Where the last good answer of a service is kept.
    ///   - token: Resolves the reference to the service's token.
    /// - Returns: The provider.
    /// - Throws: `SyncError` when nothing is configured, or a service and no transport.
    public func rosterProvider(
        transport: (any HTTPTransport)?,
        cache: any ObjectStore,
        token: @escaping @Sendable (SecretReference) throws -> String
    ) throws(SyncError) -> any RosterProvider {
        guard let service = rosterService else { return FileRoster(configuration: self) }
        guard let transport else {
            throw SyncError(
                .invalidConfiguration,
                step: "configuration",
                path: "roster",
                message: "this program reaches no service; build it with the trait HTTP, or name a file"
            )
        }
        let provider = HTTPRoster(self, service, transport: transport, token: token)
        guard service.cacheHours > 0 else { return provider }
        return CachedRoster(self, provider, in: cache, maximumAge: .seconds(3600 * service.cacheHours))
    }

    /// Finds what keeps clients from being those of this configuration.
    ///
    /// - Throws: `SyncError` that names the client and the cure.
    public func check(_ roster: Roster) throws(SyncError) {
        func refuse(_ message: String) throws(SyncError) {
            throw SyncError(.invalidConfiguration, step: "roster", message: message)
        }
        if roster.entries.isEmpty {
            try refuse("the roster has no clients; its provider must give all of them, or fail")
        }
        var seen: Set<String> = []
        for entry in roster.entries {
            let name = "the client \"\(entry.client)\""
            if entry.client.isEmpty { try refuse("a client's id is empty; give each an id") }
            if !seen.insert(entry.client).inserted { try refuse("\(name) is there twice; leave one out") }
            if entry.region.isEmpty { try refuse("\(name) has no region; name one") }
            if connections[entry.connection] == nil {
                let hint = ConfigurationNode.hint(for: entry.connection, among: connections.keys.sorted())
                try refuse(
                    "\(name) has the connection \"\(entry.connection)\", which is not configured; \(hint)"
                )
            }
            if clientIDType == .integer && Int64(entry.client) == nil {
                try refuse("\(name) is no integer, which \"clientIDType\" asks for")
            }
        }
    }
}
