import ColumnBatches
import IncrementalFilters
import MergePlanning
import SourceConnectors

extension TaskPlan {
    /// What becomes of the lake's rows where changes meet them.
    var writeRule: WriteRule {
        switch task.template.write {
        case .append: .append
        case .history:
            .history(
                HistoryRule(
                    validFrom: WriteColumns.validFrom,
                    validTo: WriteColumns.validTo,
                    isCurrent: WriteColumns.isCurrent,
                    changedAt: isCounted ? nil : lakeCursor,
                    now: observedAt
                )
            )
        case .upsert:
            task.template.deletes == .mark
                ? .upsert(.mark(column: WriteColumns.deletedAt, at: observedAt)) : .upsert()
        }
    }

    /// The columns by which changes find their rows in the lake: with `append`, a row's time or number is part of what it is.
    var mergeKeys: [String] {
        task.template.write == .append ? lakeKeys + lakeCursors : lakeKeys
    }

    /// The only columns that are set on rows that are there already; nil for all.
    var filledColumns: Set<String>? {
        task.template.fill.map { lineageColumns.union($0 + task.template.writeFields.map(\.name)) }
    }

    /// Whether a column of the lake is there for the way of writing, and not from the source.
    static func isWriteColumn(_ name: String) -> Bool {
        [
            WriteColumns.deletedAt, WriteColumns.validFrom, WriteColumns.validTo, WriteColumns.isCurrent,
        ].contains(name)
    }

    /// The value of a write column in rows that come into the lake for the first time; nil for other columns.
    func writeColumn(_ name: String, of batch: ColumnBatch) -> Column? {
        guard task.template.write == .history else { return nil }
        switch name {
        case WriteColumns.isCurrent:
            return .repeating(.boolean(true), type: .boolean, count: batch.rowCount)
        case WriteColumns.validFrom:
            guard case .incremental(let cursor) = mode, cursor.type == .timestamp,
                cursor.isColumn, let column = batch.column(cursor.column),
                case .int64(let times) = column.storage
            else { return .repeating(.timestamp(observedAt), type: .timestamp, count: batch.rowCount) }
            let starts = times.indices.map { column.isNull($0) ? observedAt : times[$0] }
            return Column(type: .timestamp, storage: .int64(starts))
        default: return nil
        }
    }

    /// Refuses ways of writing that the configuration, the source or the lake does not allow.
    static func guardWrite(_ task: SyncTask, _ columns: TaskColumns, lake: [Field]) throws(SyncError) {
        func fail(_ code: SyncError.Code, _ message: String) -> SyncError {
            SyncError(code, step: "plan", task: task.identity, message: message)
        }
        if let (member, message) = task.template.contradiction {
            throw fail(.invalidConfiguration, "\"\(member)\": \(message)")
        }
        for field in task.template.writeFields {
            if let source = columns.source(forLake: field.name) {
                throw fail(
                    .invalidConfiguration,
                    "the source column \"\(source.name)\" has the name of a column that \"write\" and \"deletes\" add; map it "
                        + "to another name under \"columnMap\""
                )
            }
            if !lake.contains(where: { $0.name == field.name && $0.type == field.type }) {
                throw fail(
                    .notPrepared,
                    "the lake table lacks the column \"\(field.name)\"; run prepare, which adds it"
                )
            }
        }
        if task.template.review == .required, let cursor = columns.cursor, cursor.isCounter {
            throw fail(
                .invalidConfiguration,
                "\"review\": people look at changes, and the counter \"\(cursor.column)\" shows none; name a timestamp as "
                    + "\"cursor\", or null to compare the table"
            )
        }
        guard task.template.write == .append else { return }
        guard let cursor = columns.cursor else {
            throw fail(
                .invalidConfiguration,
                "\"append\" needs a cursor and the source table has none; write \"upsert\""
            )
        }
        let cursors = columns.columns.filter { cursor.columns.contains($0.source.name) }
        if cursors.allSatisfy(\.source.isNullable) {
            throw fail(
                .invalidConfiguration,
                "\"append\" needs a cursor that every row has, and \"\(cursor.name)\" may be null; write \"upsert\""
            )
        }
    }
}
