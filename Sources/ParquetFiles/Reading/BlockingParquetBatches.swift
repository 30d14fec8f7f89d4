public import ColumnBatches

extension ParquetReader {
    /// The rows of a file whose source answers at once, a batch at a time, without a task.
    ///
    ///     let reader = try ParquetReader(blocking: LocalParquetFile(path: "orders.parquet"))
    ///     var batches = try reader.blockingBatches(columns: ["id"])
    ///     while let batch = try batches.next() { print(batch.rowCount) }
    ///
    /// - Precondition: the reader was made with `init(blocking:)`, or opened on such a source.
    /// - Throws: `ParquetError` when the file has no such column or row group.
    public func blockingBatches(
        columns: [String]? = nil,
        rowGroups: [Int]? = nil,
        rows: [Range<Int>]? = nil,
        batchRows: Int? = nil
    ) throws(ParquetError) -> BlockingParquetBatches {
        guard let source = source as? any BlockingParquetSource else {
            preconditionFailure("the source of the reader cannot be read without waiting")
        }
        var options = options
        if let batchRows { options.batchRows = batchRows }
        let decoder = try ParquetDecoder(
            footer,
            selection: ParquetSelection(columns: columns, rowGroups: rowGroups, rows: rows),
            options: options
        )
        return BlockingParquetBatches(decoder: decoder, source: source, options: options)
    }
}

/// The rows of a selection of a file, in batches that never span two row groups, read without waiting.
public struct BlockingParquetBatches {
    let decoder: ParquetDecoder
    let source: any BlockingParquetSource
    let options: ParquetReaderOptions

    /// The columns of the batches.
    public var schema: BatchSchema { decoder.schema }

    /// The next batch, or nil at the end.
    ///
    /// - Throws: `ParquetError` when the file is damaged or cannot be read.
    public mutating func next() throws(ParquetError) -> ColumnBatch? {
        while true {
            switch try decoder.next() {
            case .end: return nil
            case .batch(let batch): return batch
            case .needs(let ranges):
                for range in ReadPlan(ranges, gap: options.coalescedGap).reads {
                    let (bytes, start) = try source.readNow(range)
                    guard start <= range.lowerBound, start + bytes.count >= range.upperBound else {
                        throw ParquetReader.shortRead(range)
                    }
                    decoder.supply(bytes, at: start)
                }
            }
        }
    }
}
