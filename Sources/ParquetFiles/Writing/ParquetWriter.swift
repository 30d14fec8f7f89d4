public import ColumnBatches

/// Encodes batches as a Parquet file; the bytes go wherever the caller puts them.
///
///     var writer = try ParquetWriter(schema: batch.schema)
///     try writer.append(batch)
///     let summary = try writer.finish()
///     let file = writer.takeOutput()
///
/// Only the compressed pages of the open row group are kept. A writer does no input or output of its own.
public struct ParquetWriter: ~Copyable {
    /// The columns of the file.
    public let schema: BatchSchema
    private let options: ParquetWriterOptions
    private let compressor: ZstdCompressor?
    private let chunks: [ColumnChunkWriter]
    private var pending: [ColumnBuilder]
    private var pendingRows = 0
    private var groupRows = 0
    private var rowGroups: [RowGroupMetadata] = []
    private var output: [UInt8]
    private var offset = 4
    /// The number of rows so far.
    public private(set) var rowCount = 0

    /// Begins a file.
    ///
    /// - Throws: `ParquetError` when there is no memory for a compressor.
    public init(schema: BatchSchema, options: ParquetWriterOptions = ParquetWriterOptions())
        throws(ParquetError)
    {
        let compressor = try Self.makeCompressor(options, for: schema)
        self.schema = schema
        self.options = options
        self.compressor = compressor
        chunks = schema.fields.map { ColumnChunkWriter($0, options: options) }
        pending = schema.fields.map { ColumnBuilder($0.type) }
        output = Array("PAR1".utf8)
    }

    private static func makeCompressor(_ options: ParquetWriterOptions, for schema: BatchSchema)
        throws(ParquetError) -> ZstdCompressor?
    {
        if let nested = schema.fields.first(where: \.type.isNested) {
            throw ParquetError(
                .unsupportedType,
                column: nested.name,
                message: "nested columns are not written yet"
            )
        }
        guard case .zstd(let level) = options.compression else { return nil }
        return try ZstdCompressor(level: level)
    }

    /// The bytes of the file so far, those of the open row group included, without the footer.
    public var byteCount: Int {
        offset + chunks.reduce(0) { $0 + $1.byteCount }
    }

    /// Adds rows.
    ///
    /// - Throws: `ParquetError` when the batch has other columns than the file, or lacks a value that must be there.
    public mutating func append(_ batch: ColumnBatch) throws(ParquetError) {
        guard batch.columns.count == schema.fields.count,
            zip(batch.schema.fields, schema.fields).allSatisfy({ $0.name == $1.name && $0.type == $1.type })
        else {
            throw ParquetError(
                .schemaMismatch,
                message: "the batch has the columns \(batch.schema.names), the file \(schema.names)"
            )
        }
        var row = 0
        while row < batch.rowCount {
            let room = min(options.pageRows - pendingRows, options.rowGroupRows - groupRows - pendingRows)
            let rows = row..<min(row + room, batch.rowCount)
            if pendingRows == 0 && rows.count == room {
                try appendPage(batch.columns, rows)
            } else {
                for index in pending.indices {
                    pending[index].append(contentsOf: batch.columns[index], rows: rows)
                }
                pendingRows += rows.count
                if rows.count == room { try flushPending() }
            }
            row = rows.upperBound
        }
        rowCount += batch.rowCount
    }

    /// Ends the file.
    ///
    /// - Returns: What the file holds.
    public mutating func finish() throws(ParquetError) -> ParquetFileSummary {
        try flushPending()
        try closeRowGroup()
        let footer = FooterWriter(
            schema: schema,
            rowGroups: rowGroups,
            rowCount: rowCount,
            createdBy: options.createdBy
        ).bytes
        output += footer
        offset += footer.count
        return ParquetFileSummary(
            rowCount: rowCount,
            byteCount: offset,
            columns: zip(schema.fields, chunks).map { field, chunk in
                ParquetColumnSummary(
                    name: field.name,
                    nullCount: chunk.fileNullCount,
                    min: chunk.fileBounds.min,
                    max: chunk.fileBounds.max
                )
            }
        )
    }

    /// The bytes that are ready, in the order of the file; each comes once.
    public mutating func takeOutput() -> [UInt8] {
        let ready = output
        output = []
        return ready
    }

    private mutating func flushPending() throws(ParquetError) {
        guard pendingRows > 0 else { return }
        var columns: [Column] = []
        for index in pending.indices { columns.append(pending[index].finish()) }
        let count = pendingRows
        pendingRows = 0
        try appendPage(columns, 0..<count)
    }

    private mutating func appendPage(_ columns: [Column], _ rows: Range<Int>) throws(ParquetError) {
        for (chunk, column) in zip(chunks, columns) { try chunk.append(column, rows: rows, compressor) }
        groupRows += rows.count
        if groupRows >= options.rowGroupRows { try closeRowGroup() }
    }

    private mutating func closeRowGroup() throws(ParquetError) {
        guard groupRows > 0 else { return }
        var group = RowGroupMetadata()
        group.rowCount = groupRows
        for chunk in chunks {
            let (metadata, bytes) = try chunk.finish(at: offset, compressor)
            group.chunks.append(metadata)
            group.byteCount += metadata.uncompressedSize
            output += bytes
            offset += bytes.count
        }
        rowGroups.append(group)
        groupRows = 0
    }
}
