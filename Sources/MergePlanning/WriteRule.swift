/// What becomes of the lake's rows where changes meet them.
public enum WriteRule: Sendable, Hashable {
    /// One row for each key: a change replaces it.
    case upsert(Removal = .drop)
    /// Rows are only added; one whose key is there already is not added again.
    case append
    /// One row for each version of a key: a change closes the version that holds and adds its own.
    case history(HistoryRule)

    /// What becomes of a row that is to go.
    public enum Removal: Sendable, Hashable {
        /// It leaves the table.
        case drop
        /// It stays, and the column takes the time; in microseconds since 1970-01-01T00:00:00Z.
        case mark(column: String, at: Int64)
    }

    /// The columns that the rule sets on rows that are there, whatever columns changes set.
    var ownColumns: Set<String> {
        switch self {
        case .upsert(.drop), .append: []
        case .upsert(.mark(let column, _)): [column]
        case .history(let rule): [rule.validTo, rule.isCurrent]
        }
    }
}

/// How the versions of a row are told apart: from when, to when, and whether it is the one that holds.
///
/// A version begins at the time that its row carries, where that is after the version before it; else at the time at which
/// the source was read. So the versions of a key never overlap, and a row that is read again with the same content is no
/// version of its own.
public struct HistoryRule: Sendable, Hashable {
    /// The column with the time at which a version begins, included.
    public var validFrom: String
    /// The column with the time at which it ends, excluded; null for the version that holds.
    public var validTo: String
    /// The column that says whether it is the version that holds.
    public var isCurrent: String
    /// The column of the changes with the time at which a row changed; nil where there is none.
    public var changedAt: String?
    /// When the source was read, in microseconds since 1970-01-01T00:00:00Z.
    public var now: Int64

    /// Makes a rule.
    public init(validFrom: String, validTo: String, isCurrent: String, changedAt: String?, now: Int64) {
        self.validFrom = validFrom
        self.validTo = validTo
        self.isCurrent = isCurrent
        self.changedAt = changedAt
        self.now = now
    }

    /// The three columns.
    public var columns: [String] { [validFrom, validTo, isCurrent] }
}
