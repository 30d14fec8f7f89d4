/// How Parquet files are cut and encoded.
///
///     var options = ParquetWriterOptions()
///     options.compression = .zstd(level: 3)
///     options[column: "status"].encoding = .dictionary
///     options[column: "address", "zip"].bloomFilter = ParquetBloomFilterOptions()
public struct ParquetWriterOptions: Sendable, Hashable {
    /// How pages are compressed; columns on which it saves nothing stay as they are.
    public var compression = ParquetCompression.zstd(level: 1)
    /// The most rows of a row group; decides how much memory a writer takes.
    public var rowGroupRows = 131_072
    /// The encoded bytes at which a row group is closed, at the end of a page.
    public var rowGroupBytes = 128 << 20
    /// The most rows of a page.
    public var pageRows = 16_384
    /// The most bytes of a page's values, as they lie in memory; a row that is larger has a page of its own.
    public var pageBytes = 1 << 20
    /// The most bytes of a dictionary; a column with more goes on without.
    public var dictionaryByteLimit = 1 << 20
    /// Whether only encodings are used that every reader of the last ten years knows: PLAIN and dictionaries.
    public var maximumCompatibility = false
    /// Which numbers may be laid out as BYTE_STREAM_SPLIT, where that saves a tenth.
    public var splitNumbers = ParquetSplitNumbers.all
    /// Whether bounds and places of pages are written, by which readers skip pages.
    public var writesPageIndex = true
    /// Whether each page has a checksum.
    public var writesChecksums = false
    /// How many threads encode the columns of a row group; the bytes do not depend on it.
    public var threads = 1
    /// The columns by which the caller sorts the rows, the first one first.
    ///
    /// A row group whose rows turn out not to be in that order does not claim it.
    public var sortingColumns: [ParquetSortOrder] = []
    /// Names and values that are kept in the footer.
    public var keyValueMetadata: [String: String] = [:]
    /// What is set for single columns, by the names from the top of the schema down; see ``subscript(column:)``.
    public var columns: [[String]: ParquetColumnOptions] = [:]
    /// The program named in the file.
    public var createdBy = "tributary version 0.1.0"

    /// Makes the options that suit nearly every table.
    public init() {}

    /// What is set for a column, named by the path to it as the file has it.
    ///
    /// The elements of a list `tags` are `tags`, `list`, `element`; keys and values of a map `labels` are
    /// `labels`, `key_value`, `key` or `value`.
    public subscript(column path: String...) -> ParquetColumnOptions {
        get { columns[path] ?? ParquetColumnOptions() }
        set { columns[path] = newValue }
    }
}
