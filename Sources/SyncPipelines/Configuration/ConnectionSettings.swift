public import SourceConnectors

/// How a client's server, or the folder with its database files, is reached.
public struct ConnectionSettings: Sendable, Hashable {
    /// How the connection is protected.
    public enum TLS: String, Sendable, Hashable, CaseIterable {
        /// Encrypted, the server's certificate verified.
        case required
        /// In the clear; for sockets, loopback and private networks only.
        case disabled
    }

    /// The host; nil with a socket.
    public var host: String?
    /// The port.
    public var port: Int
    /// The path of a unix socket; nil with a host.
    public var socket: String?
    /// The folder of SQLite files, each a database; nil with a host or a socket.
    ///
    /// All other settings are for servers.
    public var folder: String?
    /// The user; empty with a folder.
    public var user: String
    /// Where the password is; nil for none.
    public var password: SecretReference?
    /// How the connection is protected; nil decides by the host: required unless it is this machine.
    public var tls: TLS?
    /// The file of the certificate authority that the server's certificate is verified with.
    public var certificateAuthority: String?
    /// The file of the certificate by which the server knows this client.
    public var certificate: String?
    /// The file of that certificate's private key.
    public var key: String?
    /// The login methods that the server may ask for; nil allows those that do not show the password.
    public var logins: [String]?
    /// How long a read may take before the connection counts as lost, in seconds.
    public var readTimeout: Int
    /// How long the server may work on one statement, in seconds; nil leaves it to the server.
    public var statementSeconds: Int?
    /// How long a statement may wait for a lock on a table's definition, in seconds.
    public var lockWaitSeconds: Int?
    /// How many rows all tasks together may read from the server in a second; nil for no limit.
    public var rowsPerSecond: Int?
    /// Which locks may be taken for an instant, so that several readers see one state.
    public var snapshotLock = SnapshotLock.none
    /// How long to wait for a connection, in seconds.
    public var connectTimeout: Int

    /// Makes settings.
    public init(
        host: String? = nil,
        port: Int = 3306,
        socket: String? = nil,
        user: String,
        password: SecretReference? = nil,
        tls: TLS? = nil,
        certificateAuthority: String? = nil,
        readTimeout: Int = 600,
        connectTimeout: Int = 10
    ) {
        self.host = host
        self.port = port
        self.socket = socket
        self.user = user
        self.password = password
        self.tls = tls
        self.certificateAuthority = certificateAuthority
        self.readTimeout = readTimeout
        self.connectTimeout = connectTimeout
    }

    /// Makes settings of a folder of SQLite files.
    public init(folder: String) {
        self.init(user: "")
        self.folder = folder
    }
}
