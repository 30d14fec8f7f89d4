import ColumnBatches

extension ColumnBatch {
    /// The rows but some, which are given by their positions in a file where this batch begins at `start`.
    func without(_ deleted: ArraySlice<UInt64>, from start: Int) -> ColumnBatch {
        guard !deleted.isEmpty else { return self }
        var kept: [Int] = []
        kept.reserveCapacity(rowCount - deleted.count)
        var next = deleted.startIndex
        for row in 0..<rowCount {
            if next < deleted.endIndex, deleted[next] == UInt64(start + row) {
                next += 1
            } else {
                kept.append(row)
            }
        }
        return rows(kept)
    }

    /// Batches of one schema as one.
    static func joining(_ batches: [ColumnBatch], schema: BatchSchema) -> ColumnBatch {
        var columns: [Column] = []
        for (index, field) in schema.fields.enumerated() {
            var builder = ColumnBuilder(field.type)
            for batch in batches {
                builder.append(contentsOf: batch.columns[index], rows: 0..<batch.rowCount)
            }
            columns.append(builder.finish())
        }
        return ColumnBatch(schema: schema, columns: columns, rowCount: batches.reduce(0) { $0 + $1.rowCount })
    }
}
