import ColumnBatches
import ParquetFiles
import Testing

/// Writes batches and reads them back.
enum ParquetRoundTrip {
    static func write(_ batches: [ColumnBatch], _ options: ParquetWriterOptions) throws -> (
        file: [UInt8], summary: ParquetFileSummary
    ) {
        var writer = try ParquetWriter(schema: batches[0].schema, options: options)
        var file: [UInt8] = []
        for batch in batches {
            try writer.append(batch)
            file += writer.takeOutput()
        }
        let summary = try writer.finish()
        file += writer.takeOutput()
        return (file, summary)
    }

    static func read(_ file: [UInt8], batchRows: Int = 1000) throws -> [ColumnBatch] {
        let reader = try ParquetReader(blocking: MemoryParquetSource(file))
        var batches = try reader.blockingBatches(columns: nil, batchRows: batchRows)
        var read: [ColumnBatch] = []
        while let batch = try batches.next() { read.append(batch) }
        return read
    }

    /// The first difference between a batch and the rows of others, or nil.
    static func difference(_ batch: ColumnBatch, _ parts: [ColumnBatch]) -> String? {
        var row = 0
        for part in parts {
            guard part.schema == batch.schema else {
                return "the schema is \(part.schema), not \(batch.schema)"
            }
            guard row + part.rowCount <= batch.rowCount else {
                return "there are more than \(batch.rowCount) rows"
            }
            for index in batch.columns.indices {
                for partRow in 0..<part.rowCount
                where !batch.columns[index].isSame(row + partRow, as: part.columns[index], partRow) {
                    let column = batch.columns[index]
                    return "row \(row + partRow) of \(batch.schema.fields[index]):"
                        + " \(part.columns[index][partRow]), not \(column[row + partRow])"
                }
            }
            row += part.rowCount
        }
        return row == batch.rowCount ? nil : "there are \(row) rows, not \(batch.rowCount)"
    }

    /// A batch in pieces of some rows.
    static func cut(_ batch: ColumnBatch, _ rows: Int) -> [ColumnBatch] {
        if batch.rowCount <= rows { return [batch] }
        return stride(from: 0, to: batch.rowCount, by: rows).map { start in
            let range = start..<min(start + rows, batch.rowCount)
            return ColumnBatch(
                schema: batch.schema,
                columns: batch.columns.map { $0.slice(range) },
                rowCount: range.count
            )
        }
    }
}
