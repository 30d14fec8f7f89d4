#if SQLite
public import ColumnBatches
import SourceConnectors

/// The rows of a query as batches; iterated over once.
public struct SQLiteRows: AsyncSequence {
    let stream: RowStream

    /// Begins the iteration; a second one goes on where the first one stopped.
    public func makeAsyncIterator() -> Iterator { Iterator(stream: stream) }

    /// Reads batch after batch.
    public struct Iterator: AsyncIteratorProtocol {
        let stream: RowStream

        /// The next rows, or nil after the last one.
        ///
        /// - Throws: A `SourceError` when the file cannot be read, a value cannot be represented or the task is
        ///   cancelled; the rows so far are then not the whole result.
        public mutating func next() async throws -> ColumnBatch? { try stream.nextBatch() }

        /// The next rows, or nil after the last one; stays on the caller's thread.
        public mutating func next(isolation actor: isolated (any Actor)?) async throws -> ColumnBatch? {
            try stream.nextBatch()
        }
    }
}

/// A statement whose rows become batches; holds one batch at a time.
final class RowStream {
    /// The most bytes that a batch has, however many rows that are.
    static let batchBytes = 8 << 20

    private var statement: Statement?
    private var readers: [ColumnReader]
    private let bound: (window: CursorWindow, instants: InstantReader)?
    private let query: ReadQuery
    private let source: Source
    private let notices: NoticeCounter

    init(_ query: ReadQuery, _ select: SelectStatement, notices: NoticeCounter, on database: Database)
        throws(SourceError)
    {
        let statement = try Statement(select.sql, select.parameters, on: database)
        self.statement = statement
        self.query = query
        self.notices = notices
        bound = select.bound
        source = database.source
        readers = query.columns.enumerated().map { index, field in
            ColumnReader(
                field,
                declared: DeclaredType(statement.declaredType(index)),
                policy: query.policies[field.name],
                setsDefectsAside: query.setsDefectsAside
            )
        }
    }

    /// Ends the statement, which lets go of its locks.
    func close() { statement = nil }

    func nextBatch() throws -> ColumnBatch? {
        if Task.isCancelled {
            throw SourceError(.cancelled, source: source, message: "the task was cancelled")
        }
        guard let statement else { return nil }
        do throws(SourceError) {
            return try batch(of: statement)
        } catch {
            close()
            var error = error
            error.source = source
            error.table = query.table
            throw error
        }
    }

    private func batch(of statement: Statement) throws(SourceError) -> ColumnBatch? {
        let limit = max(query.batchRows, 1)
        var (rows, bytes) = (0, 0)
        while rows < limit, bytes < Self.batchBytes {
            guard try statement.step() else {
                close()
                break
            }
            guard try isInWindow(statement) else { continue }
            rows += 1
            for index in readers.indices { bytes += try readers[index].read(statement, index) }
        }
        for index in readers.indices { readers[index].takeCounts(into: notices) }
        guard rows > 0 else { return nil }
        return ColumnBatch(
            schema: BatchSchema(query.columns),
            columns: readers.indices.map { readers[$0].finish() },
            rowCount: rows,
            defects: readers.indices.flatMap { readers[$0].takeDefects() }
        )
    }

    /// The statement lets a day too much through; what is no time is part of the window, for its reader to refuse.
    private func isInWindow(_ statement: Statement) throws(SourceError) -> Bool {
        guard let bound else { return true }
        switch try bound.instants.read(statement, readers.count) {
        case .time(let time): return time >= bound.window.lowerBound
        case .missing, .impossible: return bound.window.includesNulls
        case .other: return true
        }
    }
}
#endif
