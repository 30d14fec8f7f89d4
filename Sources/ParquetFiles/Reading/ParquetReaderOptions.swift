/// How a file is read.
public struct ParquetReaderOptions: Sendable, Hashable {
    /// The most rows of a batch.
    public var batchRows = 65_536
    /// How much of a column chunk is fetched at once; chunks of up to twice as much are fetched whole.
    public var windowBytes = 1 << 20
    /// A gap between two ranges up to which they are read together.
    public var coalescedGap = 64 << 10
    /// Whether texts that the file stores as positions in a dictionary are handed out as `.dictionary` storage.
    public var keepsDictionaries = false
    /// Whether checksums of pages are checked, where the writer left some.
    public var verifiesChecksums = true
    /// How much memory a file may claim.
    public var limits = ParquetReaderLimits()

    /// Makes the options that suit nearly every file.
    public init() {}
}

/// Which part of a file is read.
public struct ParquetSelection: Sendable, Hashable {
    /// Names of columns, in the order wanted; nil stands for all.
    ///
    /// A field of a structure has its path as name, with points: `address.city` gives the column `address` with that
    /// field alone.
    public var columns: [String]?
    /// Row groups by their positions; nil stands for all.
    public var rowGroups: [Int]?
    /// Rows of the file, counted from zero; nil stands for all.
    ///
    /// Pages without such a row are not read where the file has an offset index.
    public var rows: [Range<Int>]?

    /// Selects columns, row groups and rows.
    public init(columns: [String]? = nil, rowGroups: [Int]? = nil, rows: [Range<Int>]? = nil) {
        self.columns = columns
        self.rowGroups = rowGroups
        self.rows = rows
    }
}
