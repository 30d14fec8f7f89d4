public import ColumnBatches
import DeltaLog
package import DeltaTables
public import ObjectStores

/// The table that keeps what each run did: one row a task, one append a run.
public struct RunHistory: Sendable {
    let history: SystemTable
    /// The table that holds the history.
    package var table: DeltaTable { history.table }

    /// The history's path below the root of a lake.
    public static let defaultPath = "tributary/run_history"

    /// The columns of the history.
    public static let fields = [
        Field("run_id", .string), Field("started_at", .timestamp), Field("finished_at", .timestamp),
        Field("region", .string), Field("client_id", .string), Field("schema", .string),
        Field("table_name", .string),
        Field("outcome", .string), Field("rows_read", .int64), Field("rows_inserted", .int64),
        Field("rows_updated", .int64), Field("rows_deleted", .int64), Field("rows_unchanged", .int64),
        Field("files_added", .int64), Field("files_removed", .int64), Field("bytes_written", .int64),
        Field("table_version", .int64), Field("mark", .timestamp), Field("guarantee", .string),
        Field("mark_held_by", .string), Field("attempts", .int64), Field("seconds", .double),
        Field("error_code", .string), Field("error_message", .string),
    ]

    /// Names the history of a lake; nothing is read yet.
    public init(store: any ObjectStore, path: String = RunHistory.defaultPath) {
        history = SystemTable(
            table: DeltaTable(store: store, path: path),
            schema: TableSchema(fields: Self.fields)
        )
    }

    /// Adds the rows of a run, each with a value for each of `fields`.
    public func append(_ rows: [[ColumnValue]]) async throws {
        guard !rows.isEmpty else { return }
        var builders = Self.fields.map { ColumnBuilder($0.type) }
        for row in rows {
            for index in builders.indices { builders[index].append(row[index]) }
        }
        let batch = ColumnBatch(
            schema: BatchSchema(Self.fields),
            columns: builders.indices.map { builders[$0].finish() }
        )
        _ = try await history.snapshotMakingTable()
        _ = try await history.table.append(batch)
    }
}
