/// What went wrong with a Delta table as a whole: its schema, its data files, an edit.
public struct DeltaTableError: Error, Sendable, CustomStringConvertible {
    /// The kind of failure.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        /// The kind's name.
        public let description: String

        /// Makes a kind of failure.
        public init(_ description: String) { self.description = description }

        /// There is no Delta table at the path.
        public static let missing = Code("missing")
        /// The path holds files, but no Delta table.
        public static let notATable = Code("notATable")
        /// A column's type is not one that these modules read or write.
        public static let unsupportedType = Code("unsupportedType")
        /// Rows or columns do not fit the table's schema.
        public static let schemaMismatch = Code("schemaMismatch")
        /// A row breaks a rule of the table, or of the write.
        public static let constraintViolated = Code("constraintViolated")
        /// A partition value cannot be read as the column's type.
        public static let invalidPartitionValue = Code("invalidPartitionValue")
        /// A version is not there, or no longer.
        public static let versionMissing = Code("versionMissing")
        /// Files would go that readers may still need.
        public static let retentionTooShort = Code("retentionTooShort")
        /// The changes of a version cannot be read.
        public static let changeFeed = Code("changeFeed")
        /// A data file is missing or damaged.
        public static let dataFile = Code("dataFile")
    }

    /// The kind of failure.
    public var code: Code
    /// The table's path in its store.
    public var table: String
    /// The column, where one was concerned.
    public var column: String?
    /// The data file, where one was concerned.
    public var file: String?
    /// What happened and what to do.
    public var message: String
    /// What caused it.
    public var underlying: (any Error)?

    /// Makes an error.
    public init(
        _ code: Code,
        table: String,
        column: String? = nil,
        file: String? = nil,
        underlying: (any Error)? = nil,
        message: String
    ) {
        self.code = code
        self.table = table
        self.column = column
        self.file = file
        self.underlying = underlying
        self.message = message
    }

    /// One line: the kind, the place, the message, the cause.
    public var description: String {
        var place = "table \(table)"
        if let column { place += ", column \(column)" }
        if let file { place += ", file \(file)" }
        return "\(code) (\(place)): \(message)" + (underlying.map { " – \($0)" } ?? "")
    }
}
