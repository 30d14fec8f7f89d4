import ColumnBatches
import SourceConnectors

/// Where the rows of a task come from, for the columns that say so.
struct RowLineage: Sendable {
    /// The run.
    let run: String
    /// The connection and the table; nil where they are not known any more.
    let source: String?
    /// What the source's clock said when the rows were read, in microseconds since 1970-01-01T00:00:00Z.
    var syncedAt: Int64?
    /// The columns that the lake table has.
    let columns: [LineageColumn]

    init(run: String, task: SyncTask?, columns: [LineageColumn]) {
        self.run = run
        source = task.map { "\($0.source.connection)/\($0.sourceTable.database).\($0.sourceTable.table)" }
        self.columns = columns
    }

    /// Rows with their lineage filled in, where the lake table has columns for it.
    func filled(_ batch: ColumnBatch) -> ColumnBatch {
        guard !columns.isEmpty else { return batch }
        var filled = batch.columns
        for column in columns {
            guard let index = batch.schema.index(of: column.rawValue) else { continue }
            filled[index] = self.column(column, count: batch.rowCount)
        }
        return ColumnBatch(schema: batch.schema, columns: filled, rowCount: batch.rowCount)
    }

    /// A column of lineage.
    func column(_ column: LineageColumn, count: Int) -> Column {
        let value: ColumnValue =
            switch column {
            case .run: .string(run)
            case .syncedAt: syncedAt.map { .timestamp($0) } ?? .null
            case .source: source.map { .string($0) } ?? .null
            }
        return .repeating(value, type: column.field.type, count: count)
    }
}

extension SyncTask {
    /// Where the rows of a run come from.
    func lineage(run: String) -> RowLineage {
        RowLineage(run: run, task: self, columns: template.lineage)
    }
}
