public import ColumnBatches
public import SourceConnectors

/// A point of a session between two calls to the source, where a history may go on.
public enum SessionPoint: Sendable, Hashable {
    /// Before a counter is read.
    case counter
    /// Before the signals are read.
    case signals
    /// Before a query begins.
    case query(ReadConsistency)
    /// Before the next batch of a query.
    case batch(ReadConsistency)
    /// Before the snapshot ends.
    case endSnapshot
}

/// Lets something happen between any two calls that a session makes to its source.
///
/// What happens there happens as a whole before the session goes on, so that a race becomes a sequence that can be
/// written down, repeated and made shorter.
public struct InterleavedConnector<Base: SourceConnector>: SourceConnector {
    let base: Base
    let between: @Sendable (SessionPoint) async throws -> Void

    /// Wraps a connector.
    public init(_ base: Base, between: @escaping @Sendable (SessionPoint) async throws -> Void) {
        self.base = base
        self.between = between
    }

    /// Opens a session of the wrapped connector.
    public func withSession<Result: Sendable>(
        for source: Source,
        _ body: sending (InterleavedSession<Base.Session>) async throws -> Result
    ) async throws -> Result {
        let between = between
        return try await base.withSession(for: source) { session in
            try await body(InterleavedSession(base: session, between: between))
        }
    }
}

/// A session of an `InterleavedConnector`.
public struct InterleavedSession<Base: SourceSession>: SourceSession {
    let base: Base
    let between: @Sendable (SessionPoint) async throws -> Void

    /// Describes a table; nothing happens before.
    public func describe(_ table: TableName) async throws -> TableDescription? {
        try await base.describe(table)
    }

    /// Reads the signals.
    public func signals() async throws -> MarkSignals {
        try await between(.signals)
        return try await base.signals()
    }

    /// Reads a counter.
    public func counter(_ column: String, of table: TableName) async throws -> Int64? {
        try await between(.counter)
        return try await base.counter(column, of: table)
    }

    /// Begins a query.
    public func rows(_ query: ReadQuery, at consistency: ReadConsistency) async throws -> InterleavedRows<
        Base
    > {
        try await between(.query(consistency))
        return InterleavedRows(
            base: try await base.rows(query, at: consistency),
            consistency: consistency,
            between: between
        )
    }

    /// Asks the wrapped session; something may happen before, as before a query.
    public func mayHaveRows(_ query: ReadQuery) async throws -> Bool {
        try await between(.query(.snapshot))
        return try await base.mayHaveRows(query)
    }

    /// Ends the snapshot.
    public func endSnapshot() async throws {
        try await between(.endSnapshot)
        try await base.endSnapshot()
    }
}

extension InterleavedSession: SendableMetatype where Base: RangedSession {}

extension InterleavedSession: RangedSession where Base: RangedSession {
    /// The places of the wrapped session; something may happen before, as before a query.
    public func bounds(of table: TableName, by key: [String], every rows: Int) async throws -> [KeyBound]? {
        try await between(.query(.uncommitted))
        return try await base.bounds(of: table, by: key, every: rows)
    }

    /// The readers of the wrapped session, between whose calls things may happen as well.
    public func withReaders(
        _ count: Int,
        of table: TableName,
        feel: @escaping @Sendable (SourcePressure) async -> Void,
        _ read: @escaping @Sendable (Int, Self, SnapshotAgreement) async throws -> Void
    ) async throws {
        let between = between
        try await base.withReaders(count, of: table, feel: feel) { number, reader, agreement in
            try await read(number, InterleavedSession(base: reader, between: between), agreement)
        }
    }
}

/// The rows of a query of an `InterleavedConnector`.
public struct InterleavedRows<Base: SourceSession>: AsyncSequence {
    let base: Base.Rows
    let consistency: ReadConsistency
    let between: @Sendable (SessionPoint) async throws -> Void

    /// Reads the batches in turn.
    public struct AsyncIterator: AsyncIteratorProtocol {
        var base: Base.Rows.AsyncIterator
        let consistency: ReadConsistency
        let between: @Sendable (SessionPoint) async throws -> Void

        /// The next batch.
        public mutating func next(isolation actor: isolated (any Actor)?) async throws -> ColumnBatch? {
            try await between(.batch(consistency))
            return try await base.next(isolation: actor)
        }
    }

    /// Begins the iteration.
    public func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(base: base.makeAsyncIterator(), consistency: consistency, between: between)
    }
}
