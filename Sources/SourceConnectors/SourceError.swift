/// What went wrong with a source, where, and what to do about it.
public struct SourceError: Error, Sendable, CustomStringConvertible {
    /// The kind of failure.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        /// The kind's name, for logs and reports.
        public let description: String

        /// Makes a kind of failure; connectors may add their own.
        public init(_ description: String) { self.description = description }

        /// The server is not reachable, or the connection broke.
        public static let unreachable = Code("unreachable")
        /// The server refused the user or the password.
        public static let accessDenied = Code("accessDenied")
        /// The connection is not as secure as it must be.
        public static let insecure = Code("insecure")
        /// A database, table or column is not there, or not to be read.
        public static let missing = Code("missing")
        /// A column's type is not mapped.
        public static let unsupportedType = Code("unsupportedType")
        /// A value does not fit the type that the column declares.
        public static let unrepresentableValue = Code("unrepresentableValue")
        /// The server broke off a statement that may work when tried again.
        public static let interrupted = Code("interrupted")
        /// The task was cancelled.
        public static let cancelled = Code("cancelled")
        /// A setting or a query does not make sense.
        public static let invalid = Code("invalid")
        /// The server reported an error of another kind.
        public static let server = Code("server")
    }

    /// The kind of failure.
    public var code: Code
    /// What happened and what to do next; names no secret and no row value.
    public var message: String
    /// The source, where known.
    public var source: Source?
    /// The table, where one was concerned.
    public var table: TableName?
    /// The column, where one was concerned.
    public var column: String?
    /// The server's own error number, where it gave one.
    public var serverCode: Int?
    /// Whether the same work may succeed when tried again a little later.
    public var isTransient: Bool
    /// How often the work should be tried again at most, where that is less than the caller would; nil leaves it to them.
    public var retryLimit: Int?

    /// Makes an error.
    public init(
        _ code: Code,
        source: Source? = nil,
        table: TableName? = nil,
        column: String? = nil,
        serverCode: Int? = nil,
        isTransient: Bool = false,
        retryLimit: Int? = nil,
        message: String
    ) {
        self.code = code
        self.message = message
        self.source = source
        self.table = table
        self.column = column
        self.serverCode = serverCode
        self.isTransient = isTransient
        self.retryLimit = retryLimit
    }

    /// One line: the kind, the place, and the message.
    public var description: String {
        var place: [String] = []
        if let source { place.append("\(source.region)/\(source.client)") }
        if let table { place.append("table \(table)") }
        if let column { place.append("column \(column)") }
        if let serverCode { place.append("server error \(serverCode)") }
        return "\(code)" + (place.isEmpty ? "" : " (\(place.joined(separator: ", ")))") + ": \(message)"
    }
}
