/// How the pages of a file are compressed.
public enum ParquetCompression: Sendable, Hashable {
    /// Not at all.
    case uncompressed
    /// With Zstandard, at a level from 1 (fast) to 22 (small); columns on which it saves nothing stay as they are.
    case zstd(level: Int)
}

/// How Parquet files are cut and encoded.
public struct ParquetWriterOptions: Sendable, Hashable {
    /// How pages are compressed.
    public var compression = ParquetCompression.zstd(level: 1)
    /// The rows of a row group; decides how much memory a writer takes.
    public var rowGroupRows = 131_072
    /// The most rows of a page.
    public var pageRows = 16_384
    /// The most bytes of a dictionary; a column with more is written without.
    public var dictionaryByteLimit = 1 << 20
    /// Whether only encodings are used that every reader of the last ten years knows.
    public var maximumCompatibility = false
    /// The program named in the file.
    public var createdBy = "tributary version 0.1.0"

    /// Makes the options that suit nearly every table.
    public init() {}
}
