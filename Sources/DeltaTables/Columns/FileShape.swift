import ColumnBatches
import DeltaLog

/// How rows of a table become rows of its files: checked by the table's rules, under the names that files use.
struct FileShape: Sendable {
    /// What batches have: the data columns of the table, then what only these files have.
    let fields: [Field]
    /// What files have.
    let stored: BatchSchema
    /// The numbers of columns, where the table maps them.
    let numbers: [[String]: Int]
    /// Which columns have statistics in the log.
    let statistics: StatisticsChoice
    private let table: String
    /// The columns that batches have.
    let columns: [TableColumn]
    private let checks: RowChecks?

    /// The shape of the data files of a partition.
    ///
    /// - Parameters:
    ///   - schema: The table's columns and rules.
    ///   - partition: The partition's values as actions have them.
    ///   - table: The table's path, for errors.
    ///   - extra: Columns that these files have besides; nil for data files, whose rows are checked.
    init(_ schema: TableSchema, partition: [String: String?], table: String, extra: [Field]? = nil) {
        self.table = table
        statistics = schema.statistics
        columns =
            schema.dataFields.map { field in schema.column(field.name) ?? TableColumn(field) }
            + (extra ?? []).map { TableColumn($0) }
        fields = columns.map(\.field)
        let kept = columns.filter { $0.kind != .void }
        stored = BatchSchema(kept.map(\.storedField))
        numbers = kept.reduce(into: [:]) { $0.merge($1.storedNumbers) { first, _ in first } }
        checks = extra == nil ? RowChecks(schema, columns, partition: partition, table: table) : nil
    }

    /// Rows of the table as rows of a file.
    ///
    /// - Throws: `DeltaTableError` when the batch has other columns, or a row breaks a rule.
    func shape(_ batch: ColumnBatch) throws(DeltaTableError) -> ColumnBatch {
        guard batch.schema.fields.count == fields.count,
            zip(batch.schema.fields, fields).allSatisfy({ $0.name == $1.name && $0.type == $1.type })
        else {
            throw DeltaTableError(
                .schemaMismatch,
                table: table,
                message: "the batch has the columns \(batch.schema.names), the table \(fields.map(\.name))"
            )
        }
        try checks?.check(batch)
        if stored.fields == batch.schema.fields { return batch }
        var kept: [Column] = []
        for (column, values) in zip(columns, batch.columns) where column.kind != .void {
            kept.append(column.stored(values))
        }
        return ColumnBatch(schema: stored, columns: kept, rowCount: batch.rowCount)
    }
}
