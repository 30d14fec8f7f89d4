public import ColumnBatches

/// Reads sources of two kinds, so that one pipeline can bring both into a lake.
///
///     let connector = EitherConnector(servers, files) { source in serverNames.contains(source.connection) }
///
/// Three kinds are one of a pair whose second is a pair.
public struct EitherConnector<First: SourceConnector, Second: SourceConnector>: SourceConnector {
    private let first: First
    private let second: Second
    private let isFirst: @Sendable (Source) -> Bool

    /// Joins two connectors; the closure says which one reads a source.
    public init(_ first: First, _ second: Second, isFirst: @escaping @Sendable (Source) -> Bool) {
        self.first = first
        self.second = second
        self.isFirst = isFirst
    }

    /// Opens a session of the connector that reads the source.
    public func withSession<Result: Sendable>(
        for source: Source,
        _ body: sending (EitherSession<First.Session, Second.Session>) async throws -> Result
    ) async throws -> Result {
        if isFirst(source) {
            return try await first.withSession(for: source) { try await body(.first($0)) }
        }
        return try await second.withSession(for: source) { try await body(.second($0)) }
    }
}

/// A session of an `EitherConnector`.
public enum EitherSession<First: SourceSession, Second: SourceSession>: SourceSession {
    /// One of the first connector.
    case first(First)
    /// One of the second connector.
    case second(Second)

    /// Describes a table.
    public func describe(_ table: TableName) async throws -> TableDescription? {
        switch self {
        case .first(let session): try await session.describe(table)
        case .second(let session): try await session.describe(table)
        }
    }

    /// Describes a table by some policies.
    public func describe(_ table: TableName, policies: ValuePolicies) async throws -> TableDescription? {
        switch self {
        case .first(let session): try await session.describe(table, policies: policies)
        case .second(let session): try await session.describe(table, policies: policies)
        }
    }

    /// Describes a table for a read of what changed.
    public func describeShape(of table: TableName, policies: ValuePolicies) async throws -> TableDescription?
    {
        switch self {
        case .first(let session): try await session.describeShape(of: table, policies: policies)
        case .second(let session): try await session.describeShape(of: table, policies: policies)
        }
    }

    /// Reads the signals.
    public func signals() async throws -> MarkSignals {
        switch self {
        case .first(let session): try await session.signals()
        case .second(let session): try await session.signals()
        }
    }

    /// Signals that were read since an instant.
    public func signals(since instant: ContinuousClock.Instant) async throws -> MarkSignals {
        switch self {
        case .first(let session): try await session.signals(since: instant)
        case .second(let session): try await session.signals(since: instant)
        }
    }

    /// What an expression is as a cursor.
    public func candidate(for expression: CursorExpression, of table: TableName) async throws
        -> CursorCandidate?
    {
        switch self {
        case .first(let session): try await session.candidate(for: expression, of: table)
        case .second(let session): try await session.candidate(for: expression, of: table)
        }
    }

    /// The next number of a counter.
    public func counter(_ column: String, of table: TableName) async throws -> Int64? {
        switch self {
        case .first(let session): try await session.counter(column, of: table)
        case .second(let session): try await session.counter(column, of: table)
        }
    }

    /// Streams the rows of a query.
    public func rows(_ query: ReadQuery, at consistency: ReadConsistency) async throws -> EitherRows<
        First.Rows, Second.Rows
    > {
        switch self {
        case .first(let session): .first(try await session.rows(query, at: consistency))
        case .second(let session): .second(try await session.rows(query, at: consistency))
        }
    }

    /// Whether a query may have rows.
    public func mayHaveRows(_ query: ReadQuery) async throws -> Bool {
        switch self {
        case .first(let session): try await session.mayHaveRows(query)
        case .second(let session): try await session.mayHaveRows(query)
        }
    }

    /// What is in each bucket.
    public func digests(of query: ReadQuery, by rule: BucketRule, at consistency: ReadConsistency)
        async throws
        -> BucketDigests
    {
        switch self {
        case .first(let session): try await session.digests(of: query, by: rule, at: consistency)
        case .second(let session): try await session.digests(of: query, by: rule, at: consistency)
        }
    }

    /// Ends the snapshot.
    public func endSnapshot() async throws {
        switch self {
        case .first(let session): try await session.endSnapshot()
        case .second(let session): try await session.endSnapshot()
        }
    }

    /// What was read by a rule.
    public func takeNotices() async -> [ValueNotice] {
        switch self {
        case .first(let session): await session.takeNotices()
        case .second(let session): await session.takeNotices()
        }
    }
}

extension EitherSession: InspectingSession where First: InspectingSession, Second: InspectingSession {
    /// Looks at the server and at some of its tables.
    public func inspect(_ tables: [TableName]) async throws -> SourceInspection {
        switch self {
        case .first(let session): try await session.inspect(tables)
        case .second(let session): try await session.inspect(tables)
        }
    }
}

/// Sessions of either kind read ranges where they can; of the second kind that is asked when they are there.
extension EitherSession: RangedSession where First: RangedSession {
    /// The places that cut a table; nil where the session reads no ranges.
    public func bounds(of table: TableName, by key: [String], every rows: Int) async throws -> [KeyBound]? {
        switch self {
        case .first(let session): try await session.bounds(of: table, by: key, every: rows)
        case .second(let session):
            try await (session as? any RangedSession)?.bounds(of: table, by: key, every: rows)
        }
    }

    /// Opens readers; a session that reads no ranges is the only one itself.
    public func withReaders(
        _ count: Int,
        of table: TableName,
        feel: @escaping @Sendable (SourcePressure) async -> Void,
        _ read: @escaping @Sendable (Int, Self, SnapshotAgreement) async throws -> Void
    ) async throws {
        func open<Session: RangedSession>(_ session: Session) async throws {
            try await session.withReaders(count, of: table, feel: feel) { number, reader, agreement in
                guard let reader = reader as? Second else { return }
                try await read(number, .second(reader), agreement)
            }
        }
        switch self {
        case .first(let session):
            try await session.withReaders(count, of: table, feel: feel) { number, reader, agreement in
                try await read(number, .first(reader), agreement)
            }
        case .second(let session):
            if let session = session as? any RangedSession {
                try await open(session)
            } else {
                try await read(0, self, .notOneInstant("the source is read by one session"))
            }
        }
    }
}

/// The rows of an `EitherSession`.
public enum EitherRows<First: AsyncSequence, Second: AsyncSequence>: AsyncSequence
where First.Element == ColumnBatch, Second.Element == ColumnBatch {
    /// Of a session of the first connector.
    case first(First)
    /// Of a session of the second connector.
    case second(Second)

    /// Reads batch after batch.
    public enum AsyncIterator: AsyncIteratorProtocol {
        /// Of the first connector.
        case first(First.AsyncIterator)
        /// Of the second connector.
        case second(Second.AsyncIterator)

        /// The next batch; stays on the caller's thread.
        public mutating func next(isolation actor: isolated (any Actor)?) async throws -> ColumnBatch? {
            switch self {
            case .first(var rows):
                defer { self = .first(rows) }
                return try await rows.next(isolation: actor)
            case .second(var rows):
                defer { self = .second(rows) }
                return try await rows.next(isolation: actor)
            }
        }
    }

    /// Begins the iteration.
    public func makeAsyncIterator() -> AsyncIterator {
        switch self {
        case .first(let rows): .first(rows.makeAsyncIterator())
        case .second(let rows): .second(rows.makeAsyncIterator())
        }
    }
}
