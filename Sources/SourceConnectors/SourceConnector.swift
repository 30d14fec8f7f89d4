public import ColumnBatches

/// A kind of database that a pipeline can read.
///
/// A connector opens sessions; a session describes tables, reads the signals that a mark is made of, and
/// streams rows as column batches.
///
///     try await connector.withSession(for: source) { session in
///         let table = try await session.describe(name)
///         …
///     }
public protocol SourceConnector: Sendable {
    /// What a session of this connector is.
    associatedtype Session: SourceSession

    /// Opens a session, runs the body with it, and closes the session however the body ends.
    ///
    /// A connector whose calls block runs the body on a thread of its own.
    func withSession<Result: Sendable>(
        for source: Source,
        _ body: sending (Session) async throws -> Result
    ) async throws -> Result
}

/// An open session with one source; used by one task at a time.
public protocol SourceSession: SendableMetatype {
    /// The rows of a query, as batches; ends with an error rather than early.
    associatedtype Rows: AsyncSequence where Rows.Element == ColumnBatch

    /// Describes a table, or returns nil when there is none of that name.
    func describe(_ table: TableName) async throws -> TableDescription?

    /// Describes a table whose values are read by some policies, which may decide on the types of columns.
    ///
    /// Left out, the policies change nothing.
    func describe(_ table: TableName, policies: ValuePolicies) async throws -> TableDescription?

    /// Describes a table for a read of what changed, which needs no estimate of its rows.
    ///
    /// Left out, it is described in full. A connector may instead know a table of the same definition.
    func describeShape(of table: TableName, policies: ValuePolicies) async throws -> TableDescription?

    /// Reads the clock and what is under way.
    ///
    /// Must be called before `rows(_:at:)` opens the snapshot that the mark shall cover, and after `describe` of a table
    /// in the same database, which tells a session that holds several whose clock is meant.
    func signals() async throws -> MarkSignals

    /// Signals that were read at or after an instant, maybe by another session with the same server.
    ///
    /// What is said of `signals` holds: a mark that is made of earlier ones is earlier, and worth as much. Left out, they are
    /// read.
    func signals(since instant: ContinuousClock.Instant) async throws -> MarkSignals

    /// The next number of a counter: no statement that begins later gives a row a lower one.
    ///
    /// Must be called before `signals`, so that a number which was given before is that of a statement which has ended, or
    /// which the signals tell of. Left out, columns that are counters are no cursors.
    ///
    /// - Parameters:
    ///   - column: A column that `describe` offers as a cursor of an integer type.
    ///   - table: The table.
    /// - Returns: The number, or nil when the source does not tell.
    /// - Throws: Errors of the source, and one with the code `invalid` when the number does not fit 63 bits.
    func counter(_ column: String, of table: TableName) async throws -> Int64?

    /// What an expression over the columns of a table is as a cursor; nil where the source evaluates none.
    ///
    /// Queries then name the expression as `computed`. Left out, expressions are no cursors.
    ///
    /// - Parameters:
    ///   - expression: The expression, without a mistake.
    ///   - table: The table.
    /// - Returns: A candidate that bears the expression's `column` as its name, and the expression.
    /// - Throws: Errors of the source, and one with the code `invalid` that says what the source has against the expression.
    func candidate(for expression: CursorExpression, of table: TableName) async throws -> CursorCandidate?

    /// Streams the rows of a query.
    ///
    /// A session streams one query at a time; the rows end before the next query begins.
    func rows(_ query: ReadQuery, at consistency: ReadConsistency) async throws -> Rows

    /// Whether a query may have rows; false only where none is committed, nor removed by what is not committed.
    ///
    /// A run asks this before it looks at all that is under way: most tables of most clients have not changed. Left out, the
    /// rows are always read.
    func mayHaveRows(_ query: ReadQuery) async throws -> Bool

    /// What is in each bucket of the rows of a query, all of whose columns count in their order.
    ///
    /// The default reads the rows; a source that can compute the text of `RowText` and its checksums by itself sends
    /// only the digests.
    func digests(of query: ReadQuery, by rule: BucketRule, at consistency: ReadConsistency) async throws
        -> BucketDigests

    /// Ends the session's snapshot; the next read `atSnapshot` opens a new one.
    func endSnapshot() async throws

    /// What was read by a rule since the last call; left out, nothing is.
    func takeNotices() async -> [ValueNotice]
}

extension SourceSession {
    /// Describes a table without regard to policies.
    public func describe(_ table: TableName, policies: ValuePolicies) async throws -> TableDescription? {
        try await describe(table)
    }

    /// In full.
    public func describeShape(of table: TableName, policies: ValuePolicies) async throws -> TableDescription?
    {
        try await describe(table, policies: policies)
    }

    /// Those of now.
    public func signals(since instant: ContinuousClock.Instant) async throws -> MarkSignals {
        try await signals()
    }

    /// Not told.
    public func mayHaveRows(_ query: ReadQuery) async throws -> Bool { true }

    /// Not told.
    public func counter(_ column: String, of table: TableName) async throws -> Int64? { nil }

    /// None.
    public func candidate(for expression: CursorExpression, of table: TableName) async throws
        -> CursorCandidate?
    {
        nil
    }

    /// Nothing.
    public func takeNotices() async -> [ValueNotice] { [] }
}

extension SourceSession {
    /// What is in each bucket, computed from the rows as they are read.
    public func digests(of query: ReadQuery, by rule: BucketRule, at consistency: ReadConsistency)
        async throws
        -> BucketDigests
    {
        var digests = BucketDigests(rule: rule)
        for try await batch in try await rows(query, at: consistency) { digests.add(batch) }
        return digests
    }
}

/// Which state of the source a read sees.
public enum ReadConsistency: Sendable, Hashable {
    /// One committed state for all reads until the snapshot is ended; the first such read opens it.
    case snapshot
    /// What is written, committed or not, now.
    case uncommitted
}
