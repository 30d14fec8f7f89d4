#if MariaDB
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

    /// Whether rows are read in blocks past the client library; tests compare the two ways.
    var readsBlocks = true

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
        case required(ca: String?)
    }

    let mode: Mode

    /// Plain on a Unix socket and on the loopback interface, `required` to every other host.
    public static let automatic = MariaDBTLS(mode: .automatic)

    /// Plain, wherever the server is: rows can be read on the way.
    public static let disabled = MariaDBTLS(mode: .disabled)

    /// Encrypted, and the server's certificate must be valid and name the host.
    ///
    /// `ca` is a file with the authorities to trust; nil trusts those of the system.
    public static func required(ca: String? = nil) -> MariaDBTLS { MariaDBTLS(mode: .required(ca: ca)) }
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

    /// Whether TLS is required, and with which authorities.
    var requiredTLS: (ca: String?, isRequired: Bool) {
        switch tls.mode {
        case .automatic: (nil, isRemote)
        case .disabled: (nil, false)
        case .required(let ca): (ca, true)
        }
    }
}
#endif
