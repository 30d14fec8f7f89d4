import FoundationEssentials
public import SourceConnectors

/// What a check before a run found, client by client.
public struct CheckReport: Sendable, Hashable, Codable {
    /// One table of a client, and what its marks will be worth.
    public struct Table: Sendable, Hashable, Codable {
        /// The schema and the table, `shop.orders`.
        public var table: String
        /// `proven`, `bounded(3600 s)`, `digestOnly` or `compared`; nil when the table cannot be read.
        public var guarantee: String?
        /// Why that guarantee.
        public var reasons: [String]
        /// What else was found.
        public var findings: [Finding]
    }

    /// One client.
    public struct Client: Sendable, Hashable, Codable {
        /// The region.
        public var region: String
        /// The client's id.
        public var client: String
        /// The name of the connection.
        public var connection: String
        /// The server's version, or nil when it cannot be reached.
        public var version: String?
        /// How the connection is encrypted, or nil when it is not.
        public var encryption: String?
        /// What was found of the server.
        public var findings: [Finding]
        /// The tables, in the order of the configuration.
        public var tables: [Table]
    }

    /// The clients, in the order of the roster.
    public var clients: [Client]

    /// Whether a run can work: nothing that was found is an error.
    public var succeeded: Bool {
        clients.allSatisfy { client in
            (client.findings + client.tables.flatMap(\.findings)).allSatisfy { $0.severity != .error }
        }
    }

    /// The report as JSON with sorted keys.
    public var json: String { reportJSON }

    /// The report for people: a paragraph a client.
    public var text: String {
        var lines: [String] = []
        for client in clients {
            let server = client.version.map { version in
                "\(version), " + (client.encryption.map { "encrypted (\($0))" } ?? "not encrypted")
            }
            lines.append(
                "\(client.region)/\(client.client) by \(client.connection): \(server ?? "cannot be read")"
            )
            lines += client.findings.map { "  \(Self.line($0))" }
            for table in client.tables {
                let reasons = table.reasons.isEmpty ? "" : ": " + table.reasons.joined(separator: "; ")
                lines.append("  \(table.table): \(table.guarantee ?? "cannot be read")\(reasons)")
                lines += table.findings.map { "    \(Self.line($0))" }
            }
        }
        let findings = clients.flatMap { $0.findings + $0.tables.flatMap(\.findings) }
        lines.append(
            "\(clients.count) clients, \(clients.reduce(0) { $0 + $1.tables.count }) tables: "
                + "\(findings.count { $0.severity == .error }) errors, "
                + "\(findings.count { $0.severity == .warning }) warnings"
        )
        return lines.joined(separator: "\n")
    }

    private static func line(_ finding: Finding) -> String {
        "\(finding.severity.rawValue), \(finding.topic): \(finding.message)"
    }
}
