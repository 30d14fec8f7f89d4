/// Why changes cannot be merged, and which of them.
public struct MergeError: Error, Sendable, CustomStringConvertible {
    /// The kind of failure.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        /// The kind's name.
        public let description: String

        /// Makes a kind of failure.
        public init(_ description: String) { self.description = description }

        /// The table has nothing that identifies a row.
        public static let noKey = Code("noKey")
        /// A configured key column is not there.
        public static let missingKeyColumn = Code("missingKeyColumn")
        /// A row has no value in a key column.
        public static let incompleteKey = Code("incompleteKey")
        /// Two rows of a change set have one key, and nothing says which is the later.
        public static let duplicateKey = Code("duplicateKey")
        /// A batch has other columns than the table.
        public static let schemaMismatch = Code("schemaMismatch")
    }

    /// The kind of failure.
    public var code: Code
    /// The column, where one was concerned.
    public var column: String?
    /// What happened and what to do.
    public var message: String

    /// Makes an error.
    public init(_ code: Code, column: String? = nil, message: String) {
        self.code = code
        self.column = column
        self.message = message
    }

    /// One line: the kind, the column, the message.
    public var description: String {
        "\(code)" + (column.map { " (column \($0))" } ?? "") + ": \(message)"
    }
}
