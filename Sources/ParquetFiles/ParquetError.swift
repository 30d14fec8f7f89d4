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
        /// A file wants more memory than the reader's limits allow.
        public static let tooLarge = Code("tooLarge")
        /// A file cannot be written.
        public static let output = Code("output")
        /// A codec failed.
        public static let codec = Code("codec")
    }

    /// The kind of failure.
    public var code: Code
    /// The column, where one was concerned.
    public var column: String?
    /// The row group, counted from zero, where one was being read.
    public var rowGroup: Int?
    /// Where in the file the page begins that was being read.
    public var pageOffset: Int?
    /// What happened and what to do.
    public var message: String

    /// Makes an error.
    public init(
        _ code: Code,
        column: String? = nil,
        rowGroup: Int? = nil,
        pageOffset: Int? = nil,
        message: String
    ) {
        self.code = code
        self.column = column
        self.rowGroup = rowGroup
        self.pageOffset = pageOffset
        self.message = message
    }

    /// One line: the kind, the place, the message.
    public var description: String {
        let place = [
            column.map { "column \($0)" }, rowGroup.map { "row group \($0)" },
            pageOffset.map { "page at byte \($0)" },
        ]
        .compactMap { $0 }
        return "\(code)" + (place.isEmpty ? "" : " (\(place.joined(separator: ", ")))") + ": \(message)"
    }
}
