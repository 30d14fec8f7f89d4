public import ColumnBatches

/// What a finished file holds, for whoever lists it.
public struct ParquetFileSummary: Sendable, Hashable {
    /// The number of rows.
    public var rowCount: Int
    /// The size of the file in bytes.
    public var byteCount: Int
    /// One summary for each leaf of the schema: for each column, unless it is nested.
    public var columns: [ParquetColumnSummary]
}

/// What a column of a finished file, or a leaf of a nested one, holds.
public struct ParquetColumnSummary: Sendable, Hashable {
    /// The names from the column down to the leaf, as the file has them; one name unless the column is nested.
    public var path: [String]
    /// The number of missing values, or nil when a row group was copied from a file that does not tell.
    ///
    /// Below a list, lists that are missing or empty count as one.
    public var nullCount: Int?
    /// The least value, or nil when all are missing, the type has no useful order, or it is not known.
    ///
    /// NaN is passed over. After a copied row group a text may be a beginning of the least one.
    public var min: ColumnValue?
    /// The greatest value, likewise; after a copied row group a text may be greater than all that are there.
    public var max: ColumnValue?

    /// The path as one text: the column's name, unless it is nested.
    public var name: String { path.joined(separator: ".") }
}
