/// Rows as columns: the currency between the steps of a pipeline.
public struct ColumnBatch: Sendable {
    /// The names and types of the columns.
    public let schema: BatchSchema
    /// One column for each field, all of the same length.
    public let columns: [Column]
    /// The number of rows.
    public let rowCount: Int
    /// The values that their columns cannot hold; none unless a query asked to set such rows aside.
    public let defects: [RowDefect]

    /// Makes a batch.
    ///
    /// - Precondition: there is one column for each field, of its type, and all have `rowCount` values.
    public init(schema: BatchSchema, columns: [Column], rowCount: Int? = nil, defects: [RowDefect] = []) {
        precondition(
            schema.fields.count == columns.count,
            "\(columns.count) columns for \(schema.fields.count) fields"
        )
        self.rowCount = rowCount ?? columns.first?.count ?? 0
        for (field, column) in zip(schema.fields, columns) {
            precondition(column.count == self.rowCount, "column \(field.name) has another length")
            precondition(
                column.type == field.type,
                "column \(field.name) is \(column.type), not \(field.type)"
            )
        }
        self.schema = schema
        self.columns = columns
        self.defects = defects
    }

    /// The column of a name, or nil.
    public func column(_ name: String) -> Column? {
        schema.index(of: name).map { columns[$0] }
    }

    /// The row at a position, as values; for tests and small results.
    public func row(_ index: Int) -> [ColumnValue] {
        columns.map { $0[index] }
    }

    /// The bytes that the columns take in memory.
    public var byteCount: Int {
        columns.reduce(0) { $0 + $1.byteCount }
    }
}
