public import ColumnBatches

/// What to read of one table: columns, the rows of a window, and in which order.
public struct ReadQuery: Sendable, Hashable {
    /// The table.
    public var table: TableName
    /// The columns in the order of the batch, with the types the batch must have.
    public var columns: [Field]
    /// The window on the cursor column; nil reads every row.
    public var window: CursorWindow?
    /// Further conditions, all of which must hold; values travel as bound parameters.
    public var filters: [RowFilter]
    /// Only rows of these buckets, or of more where the source cannot tell; nil reads every row.
    public var buckets: BucketSelection?
    /// Only rows whose key lies in this range, for a `RangedSession`; nil reads every row.
    public var range: KeyRange?
    /// Columns to order by, ascending, in the source's own order; empty leaves the order to the source.
    public var order: [String]
    /// The most rows a batch may have.
    public var batchRows: Int
    /// What becomes of values that the lake has no type for, or more than one.
    public var policies: ValuePolicies
    /// An expression whose value is read wherever columns or window name its `column`; nil for none.
    public var computed: CursorExpression?
    /// Which versions of rows are read; all but `current` are for tables that have a history.
    public var versions = RowVersions.current
    /// Whether a value that cannot be represented leaves the read going.
    ///
    /// The batch then has a missing value in its place, and names it among its `defects`. A connector that does not
    /// know of this ends the read with an error, as it does without.
    public var setsDefectsAside = false

    /// Makes a query.
    public init(
        table: TableName,
        columns: [Field],
        window: CursorWindow? = nil,
        filters: [RowFilter] = [],
        buckets: BucketSelection? = nil,
        range: KeyRange? = nil,
        order: [String] = [],
        batchRows: Int = 16_384,
        policies: ValuePolicies = ValuePolicies()
    ) {
        self.table = table
        self.columns = columns
        self.window = window
        self.filters = filters
        self.buckets = buckets
        self.range = range
        self.order = order
        self.batchRows = batchRows
        self.policies = policies
    }
}

/// Some of the buckets that a rule spreads rows over.
public struct BucketSelection: Sendable, Hashable {
    /// How rows are spread; its keys are among the columns of the query.
    public var rule: BucketRule
    /// The numbers of the buckets.
    public var numbers: [Int]

    /// Makes a selection.
    public init(rule: BucketRule, numbers: [Int]) {
        self.rule = rule
        self.numbers = numbers
    }
}

/// The rows whose cursor is at or past a bound; rows without a cursor value are always part of a window.
public struct CursorWindow: Sendable, Hashable {
    /// The cursor column.
    public var column: String
    /// Columns whose value counts in a row where the one before is null, in order; for tables that `combinesCursors`.
    public var further: [String]
    /// The column's type: `timestamp`, `timestampNTZ` or an integer type.
    public var type: ColumnType
    /// The lower bound, included, in the column's own scale: microseconds for timestamps.
    public var lowerBound: Int64
    /// Whether rows whose cursor is null, in all columns, belong to the window.
    public var includesNulls: Bool

    /// Makes a window.
    public init(
        column: String,
        further: [String] = [],
        type: ColumnType,
        lowerBound: Int64,
        includesNulls: Bool = true
    ) {
        self.column = column
        self.further = further
        self.type = type
        self.lowerBound = lowerBound
        self.includesNulls = includesNulls
    }
}

/// A condition on one column, whose values are bound, never spliced into a statement.
public struct RowFilter: Sendable, Hashable {
    /// How a column is compared.
    public enum Comparison: String, Sendable, Hashable, CaseIterable {
        /// The column equals the value.
        case equal = "="
        /// The column differs from the value.
        case notEqual = "!="
        /// The column is less than the value.
        case less = "<"
        /// The column is less than or equals the value.
        case lessOrEqual = "<="
        /// The column is greater than the value.
        case greater = ">"
        /// The column is greater than or equals the value.
        case greaterOrEqual = ">="
        /// The column equals one of the values.
        case oneOf = "in"
        /// The column equals none of the values.
        case noneOf = "not in"
        /// The text matches the pattern, with the source's wildcards.
        case like = "like"
        /// The column is null; takes no value.
        case isNull = "is null"
        /// The column is not null; takes no value.
        case isNotNull = "is not null"
    }

    /// The column in the source.
    public var column: String
    /// How it is compared.
    public var comparison: Comparison
    /// None, one, or for `oneOf` and `noneOf` at least one value; `string`, `integer`, `double` or `boolean`.
    public var values: [ColumnValue]

    /// Makes a filter.
    public init(_ column: String, _ comparison: Comparison, _ values: [ColumnValue] = []) {
        self.column = column
        self.comparison = comparison
        self.values = values
    }
}
