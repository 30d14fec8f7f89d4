#if MariaDB
public import ColumnBatches
import SourceConnectors

/// The rows of a query as batches; iterated over once.
///
/// An iteration that stops early leaves the rest to the next query of the session, which drops it.
public struct MariaDBRows: AsyncSequence {
    let stream: ResultStream

    /// Begins the iteration; a second one goes on where the first one stopped.
    public func makeAsyncIterator() -> Iterator { Iterator(stream: stream) }

    /// Reads batch after batch.
    public struct Iterator: AsyncIteratorProtocol {
        let stream: ResultStream

        /// The next rows, or nil after the last one.
        ///
        /// - Throws: A `SourceError` when the connection breaks, a value cannot be represented or the task is
        ///   cancelled; the rows so far are then not the whole result.
        public mutating func next() async throws -> ColumnBatch? {
            try nextBatch()
        }

        /// The next rows, or nil after the last one; stays on the caller's thread.
        public mutating func next(isolation actor: isolated (any Actor)?) async throws -> ColumnBatch? {
            try nextBatch()
        }

        private func nextBatch() throws -> ColumnBatch? {
            if Task.isCancelled {
                throw stream.cancel()
            }
            return try stream.nextBatch()
        }
    }
}
#endif
