import FoundationEssentials

/// Where a service gives the clients, and how it is asked.
public struct HTTPRosterSettings: Sendable, Hashable {
    /// The address of the first page.
    public var url: String
    /// Where the bearer token is; nil for none.
    public var token: SecretReference?
    /// How long a page may take, in seconds.
    public var timeoutSeconds: Int
    /// How long the last good answer counts while there is none, in hours; 0 keeps none.
    public var cacheHours: Int

    /// Makes settings.
    public init(url: String, token: SecretReference? = nil, timeoutSeconds: Int = 10, cacheHours: Int = 24) {
        self.url = url
        self.token = token
        self.timeoutSeconds = timeoutSeconds
        self.cacheHours = cacheHours
    }
}

/// Clients that a service gives, page by page.
///
/// A page is `{"clients": [{"client_id": "17", "region": "eu", "connection": "eu-1"}], "next": "?page=2"}`; the last
/// one has no `next`. Pages come from one origin, for the token goes with each question; redirects are not followed.
public struct HTTPRoster: RosterProvider {
    private let configuration: SyncConfiguration
    private let settings: HTTPRosterSettings
    private let transport: any HTTPTransport
    private let token: @Sendable (SecretReference) throws -> String
    var sleep: @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }

    private static let maximumPages = 10_000
    private static let maximumClients = 1_000_000
    private static let attempts = 3

    /// Makes a provider.
    ///
    /// - Parameters:
    ///   - configuration: What the clients are checked against.
    ///   - settings: Where the service is.
    ///   - transport: What reaches it.
    ///   - token: Resolves the reference to the token, for each answer anew.
    public init(
        _ configuration: SyncConfiguration,
        _ settings: HTTPRosterSettings,
        transport: any HTTPTransport,
        token: @escaping @Sendable (SecretReference) throws -> String
    ) {
        self.configuration = configuration
        self.settings = settings
        self.transport = transport
        self.token = token
    }

    /// All clients of all pages.
    ///
    /// - Throws: `SyncError` that names the page and the cure.
    public func roster() async throws -> Roster {
        guard var address = ServiceAddress(settings.url) else {
            throw failure("the roster's address \(ServiceAddress.advice)")
        }
        var headers = ["Accept": "application/json"]
        if let reference = settings.token { headers["Authorization"] = "Bearer \(try token(reference))" }
        var roster = Roster(entries: [])
        var seen: Set<String> = []
        while seen.count < Self.maximumPages {
            guard seen.insert(address.text).inserted else {
                throw failure(
                    "the pages of the roster lead back to \(address.text); correct the service's \"next\""
                )
            }
            let text = String(decoding: try await page(address, headers), as: UTF8.self)
            let (entries, next) = try Roster.page(
                json: text,
                file: address.text,
                configuration: configuration
            )
            roster.entries += entries
            guard roster.entries.count <= Self.maximumClients else { break }
            guard let next else {
                try configuration.check(roster)
                return roster
            }
            guard let following = address.following(next) else {
                throw failure(
                    "the page after \(address.text) is at another origin, which gets no token; correct the service's \"next\""
                )
            }
            address = following
        }
        throw failure(
            "the roster has no end: over \(Self.maximumClients) clients or \(Self.maximumPages) pages"
        )
    }

    private func page(_ address: ServiceAddress, _ headers: [String: String]) async throws -> [UInt8] {
        var attempt = 1
        while true {
            var problem: SyncError
            do {
                let response = try await transport.send(
                    TransportRequest(
                        url: address.text,
                        headers: headers,
                        timeout: Double(settings.timeoutSeconds)
                    )
                )
                if response.status == 200 { return response.body }
                problem = failure(Self.words(response.status, address))
                problem.isTransient = response.status == 429 || response.status >= 500
            } catch is CancellationError {
                throw CancellationError()
            } catch {
                problem = failure("the roster at \(address.text) does not answer: \(error)")
                problem.isTransient = true
            }
            guard problem.isTransient, attempt < Self.attempts else { throw problem }
            try await sleep(.milliseconds(500 * attempt))
            attempt += 1
        }
    }

    private static func words(_ status: Int, _ address: ServiceAddress) -> String {
        switch status {
        case 300..<400:
            "the roster at \(address.text) has moved (\(status)); write its new address under \"url\""
        case 401, 403:
            "the roster at \(address.text) refuses the token (\(status)); refer to a valid one under \"token\""
        case 404: "there is no roster at \(address.text) (404); correct \"url\""
        default: "the roster at \(address.text) answers with \(status)"
        }
    }

    private func failure(_ message: String) -> SyncError {
        SyncError(.invalidConfiguration, step: "roster", message: message)
    }
}

extension HTTPRosterSettings {
    /// Reads the settings of a configuration.
    init(_ node: ConfigurationNode, folder: String) throws(SyncError) {
        let members = try node.members(["url", "token", "timeoutSeconds", "cacheHours"])
        let url = try members.required("url", of: node)
        self.init(url: try url.text())
        guard ServiceAddress(self.url) != nil else { throw url.failure(ServiceAddress.advice) }
        if let secret = members.present("token") {
            token = try SecretReference(secret, of: "a token", folder: folder)
        }
        if let node = members.present("timeoutSeconds") { timeoutSeconds = try node.integer(in: 1...600) }
        if let node = members.present("cacheHours") { cacheHours = try node.integer(in: 0...8760) }
    }
}
