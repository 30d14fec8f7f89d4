#if MariaDB
public import SourceConnectors

/// How to reach one MariaDB server, and how to read from it.
public struct MariaDBConnection: Sendable {
    /// The way to the server.
    public enum Address: Sendable, Hashable {
        /// A TCP port of a host.
        case tcp(host: String, port: Int)
        /// A Unix socket.
        case socket(path: String)
    }

    /// The way to the server.
    public var address: Address
    /// The account.
    public var user: String
    /// The account's password.
    public var password: MariaDBPassword
    /// Whether and how the connection is encrypted.
    public var tls: MariaDBTLS = .automatic
    /// The login methods that the server may ask for; nil allows those that never show the password.
    ///
    /// These are `mysql_native_password` and `client_ed25519`, and `caching_sha2_password` and `sha256_password` where the
    /// connection is encrypted or does not leave this machine: in the clear, those two would encrypt the password with a
    /// key that anybody on the way can offer. `mysql_clear_password` and `dialog` show it, and must be named to be allowed.
    public var allowedLogins: [String]?
    /// The name under which the server lists the connections.
    public var applicationName = "tributary"
    /// How long to wait for a connection.
    public var connectTimeout: Duration = .seconds(10)
    /// How long to wait for the server's next bytes; more than the slowest query needs for its first row.
    public var readTimeout: Duration = .seconds(600)
    /// How long to wait until the server takes what is sent.
    public var writeTimeout: Duration = .seconds(60)
    /// How long a statement may wait for a lock on a table's definition.
    public var lockWaitTimeout: Duration = .seconds(10)
    /// How long the server may work on one statement; nil leaves it to the server's own setting.
    public var maximumStatementTime: Duration?
    /// How many rows all sessions together may read from the server in a second; nil for as many as it sends.
    public var rowsPerSecond: Int?
    /// Which locks may be taken for an instant, to open several snapshots of one state.
    public var snapshotLock = SnapshotLock.none

    /// The way by which rows come from the client library, unless its self-test fails; tests compare the ways.
    var rowPath = RowPath.blocks
    /// How often the server is felt while several readers read.
    var pressureInterval = Duration.seconds(1)

    /// Makes settings for a server that is reached by TCP.
    public init(host: String, port: Int = 3306, user: String, password: MariaDBPassword) {
        self.address = .tcp(host: host, port: port)
        self.user = user
        self.password = password
    }

    /// Makes settings for a server on the same machine that is reached by its Unix socket.
    public init(socket: String, user: String, password: MariaDBPassword = .none) {
        self.address = .socket(path: socket)
        self.user = user
        self.password = password
    }
}

/// Whether and how a connection is encrypted.
public struct MariaDBTLS: Sendable, Hashable {
    enum Mode: Sendable, Hashable {
        case automatic
        case disabled
        case required(MariaDBCertificates)
    }

    let mode: Mode

    /// Plain on a Unix socket and on the loopback interface, `required` to every other host.
    public static let automatic = MariaDBTLS(mode: .automatic)

    /// Plain, wherever the server is: rows can be read on the way.
    public static let disabled = MariaDBTLS(mode: .disabled)

    /// Encrypted, and the server's certificate must be valid and name the host.
    ///
    /// `ca` is a file with the authorities to trust; nil trusts those of the system.
    public static func required(ca: String? = nil) -> MariaDBTLS {
        required(MariaDBCertificates(authority: ca))
    }

    /// The same, with a certificate by which the server knows this client.
    public static func required(_ certificates: MariaDBCertificates) -> MariaDBTLS {
        MariaDBTLS(mode: .required(certificates))
    }
}

/// The files of certificates, in PEM.
public struct MariaDBCertificates: Sendable, Hashable {
    /// The authorities to trust; nil trusts those of the system.
    public var authority: String?
    /// The certificate by which the server knows this client.
    public var certificate: String?
    /// The certificate's private key.
    public var key: String?

    /// Names certificates.
    public init(authority: String? = nil, certificate: String? = nil, key: String? = nil) {
        self.authority = authority
        self.certificate = certificate
        self.key = key
    }
}

extension MariaDBConnection {
    /// Whether the way to the server leaves this machine.
    var isRemote: Bool {
        switch address {
        case .socket: false
        case .tcp(let host, _): !(host == "localhost" || host == "::1" || Self.isLoopback(host))
        }
    }

    /// Whether a host is an address of 127.0.0.0/8; a name that merely begins so is not.
    private static func isLoopback(_ host: String) -> Bool {
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }

    /// The certificates of a connection that must be encrypted, or nil when it may be plain.
    var requiredCertificates: MariaDBCertificates? {
        switch tls.mode {
        case .automatic: isRemote ? MariaDBCertificates() : nil
        case .disabled: nil
        case .required(let certificates): certificates
        }
    }

    /// Whether the connection must be encrypted.
    public var mustBeEncrypted: Bool { requiredCertificates != nil }

    /// The login methods that the server may ask for.
    var logins: [String] {
        if let allowedLogins { return allowedLogins }
        let safe = ["mysql_native_password", "client_ed25519"]
        let needsSecrecy = ["caching_sha2_password", "sha256_password"]
        return requiredCertificates != nil || !isRemote ? safe + needsSecrecy : safe
    }
}
#endif
