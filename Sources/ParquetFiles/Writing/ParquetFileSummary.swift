public import ColumnBatches

/// What a finished file holds, for whoever lists it.
public struct ParquetFileSummary: Sendable, Hashable {
    /// The number of rows.
    public var rowCount: Int
    /// The size of the file in bytes.
    public var byteCount: Int
    /// One summary for each column.
    public var columns: [ParquetColumnSummary]
}

/// What a column of a finished file holds.
public struct ParquetColumnSummary: Sendable, Hashable {
    /// The column's name.
    public var name: String
    /// The number of missing values.
    public var nullCount: Int
    /// The least value, or nil when all are missing or the type has no useful order.
    ///
    /// NaN is passed over.
    public var min: ColumnValue?
    /// The greatest value, likewise.
    public var max: ColumnValue?
}
