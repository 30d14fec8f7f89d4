/// What is set for one column; all that is left out is decided by the writer.
public struct ParquetColumnOptions: Sendable, Hashable {
    /// How values are laid out; nil lets the first page decide.
    public var encoding: ParquetEncoding?
    /// How pages are compressed; nil takes the file's codec, unless the first page shows that it saves nothing.
    public var compression: ParquetCompression?
    /// A filter that tells readers which values a row group cannot hold.
    public var bloomFilter: ParquetBloomFilterOptions?
    /// The column's number in its table's schema, for tables that map columns by number.
    public var fieldID: Int?

    /// Makes options that leave everything to the writer.
    public init() {}
}

/// A bloom filter of a column, one for each row group; sized by the distinct values that are there.
public struct ParquetBloomFilterOptions: Sendable, Hashable {
    /// How often, at most, the filter says "perhaps" of a value that is not there.
    public var falsePositiveRate: Double
    /// The most bytes of a filter.
    public var byteLimit: Int

    /// Makes a filter that errs once in a hundred times.
    public init(falsePositiveRate: Double = 0.01, byteLimit: Int = 1 << 20) {
        self.falsePositiveRate = falsePositiveRate
        self.byteLimit = byteLimit
    }
}

/// A column by which rows are sorted.
public struct ParquetSortOrder: Sendable, Hashable {
    /// The column's name.
    public var name: String
    /// Whether the greatest values come first.
    public var isDescending: Bool
    /// Whether missing values come first.
    public var areNullsFirst: Bool

    /// Makes a column in whose order rows are sorted.
    public init(_ name: String, isDescending: Bool = false, areNullsFirst: Bool = false) {
        self.name = name
        self.isDescending = isDescending
        self.areNullsFirst = areNullsFirst
    }
}
