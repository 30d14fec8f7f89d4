import FoundationEssentials

/// Whom to tell of runs, and of which.
public struct NotificationSettings: Sendable, Hashable {
    /// Of which runs somebody is told.
    public enum Occasion: String, Sendable, Hashable, CaseIterable {
        /// Of those in which something failed.
        case failure
        /// Of all.
        case always
    }

    /// The address that gets a `POST`.
    public var url: String
    /// Where the bearer token is; nil for none.
    public var token: SecretReference?
    /// Of which runs somebody is told.
    public var on: Occasion

    /// Makes settings.
    public init(url: String, token: SecretReference? = nil, on: Occasion = .failure) {
        self.url = url
        self.token = token
        self.on = on
    }
}

/// Tells a service of runs: JSON with what a person on call wants to know first.
public struct RunNotifier: Sendable {
    private let settings: NotificationSettings
    private let transport: any HTTPTransport
    private let token: @Sendable (SecretReference) throws -> String
    var sleep: @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }

    /// The most failures that are named.
    private static let named = 20

    /// Makes a notifier.
    ///
    /// - Parameters:
    ///   - settings: Whom to tell.
    ///   - transport: What reaches the service.
    ///   - token: Resolves the reference to the token.
    public init(
        _ settings: NotificationSettings,
        transport: any HTTPTransport,
        token: @escaping @Sendable (SecretReference) throws -> String
    ) {
        self.settings = settings
        self.transport = transport
        self.token = token
    }

    private struct Message: Codable {
        struct Failure: Codable {
            var region: String
            var client: String
            var table: String
            var code: String
            var message: String
        }

        var text: String
        var run: String
        var succeeded: Bool
        var regions: String
        var startedAt: Date
        var finishedAt: Date
        var tasks: Int
        var failed: Int
        var rowsRead: Int
        var rowsQuarantined: Int
        var failures: [Failure]
        var note: String?
    }

    /// Tells of a run if it is one to tell of; tries three times.
    ///
    /// - Returns: Why nobody could be told, or nil: a run is no worse for that.
    public func tell(_ report: RunReport) async -> String? {
        guard settings.on == .always || !report.succeeded else { return nil }
        guard let address = ServiceAddress(settings.url) else {
            return "the address \(ServiceAddress.advice)"
        }
        var problem = ""
        for attempt in 1...3 {
            do {
                var headers = ["Content-Type": "application/json"]
                if let reference = settings.token {
                    headers["Authorization"] = "Bearer \(try token(reference))"
                }
                let response = try await transport.send(
                    TransportRequest(
                        "POST",
                        url: address.text,
                        headers: headers,
                        body: Self.body(report),
                        maximumBytes: 1 << 20
                    )
                )
                if (200..<300).contains(response.status) { return nil }
                problem = "\(address.origin) answers with \(response.status)"
                if response.status < 500 && response.status != 429 { break }
            } catch {
                problem = "\(address.origin) does not answer: \(error)"
            }
            if attempt < 3, (try? await sleep(.seconds(attempt))) == nil { break }
        }
        return problem
    }

    private static func body(_ report: RunReport) -> [UInt8] {
        let failed = report.tasks.filter { $0.outcome == .failed }
        var text = "Run \(report.runID.prefix(8)): "
        text +=
            report.succeeded
            ? "\(report.tasks.count) tasks ended well"
            : "\(failed.count) of \(report.tasks.count) tasks failed"
        if report.tasksNotStarted > 0 { text += ", \(report.tasksNotStarted) did not start" }
        let quarantined = report.tasks.reduce(0) { $0 + $1.rowsQuarantined }
        if quarantined > 0 { text += ", \(quarantined) rows were set aside" }
        let message = Message(
            text: text,
            run: report.runID,
            succeeded: report.succeeded,
            regions: report.regions,
            startedAt: report.startedAt,
            finishedAt: report.finishedAt,
            tasks: report.tasks.count,
            failed: failed.count,
            rowsRead: report.tasks.reduce(0) { $0 + $1.rowsRead },
            rowsQuarantined: quarantined,
            failures: failed.prefix(named).map { task in
                Message.Failure(
                    region: task.region,
                    client: task.client,
                    table: "\(task.schema).\(task.table)",
                    code: task.error?.code ?? "",
                    message: task.error?.message ?? ""
                )
            },
            note: report.bookkeepingError ?? report.rosterNote
        )
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.dateEncodingStrategy = .iso8601
        return Array((try? encoder.encode(message)) ?? Data())
    }
}

extension NotificationSettings {
    /// Reads the settings of a configuration.
    init(_ node: ConfigurationNode, folder: String) throws(SyncError) {
        let members = try node.members(["url", "token", "on"])
        let url = try members.required("url", of: node)
        self.init(url: try url.text())
        guard ServiceAddress(self.url) != nil else { throw url.failure(ServiceAddress.advice) }
        if let secret = members.present("token") {
            token = try SecretReference(secret, of: "a token", folder: folder)
        }
        if let node = members.present("on") { on = try node.choice(Occasion.self) }
    }
}
