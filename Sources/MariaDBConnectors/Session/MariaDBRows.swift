#if MariaDB
public import ColumnBatches
import SourceConnectors

/// The rows of a query as batches; iterated over once.
///
/// An iteration that stops early leaves the rest to the next query of the session, which drops it.
public struct MariaDBRows: AsyncSequence {
    let stream: ResultStream
    let pace: RowPace?

    /// Begins the iteration; a second one goes on where the first one stopped.
    public func makeAsyncIterator() -> Iterator { Iterator(stream: stream, pace: pace) }

    /// Reads batch after batch.
    public struct Iterator: AsyncIteratorProtocol {
        let stream: ResultStream
        let pace: RowPace?
        /// How long the server's budget asks to wait before the next rows.
        private var pause = Duration.zero

        init(stream: ResultStream, pace: RowPace?) {
            self.stream = stream
            self.pace = pace
        }

        /// The next rows, or nil after the last one.
        ///
        /// - Throws: A `SourceError` when the connection breaks, a value cannot be represented or the task is
        ///   cancelled; the rows so far are then not the whole result.
        public mutating func next() async throws -> ColumnBatch? {
            try await wait()
            return try nextBatch()
        }

        /// The next rows, or nil after the last one; stays on the caller's thread.
        public mutating func next(isolation actor: isolated (any Actor)?) async throws -> ColumnBatch? {
            try await wait()
            return try nextBatch()
        }

        /// Waits as the budget asks; a cancellation ends the pause at once.
        private mutating func wait() async throws {
            guard pause > .zero else { return }
            let time = pause
            pause = .zero
            do {
                try await Task.sleep(for: time)
            } catch {
                throw stream.cancel()
            }
        }

        private mutating func nextBatch() throws -> ColumnBatch? {
            if Task.isCancelled {
                throw stream.cancel()
            }
            let batch = try stream.nextBatch()
            if let batch, let pace { pause = pace.pause(after: batch.rowCount) }
            return batch
        }
    }
}
#endif
