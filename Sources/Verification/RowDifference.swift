public import ColumnBatches

/// What sets a row of the lake apart from its row in the source.
public enum DifferenceKind: String, Sendable, Hashable, Codable, CaseIterable {
    /// The source's row is at or past the mark: the next run brings it, and nothing is wrong.
    case pending
    /// The source has the row, the lake has not.
    case missing
    /// The lake has the row, the source has not: it was deleted, or its key was changed.
    case gone
    /// The lake has the row, the source has not, and the table's rules keep such rows: nothing is wrong.
    case kept
    /// The source's row cannot be represented and is set aside in the quarantine.
    case quarantined
    /// The lake has the row, and the source has it outside the task's filter.
    case leftFilter
    /// The source has the row under another key, all other values being the same.
    case keyChanged
    /// The lake has an older version of the row than the source.
    case stale
    /// The source's row carries an earlier time than the lake's.
    case backdated
    /// Only columns differ that a foreign key changes by itself, which leaves the time as it is.
    case cascade
    /// Values differ although the time is the same, or the table has none.
    case changed
}

/// A row that is not the same in source and lake.
public struct RowDifference: Sendable, Hashable {
    /// What sets the rows apart.
    public var kind: DifferenceKind
    /// The values of the key columns, in key order.
    public var key: [ColumnValue]
    /// The columns that differ; empty where one side has no row.
    public var columns: [String]
    /// The key that the lake knows the row under, where the key was changed.
    public var formerKey: [ColumnValue]?

    /// Makes a difference.
    public init(
        _ kind: DifferenceKind,
        key: [ColumnValue],
        columns: [String] = [],
        formerKey: [ColumnValue]? = nil
    ) {
        self.kind = kind
        self.key = key
        self.columns = columns
        self.formerKey = formerKey
    }
}
