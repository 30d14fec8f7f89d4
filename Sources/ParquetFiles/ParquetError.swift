/// What went wrong with a Parquet file, and where in it.
public struct ParquetError: Error, Sendable, CustomStringConvertible {
    /// The kind of failure.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        /// The kind's name.
        public let description: String

        /// Makes a kind of failure.
        public init(_ description: String) { self.description = description }

        /// The bytes are not a Parquet file.
        public static let notParquet = Code("notParquet")
        /// The file is damaged.
        public static let damaged = Code("damaged")
        /// The file is encrypted.
        public static let encrypted = Code("encrypted")
        /// A column's type is not supported.
        public static let unsupportedType = Code("unsupportedType")
        /// An encoding is not supported.
        public static let unsupportedEncoding = Code("unsupportedEncoding")
        /// A codec is not supported.
        public static let unsupportedCodec = Code("unsupportedCodec")
        /// The columns of a batch are not those of the file.
        public static let schemaMismatch = Code("schemaMismatch")
        /// A value is missing in a column that must have one.
        public static let missingValue = Code("missingValue")
        /// A codec failed.
        public static let codec = Code("codec")
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
