/// A session that can look at a server before anything is read from it.
public protocol InspectingSession: SourceSession {
    /// Looks at the server and at some of its tables; reads no rows.
    func inspect(_ tables: [TableName]) async throws -> SourceInspection
}

/// What a look at a server and its tables has found.
public struct SourceInspection: Sendable, Hashable {
    /// The server's name and version.
    public var version: String
    /// How the connection is encrypted, or nil when it is not.
    public var encryption: String?
    /// What is worth knowing of the server.
    public var findings: [Finding]
    /// Why marks of this server prove less than they could; empty when nothing stands against it.
    public var limitations: [String]
    /// What is worth knowing of single tables.
    public var tables: [TableName: [Finding]]

    /// Makes an inspection.
    public init(
        version: String,
        encryption: String? = nil,
        findings: [Finding] = [],
        limitations: [String] = [],
        tables: [TableName: [Finding]] = [:]
    ) {
        self.version = version
        self.encryption = encryption
        self.findings = findings
        self.limitations = limitations
        self.tables = tables
    }
}

/// Something that a check found.
public struct Finding: Sendable, Hashable, Codable {
    /// How much it matters.
    public enum Severity: String, Sendable, Hashable, Codable, CaseIterable {
        /// Good to know.
        case note
        /// Works, but slower or with a weaker guarantee than it could.
        case warning
        /// Does not work until it is changed.
        case error
    }

    /// How much it matters.
    public var severity: Severity
    /// What it is about, such as `clock`, `privileges` or `index`.
    public var topic: String
    /// What was found, and what to do.
    public var message: String

    /// Makes a finding.
    public init(_ severity: Severity, _ topic: String, _ message: String) {
        self.severity = severity
        self.topic = topic
        self.message = message
    }
}
