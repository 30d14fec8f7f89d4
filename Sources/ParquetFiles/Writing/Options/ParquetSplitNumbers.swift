/// Numbers that a writer may lay out as BYTE_STREAM_SPLIT.
///
/// Not all readers in use know it: Spark's vectorised reader does since
/// [SPARK-56894](https://github.com/apache/spark/pull/55921) of 2026, DuckDB reads split whole numbers since 2.0.
public enum ParquetSplitNumbers: Sendable, Hashable, CaseIterable {
    /// None.
    case none
    /// Floats, as the format allows since 2020.
    case floats
    /// Floats and whole numbers, as the format allows since 2024; that saves a seventh of some columns.
    case all
}
