/// What a source keeps of rows that were changed or deleted: their earlier versions, each with its end.
///
/// A version that holds has no end that has come. A row that is deleted leaves its last version, and a row whose key is
/// changed the one with the old key.
public struct RowHistory: Sendable, Hashable {
    /// The column that says since when a version holds: the start of the statement that wrote it.
    public var start: String
    /// The column that says until when it held: the start of the statement that ended it; of type `timestamp`.
    public var end: String
    /// Whether an index starts with `end`.
    public var isIndexed: Bool
    /// What tells this table from one that was made anew under its name, or had its history taken away; nil where the
    /// source does not tell.
    public var origin: Int64?
    /// How the source parts old versions from the others, so that they are easily dropped, in words; nil where it does not.
    public var partitions: String?

    /// Makes a history.
    public init(
        start: String,
        end: String,
        isIndexed: Bool,
        origin: Int64? = nil,
        partitions: String? = nil
    ) {
        self.start = start
        self.end = end
        self.isIndexed = isIndexed
        self.origin = origin
        self.partitions = partitions
    }
}

/// Which versions of its rows a query reads.
public enum RowVersions: Sendable, Hashable {
    /// Those that hold.
    case current
    /// Those that have ended; the query's window is on the history's end. For tables whose description has a `history`.
    case ended(RowHistory)
    /// Of those that have ended the ones whose key no row has that holds and that the query's filters let pass; a key may
    /// come more than once. For tables whose description has a `history`.
    case gone(RowHistory, keys: [String])

    /// The history that is read; nil where the rows are read that hold.
    public var history: RowHistory? {
        switch self {
        case .current: nil
        case .ended(let history), .gone(let history, _): history
        }
    }
}
