public import SourceConnectors

/// How a table that clients share is brought into the lake.
public struct TableTemplate: Sendable, Hashable {
    /// How changes come into the lake.
    public enum Mode: String, Sendable, Hashable, CaseIterable {
        /// What changed since the mark is merged; without a cursor, as `compare`.
        case merge
        /// The whole table is read, and what differs is written, deletions included.
        case compare
    }

    /// Whether people look at changes before they come into the lake.
    public enum Review: String, Sendable, Hashable, CaseIterable {
        /// Changes come into the lake at once.
        case none
        /// A run stages its changes; they come into the lake when they are approved.
        case required
    }

    /// The schema, a name of the configuration's `schemas`.
    public var schema: String
    /// The table's name, in the source and in the lake.
    public var name: String
    /// By which column changed rows are found.
    public var cursor: CursorSetting
    /// The columns that identify a row, by their names in the lake; nil takes the primary key or a unique index.
    public var keys: [String]?
    /// The columns to bring, by their names in the lake; nil brings all.
    ///
    /// Keys and cursor always come.
    public var columns: [String]?
    /// Conditions on the rows, on columns of the source.
    public var filters: [RowFilter]
    /// Names in the lake to names in the source, where these differ.
    public var columnMap: [String: String]
    /// The only columns that are set on rows which the lake has already, by their names in the lake; nil sets all.
    public var fill: [String]?
    /// How changes come into the lake.
    public var mode: Mode
    /// What becomes of values that the lake has no type for, or more than one.
    public var values: ValuePolicy
    /// The same for single columns, by their names in the lake.
    public var columnValues: [String: ValuePolicy]
    /// Whether people look at changes before they come into the lake.
    public var review: Review
    /// Whether rows that change or go are marked in deletion vectors instead of writing their files anew.
    ///
    /// `prepare` switches it on or off; nil leaves a table as it is, and makes new ones without. Merges then cost what
    /// changed, but readers that do not know deletion vectors refuse the table.
    public var deletionVectors: Bool?
    /// What becomes of the lake's rows where changes meet them.
    public var write: Write = .upsert
    /// What becomes of rows that the source no longer has.
    public var deletes: Deletes = .delete
    /// When a table with a cursor is searched for rows that the source no longer has.
    public var findDeletes: DeleteSearch = .never
    /// What becomes of a client whose table is no longer what it was.
    public var drift = DriftRules()
    /// Columns that nobody is to see, by their names in the lake.
    public var mask: [String: ColumnMask] = [:]
    /// When the table is due; nil leaves it to those who start runs.
    public var schedule: Schedule?
    /// The table beside it that keeps every row which came; nil for none.
    public var bronze: BronzeSettings?
    /// How many rows that cannot be represented are set aside; nil where they end the read.
    public var quarantine: QuarantineSettings?
    /// Further columns that say where each row came from.
    public var lineage: [LineageColumn] = []

    /// Makes a template.
    public init(
        schema: String,
        name: String,
        cursor: CursorSetting = .automatic,
        keys: [String]? = nil,
        columns: [String]? = nil,
        filters: [RowFilter] = [],
        columnMap: [String: String] = [:],
        fill: [String]? = nil,
        mode: Mode = .merge,
        values: ValuePolicy = ValuePolicy(),
        columnValues: [String: ValuePolicy] = [:],
        review: Review = .none,
        deletionVectors: Bool? = nil
    ) {
        self.schema = schema
        self.name = name
        self.cursor = cursor
        self.keys = keys
        self.columns = columns
        self.filters = filters
        self.columnMap = columnMap
        self.fill = fill
        self.mode = mode
        self.values = values
        self.columnValues = columnValues
        self.review = review
        self.deletionVectors = deletionVectors
    }

    /// `schema.name`.
    public var qualifiedName: String { "\(schema).\(name)" }

    /// The policies for values, by the columns' names in the source.
    var policies: ValuePolicies {
        var policies = ValuePolicies(common: values)
        for (lake, policy) in columnValues {
            let mapped = columnMap.first { $0.key.lowercased() == lake.lowercased() }?.value
            policies.columns[(mapped ?? lake).lowercased()] = policy
        }
        return policies
    }
}

/// By which column changed rows are found.
public enum CursorSetting: Sendable, Hashable {
    /// The best timestamp column that the source itself sets, if there is one.
    case automatic
    /// None: the whole table is compared.
    case none
    /// This column, by its name in the lake.
    case column(String)
    /// The first of these columns that is not null in a row, by their names in the lake; all of one type.
    case columns([String])
    /// The value of an expression that the source evaluates.
    case expression(CursorExpression)
}

extension CursorSetting {
    /// The columns that are named, by their names in the lake.
    var names: [String] {
        switch self {
        case .automatic, .none, .expression: []
        case .column(let name): [name]
        case .columns(let names): names
        }
    }
}
