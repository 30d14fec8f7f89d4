#if MariaDB
public import SourceConnectors

/// The statements that give an account what a connector needs, and nothing else.
public struct MariaDBGrants: Sendable, Hashable {
    /// The account's user.
    public var user: String
    /// Where the account may log in from, such as `10.%`; `localhost` for a socket.
    public var host: String
    /// The tables to read.
    public var tables: [TableName]
    /// Whether the account must log in encrypted.
    public var requiresTLS: Bool
    /// Whether the account must show a certificate.
    public var requiresCertificate: Bool
    /// Which locks the account may take for an instant.
    public var snapshotLock: SnapshotLock

    /// Makes grants.
    public init(
        user: String,
        host: String,
        tables: [TableName],
        requiresTLS: Bool,
        requiresCertificate: Bool = false,
        snapshotLock: SnapshotLock = .none
    ) {
        self.user = user
        self.host = host
        self.tables = tables
        self.requiresTLS = requiresTLS
        self.requiresCertificate = requiresCertificate
        self.snapshotLock = snapshotLock
    }

    /// The statements in order; the password is left to be put in.
    ///
    /// `SELECT` reads the tables; `PROCESS` shows the statements and transactions of others, without which no mark is
    /// proven. Neither can change anything. A lock for an instant needs `LOCK TABLES` on the databases, and one on all
    /// tables of the server `RELOAD`.
    public var statements: [String] {
        let account = "\(Self.quoted(user))@\(Self.quoted(host))"
        let requirement = requiresCertificate ? " REQUIRE X509" : requiresTLS ? " REQUIRE SSL" : ""
        var seen: Set<TableName> = []
        let reads = tables.filter { seen.insert($0).inserted }
            .map { "GRANT SELECT ON \(SelectStatement.quoted($0)) TO \(account);" }
        return ["CREATE USER IF NOT EXISTS \(account) IDENTIFIED BY '<password>'\(requirement);"] + reads
            + ["GRANT PROCESS ON *.* TO \(account);"] + locks.map { "GRANT \($0) TO \(account);" }
    }

    /// What the locks need, and where.
    private var locks: [String] {
        guard snapshotLock != .none else { return [] }
        var seen: Set<String> = []
        let databases = tables.map(\.database).filter { seen.insert($0).inserted }
        // In a grant on a whole database, its name is a pattern.
        let names = databases.map { name in
            name.reduce(into: "") { $0 += $1 == "_" || $1 == "%" || $1 == "\\" ? "\\\($1)" : "\($1)" }
        }
        let tables = names.map { "LOCK TABLES ON \(Self.quoted($0)).*" }
        return snapshotLock == .server ? tables + ["RELOAD ON *.*"] : tables
    }

    /// A text in quotes, whatever the server's modes make of backslashes.
    private static func quoted(_ text: String) -> String {
        SelectStatement.quoted(text)
    }
}
#endif
