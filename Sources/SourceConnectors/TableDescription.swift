public import ColumnBatches

/// What a source says of one of its tables.
public struct TableDescription: Sendable, Hashable {
    /// The table.
    public var name: TableName
    /// The columns in the order of the table, those of unmapped types included.
    public var columns: [ColumnDescription]
    /// The primary key's columns in key order; empty when there is none.
    public var primaryKey: [String]
    /// The unique indexes besides the primary key, in a stable order.
    public var uniqueKeys: [UniqueKey]
    /// Columns that can serve as cursor, the best first.
    public var cursorCandidates: [CursorCandidate]
    /// Columns that a foreign key changes by itself, which touches neither the cursor nor anything else of the row.
    public var cascadeColumns: [String]
    /// The source's own estimate of the number of rows.
    public var estimatedRows: Int?
    /// Whether reads of several statements can share one snapshot (in MariaDB: the engine is InnoDB).
    public var hasSnapshots: Bool
    /// Whether windows may be put on several columns: `CursorWindow.further`.
    public var combinesCursors: Bool
    /// What the source keeps of rows that are gone; nil where it keeps nothing, or nothing that can be read by time.
    public var history: RowHistory?

    /// Makes a description.
    public init(
        name: TableName,
        columns: [ColumnDescription],
        primaryKey: [String] = [],
        uniqueKeys: [UniqueKey] = [],
        cursorCandidates: [CursorCandidate] = [],
        cascadeColumns: [String] = [],
        estimatedRows: Int? = nil,
        hasSnapshots: Bool = true,
        combinesCursors: Bool = false,
        history: RowHistory? = nil
    ) {
        self.history = history
        self.combinesCursors = combinesCursors
        self.name = name
        self.columns = columns
        self.primaryKey = primaryKey
        self.uniqueKeys = uniqueKeys
        self.cursorCandidates = cursorCandidates
        self.cascadeColumns = cascadeColumns
        self.estimatedRows = estimatedRows
        self.hasSnapshots = hasSnapshots
    }

    /// The column of a name, or nil.
    public func column(_ name: String) -> ColumnDescription? {
        columns.first { $0.name == name }
    }
}

/// A column of a source table.
public struct ColumnDescription: Sendable, Hashable {
    /// The column's name in the source.
    public var name: String
    /// The type in the lake, or nil when the connector does not map the source's type.
    public var type: ColumnType?
    /// The type as the source declares it, such as `varchar(16)`.
    public var sourceType: String
    /// Whether values may be missing.
    public var isNullable: Bool
    /// Why there is no type, and what to do; nil where there is one, or nothing more to say.
    public var refusal: String?
    /// How texts compare, which names their character set as well; nil for other types, or where the source does not tell.
    public var collation: String?
    /// Whether the column comes only where it is named: it is none of those that the table was declared with.
    public var isHidden: Bool

    /// Makes a column description.
    public init(
        name: String,
        type: ColumnType?,
        sourceType: String,
        isNullable: Bool,
        refusal: String? = nil,
        collation: String? = nil,
        isHidden: Bool = false
    ) {
        self.isHidden = isHidden
        self.refusal = refusal
        self.collation = collation
        self.name = name
        self.type = type
        self.sourceType = sourceType
        self.isNullable = isNullable
    }
}

/// A unique index.
public struct UniqueKey: Sendable, Hashable {
    /// The index's name.
    public var name: String
    /// Its columns in key order.
    public var columns: [String]
    /// Whether one of its columns may be null, in which case it identifies no row.
    public var isNullable: Bool

    /// Makes a unique key.
    public init(name: String, columns: [String], isNullable: Bool) {
        self.name = name
        self.columns = columns
        self.isNullable = isNullable
    }
}

/// A column by which changed rows can be found.
public struct CursorCandidate: Sendable, Hashable {
    /// The column's name.
    public var column: String
    /// `timestamp` for an instant, `timestampNTZ` for a wall clock, an integer type for a counter.
    public var type: ColumnType
    /// Digits after the second that the column keeps, 0 to 6; 0 for a counter.
    public var fractionalDigits: Int
    /// Whether an index starts with the column.
    public var isIndexed: Bool
    /// Whether the server itself sets the column: on every insert and update, a counter on every insert.
    public var isServerSet: Bool
    /// Whether the server sets the column on every insert.
    public var isSetOnInsert: Bool
    /// Whether the server sets the column on every update.
    public var isSetOnUpdate: Bool
    /// Whether the column may be taken where no cursor is named.
    public var isAutomatic: Bool
    /// The expression whose value it is; nil for a column.
    public var expression: CursorExpression?

    /// Makes a candidate; left out, what is said of inserts and updates is what `isServerSet` says of both.
    public init(
        column: String,
        type: ColumnType,
        fractionalDigits: Int,
        isIndexed: Bool,
        isServerSet: Bool,
        isSetOnInsert: Bool? = nil,
        isSetOnUpdate: Bool? = nil,
        isAutomatic: Bool = true,
        expression: CursorExpression? = nil
    ) {
        self.expression = expression
        self.isAutomatic = isAutomatic
        self.isSetOnInsert = isSetOnInsert ?? isServerSet
        self.isSetOnUpdate = isSetOnUpdate ?? isServerSet
        self.column = column
        self.type = type
        self.fractionalDigits = fractionalDigits
        self.isIndexed = isIndexed
        self.isServerSet = isServerSet
    }
}
