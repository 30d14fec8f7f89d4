public import ColumnBatches
import DeltaLog
import ObjectStores

/// The rows that changed between versions, a batch at a time, version after version.
///
/// A batch has the table's columns, then `_change_type` (`insert`, `delete`, `update_preimage` or `update_postimage`),
/// `_commit_version` and `_commit_timestamp`.
public struct ChangeFeed: AsyncSequence, Sendable {
    /// Some rows of one file that changed in one way.
    struct Piece: Sendable {
        /// How the rows changed; nil for a file that says so itself.
        var kind: String?
        var file: AddFile
        /// The rows; nil for those that the deletion vector leaves.
        var rows: DeletionVector?
        var version: TableVersion
        var timestamp: Int64
    }

    static let kindColumn = "_change_type"
    static let versionColumn = "_commit_version"
    static let timestampColumn = "_commit_timestamp"

    let store: any ObjectStore
    let table: String
    let schema: TableSchema
    let pieces: [Piece]

    /// Reads the batches in turn.
    public struct AsyncIterator: AsyncIteratorProtocol {
        let feed: ChangeFeed
        var next = 0
        var batches: DataFileReader.Batches?

        /// The next batch, or nil at the end.
        public mutating func next() async throws -> ColumnBatch? {
            while true {
                try Task.checkCancellation()
                if let batch = try await batches?.next() {
                    return feed.marked(batch.rows, feed.pieces[next - 1])
                }
                guard next < feed.pieces.count else { return nil }
                batches = try await feed.open(feed.pieces[next])
                next += 1
            }
        }
    }

    /// Starts at the first version.
    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(feed: self) }

    private func open(_ piece: Piece) async throws -> DataFileReader.Batches {
        let schema = piece.kind == nil ? schema.adding(Field(Self.kindColumn, .string)) : schema
        let reader = try await DataFileReader(
            piece.file,
            of: table,
            schema: schema,
            in: store,
            choice: piece.rows.map { .only($0) }
        )
        return reader.batchesOfGroups(
            Array(0..<reader.rowGroupCount),
            columns: schema.fields.map(\.name),
            batchRows: 65_536
        )
    }

    private func marked(_ batch: ColumnBatch, _ piece: Piece) -> ColumnBatch {
        var fields = batch.schema.fields
        var columns = batch.columns
        func append(_ name: String, _ type: ColumnType, _ value: ColumnValue) {
            fields.append(Field(name, type))
            columns.append(.repeating(value, type: type, count: batch.rowCount))
        }
        if let kind = piece.kind { append(Self.kindColumn, .string, .string(kind)) }
        append(Self.versionColumn, .int64, .integer(piece.version.number))
        append(Self.timestampColumn, .timestamp, .timestamp(piece.timestamp * 1000))
        return ColumnBatch(schema: BatchSchema(fields), columns: columns, rowCount: batch.rowCount)
    }
}
