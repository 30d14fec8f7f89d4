/// How a client's server is reached.
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
    /// The user.
    public var user: String
    /// Where the password is; nil for none.
    public var password: SecretReference?
    /// How the connection is protected; nil decides by the host: required unless it is this machine.
    public var tls: TLS?
    /// The file of the certificate authority that the server's certificate is verified with.
    public var certificateAuthority: String?
    /// How long a read may take before the connection counts as lost, in seconds.
    public var readTimeout: Int
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
}

/// How many tasks run, and how often they are tried.
public struct Limits: Sendable, Hashable {
    /// The most tasks at once.
    public var tasks: Int
    /// The most tasks at once in one region.
    public var tasksPerRegion: Int
    /// How often a task is tried before it counts as failed.
    public var attempts: Int
    /// The bytes of changes that a task collects before it merges them.
    public var changeBytesPerTask: Int
    /// How long a task may take with all its attempts, in seconds; nil for no limit.
    public var taskSeconds: Int?
    /// How long after its beginning a task may be tried again, in seconds.
    public var retrySeconds: Int

    /// Makes limits.
    public init(
        tasks: Int = 4,
        tasksPerRegion: Int = 4,
        attempts: Int = 4,
        changeBytesPerTask: Int = 64 << 20,
        taskSeconds: Int? = nil,
        retrySeconds: Int = 600
    ) {
        self.tasks = tasks
        self.tasksPerRegion = tasksPerRegion
        self.attempts = attempts
        self.changeBytesPerTask = changeBytesPerTask
        self.taskSeconds = taskSeconds
        self.retrySeconds = retrySeconds
    }
}
