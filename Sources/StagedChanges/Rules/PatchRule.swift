public import ColumnBatches

/// An edit that people made to rows on their way into the lake, kept so that later reads do not undo it.
///
///     var rule = PatchRule(schema: "shop", table: "orders")
///     rule.target = .matching([PatchCondition("email", .isNotNull)])
///     rule.set = ["email": .lower(.trim(.column("email")))]
public struct PatchRule: Sendable, Hashable {
    /// Which rows a rule is about.
    public enum Target: Sendable, Hashable {
        /// One row of one client, as long as its source holds what it held when the rule was made.
        case row(key: [String: ColumnValue], digest: SourceDigest)
        /// All rows for which every condition holds.
        case matching([PatchCondition])
    }

    /// What people may do with a rule.
    public enum State: String, Sendable, Hashable, Codable, CaseIterable {
        /// It shows in the diff and changes nothing yet.
        case proposed
        /// It is applied to every row that it is about, in every run.
        case approved
        /// Its source row has changed: it is applied no more, and somebody has to look.
        case stale
        /// It is applied no more.
        case retired
    }

    /// The rule's name; short, and different from those of the others.
    public var id: String
    /// The schema.
    public var schema: String
    /// The table.
    public var table: String
    /// The region, which a rule about one row needs; nil for all.
    public var region: String?
    /// The client, which a rule about one row needs; nil for all.
    public var client: String?
    /// Which rows it is about.
    public var target: Target
    /// What becomes of columns.
    public var set: [String: PatchExpression]
    /// Why.
    public var note: String?
    /// What may be done with it.
    public var state: State

    /// Makes a rule about all rows of a table, which sets nothing yet.
    public init(schema: String, table: String, id: String = PatchRule.newID()) {
        self.id = id
        self.schema = schema
        self.table = table
        target = .matching([])
        set = [:]
        state = .proposed
    }

    /// A name that no other rule has.
    public static func newID() -> String {
        "r" + StableHash.hexadecimal(UInt64.random(in: .min ... .max)).prefix(8)
    }

    /// Whether the rule is about rows of a client.
    public func concerns(region: String, client: String) -> Bool {
        (self.region == nil || self.region == region) && (self.client == nil || self.client == client)
    }
}

/// A condition of a rule, on one column of the lake.
public struct PatchCondition: Sendable, Hashable {
    /// How a column is compared.
    public enum Comparison: String, Sendable, Hashable, CaseIterable {
        /// The column equals the value.
        case equal = "="
        /// The column has another value.
        case notEqual = "!="
        /// The column is less than the value.
        case less = "<"
        /// The column is less than the value, or equal.
        case lessOrEqual = "<="
        /// The column is greater than the value.
        case greater = ">"
        /// The column is greater than the value, or equal.
        case greaterOrEqual = ">="
        /// The column equals one of the values.
        case oneOf = "in"
        /// The column equals none of the values.
        case noneOf = "not in"
        /// The text matches a pattern: `%` for any text, `_` for any character.
        case like = "like"
        /// The column has no value.
        case isNull = "is null"
        /// The column has a value.
        case isNotNull = "is not null"
    }

    /// The column.
    public var column: String
    /// How it is compared.
    public var comparison: Comparison
    /// The values, as text, numbers or truth values; they are read in the column's type.
    public var values: [ColumnValue]

    /// Makes a condition.
    public init(_ column: String, _ comparison: Comparison, _ values: [ColumnValue] = []) {
        self.column = column
        self.comparison = comparison
        self.values = values
    }
}

/// What a rule sets a column to.
public indirect enum PatchExpression: Sendable, Hashable {
    /// A value; text and numbers are read in the type of the column that is set.
    case value(ColumnValue)
    /// What a column of the row holds.
    case column(String)
    /// The text in small letters.
    case lower(PatchExpression)
    /// The text in capital letters.
    case upper(PatchExpression)
    /// The text without blanks at its ends.
    case trim(PatchExpression)
    /// The text with every occurrence of one text replaced by another.
    case replace(PatchExpression, find: String, with: String)
    /// The texts one after the other.
    case concat([PatchExpression])
    /// The first that is not missing.
    case coalesce([PatchExpression])
    /// The sum of numbers.
    case add(PatchExpression, PatchExpression)
    /// The difference of numbers.
    case subtract(PatchExpression, PatchExpression)
    /// The product of numbers.
    case multiply(PatchExpression, PatchExpression)
}
