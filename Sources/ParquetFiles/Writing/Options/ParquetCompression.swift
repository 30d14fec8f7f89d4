/// How the pages of a file, or of a column, are compressed.
public enum ParquetCompression: Sendable, Hashable {
    /// Not at all.
    case uncompressed
    /// With Zstandard, at a level from 1 (fast) to 22 (small).
    case zstd(level: Int)
    /// With Snappy: quick to write and to read, and known to every reader.
    case snappy
    /// With gzip, at a level from 1 (fast) to 9 (small); for readers that know nothing else.
    case gzip(level: Int)
    /// With LZ4 in the format's `LZ4_RAW`.
    case lz4Raw
}
