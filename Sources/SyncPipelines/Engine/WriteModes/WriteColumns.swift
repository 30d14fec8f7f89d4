import ColumnBatches
import DeltaTables

/// The columns by which a lake table tells of rows that are no longer, or no longer so, in the source.
public enum WriteColumns {
    /// When a row was found to be gone, with `"deletes": "mark"`; null while the source has it.
    public static let deletedAt = "_deleted_at"
    /// When a version began, with `"write": "history"` as the two that follow.
    public static let validFrom = "valid_from"
    /// When it ended; null for the one that holds.
    public static let validTo = "valid_to"
    /// Whether it is the one that holds.
    public static let isCurrent = "is_current"
}

extension TableTemplate {
    /// The columns that the table has in the lake for its way of writing.
    var writeFields: [Field] {
        var fields: [Field] = []
        if write == .history {
            fields.append(Field(WriteColumns.validFrom, .timestamp))
            fields.append(Field(WriteColumns.validTo, .timestamp))
            fields.append(Field(WriteColumns.isCurrent, .boolean))
        }
        if write == .upsert && deletes == .mark { fields.append(Field(WriteColumns.deletedAt, .timestamp)) }
        return fields
    }
}

/// Which rows of the lake stand for rows that the source has: those that are neither marked as gone nor a closed version.
struct LiveRows: Sendable, Hashable {
    /// The columns that tell.
    let columns: [String]

    init(_ plan: TaskPlan) {
        var columns: [String] = []
        for (field, position) in zip(plan.lakeFields, plan.positions) where position == nil {
            if field.name == WriteColumns.deletedAt && field.type == .timestamp { columns.append(field.name) }
        }
        if plan.task.template.write == .history { columns.append(WriteColumns.validTo) }
        self.columns = columns
    }

    /// The live rows of a batch that has the columns.
    func of(_ batch: ColumnBatch) -> ColumnBatch {
        var batch = batch
        for name in columns {
            guard let column = batch.column(name), column.nullCount < column.count else { continue }
            batch = batch.rows((0..<batch.rowCount).filter { column.isNull($0) })
        }
        return batch
    }
}

/// The live rows of a partition, with some of its columns.
struct LivePartition: AsyncSequence {
    typealias Element = ColumnBatch

    let rows: TableRows
    let live: LiveRows
    let names: [String]

    struct AsyncIterator: AsyncIteratorProtocol {
        var base: TableRows.AsyncIterator
        let live: LiveRows
        let names: [String]

        mutating func next() async throws -> ColumnBatch? {
            guard let batch = try await base.next() else { return nil }
            return live.columns.isEmpty ? batch : live.of(batch).selecting(names)
        }
    }

    func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(base: rows.makeAsyncIterator(), live: live, names: names)
    }
}
