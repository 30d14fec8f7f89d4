public import ColumnBatches

extension ParquetReader {
    /// The rows of a file, or of some columns, row groups and rows of it, a batch at a time.
    ///
    /// - Throws: `ParquetError` when the file has no such column or row group.
    public func batches(
        columns: [String]? = nil,
        rowGroups: [Int]? = nil,
        rows: [Range<Int>]? = nil,
        batchRows: Int? = nil
    ) throws(ParquetError) -> ParquetBatches {
        try batches(
            ParquetSelection(columns: columns, rowGroups: rowGroups, rows: rows),
            batchRows: batchRows
        )
    }

    /// The rows of a selection, a batch at a time.
    ///
    /// - Throws: `ParquetError` when the file has no such column or row group.
    public func batches(_ selection: ParquetSelection, batchRows: Int? = nil) throws(ParquetError)
        -> ParquetBatches
    {
        var options = options
        if let batchRows { options.batchRows = batchRows }
        let schema = try ParquetDecoder(footer, selection: selection, options: options).schema
        return ParquetBatches(
            schema: schema,
            source: source,
            footer: footer,
            selection: selection,
            options: options
        )
    }
}

/// The rows of a selection of a file, in batches that never span two row groups.
public struct ParquetBatches: AsyncSequence, Sendable {
    /// The columns of the batches.
    public let schema: BatchSchema
    let source: any ParquetSource
    let footer: ParquetFooter
    let selection: ParquetSelection
    let options: ParquetReaderOptions

    /// A batch of no rows.
    var emptyBatch: ColumnBatch {
        ColumnBatch(schema: schema, columns: schema.fields.map { .nulls($0.type, count: 0) }, rowCount: 0)
    }

    /// Begins to read.
    public func makeAsyncIterator() -> Iterator {
        Iterator(source: source, options: options) { () throws(ParquetError) in
            try ParquetDecoder(footer, selection: selection, options: options)
        }
    }

    /// Reads the batches one after the other.
    public struct Iterator: AsyncIteratorProtocol {
        let source: any ParquetSource
        let options: ParquetReaderOptions
        let makeDecoder: () throws(ParquetError) -> ParquetDecoder
        private var decoder: ParquetDecoder?

        init(
            source: any ParquetSource,
            options: ParquetReaderOptions,
            makeDecoder: @escaping () throws(ParquetError) -> ParquetDecoder
        ) {
            self.source = source
            self.options = options
            self.makeDecoder = makeDecoder
        }

        /// The next batch, or nil at the end.
        ///
        /// - Throws: `ParquetError` when the file is damaged, what the source throws, and `CancellationError`.
        public mutating func next() async throws -> ColumnBatch? {
            try Task.checkCancellation()
            let decoder = try decoder ?? makeDecoder()
            self.decoder = decoder
            while true {
                switch try decoder.next() {
                case .end: return nil
                case .batch(let batch): return batch
                case .needs(let ranges):
                    let reads = ReadPlan(ranges, gap: options.coalescedGap).reads
                    let parts = try await source.read(reads)
                    guard parts.count == reads.count else { throw ParquetReader.shortRead(reads[0]) }
                    for (range, bytes) in zip(reads, parts) {
                        guard bytes.count == range.count else { throw ParquetReader.shortRead(range) }
                        decoder.supply(bytes, at: range.lowerBound)
                    }
                }
            }
        }
    }
}
