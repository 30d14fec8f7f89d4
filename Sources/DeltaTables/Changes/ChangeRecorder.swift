import ColumnBatches
import DeltaLog

/// Writes the files of changed rows that belong to a commit.
///
/// The protocol's section "Change Data Files": where a version has such files, its change feed is these and nothing else.
final class ChangeRecorder {
    /// How a row changed.
    enum Kind: String {
        case insert
        case delete
        case before = "update_preimage"
        case after = "update_postimage"
    }

    private let splitter: RowSplitter
    private let schema: TableSchema

    init(_ table: DeltaTable, schema: TableSchema) {
        self.schema = schema
        splitter = RowSplitter(table, schema: schema, ofChanges: true)
    }

    /// Adds rows with all columns of the table.
    func append(_ batch: ColumnBatch, _ kind: Kind) async throws {
        let marked = ColumnBatch(
            schema: BatchSchema(
                batch.schema.fields + [Field(ChangeFeed.kindColumn, .string, isNullable: false)]
            ),
            columns: batch.columns + [
                .repeating(.string(kind.rawValue), type: .string, count: batch.rowCount)
            ],
            rowCount: batch.rowCount
        )
        try await splitter.append(marked)
    }

    /// Closes the files.
    func finish() async throws -> [ChangeFile] {
        try await splitter.finish().map {
            ChangeFile(path: $0.path, partitionValues: $0.partitionValues, size: $0.size)
        }
    }

    /// Deletes the files; for a commit that will not come.
    func cancel() async { await splitter.cancel() }
}
