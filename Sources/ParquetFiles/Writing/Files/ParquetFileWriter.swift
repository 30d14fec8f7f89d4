public import ColumnBatches

/// Writes a Parquet file to the local disk.
///
///     var writer = try ParquetFileWriter(path: "orders.parquet", schema: batch.schema)
///     try writer.append(batch)
///     let summary = try writer.finish()
///
/// A file that is not finished, because of an error or because the writer is given up, is removed.
public struct ParquetFileWriter: ~Copyable {
    private var writer: ParquetWriter
    private let file: OutputFile

    /// Begins a file; one of the same name is replaced.
    ///
    /// - Throws: `ParquetError` when the file cannot be made, or an option does not fit a column.
    public init(path: String, schema: BatchSchema, options: ParquetWriterOptions = ParquetWriterOptions())
        throws(ParquetError)
    {
        let writer = try ParquetWriter(schema: schema, options: options)
        let file = try OutputFile(path: path)
        self.writer = writer
        self.file = file
    }

    /// The number of rows so far.
    public var rowCount: Int { writer.rowCount }

    /// The bytes of the file so far, those of the open row group included, without the footer.
    public var byteCount: Int { writer.byteCount }

    /// Adds rows.
    ///
    /// - Throws: `ParquetError` when the batch does not fit the file, or it cannot be written.
    public mutating func append(_ batch: ColumnBatch) throws(ParquetError) {
        // A row group at a time, so that no more than one waits to be written: by one of the threads that encode the next.
        var row = 0
        while row < batch.rowCount {
            try writer.append(batch, from: &row)
            try flush()
            let ready = writer.file.takeOutput()
            writer.alongside = { [file] in
                do throws(ParquetError) {
                    try file.write(ready)
                    return nil
                } catch {
                    return error
                }
            }
        }
        try flush()
    }

    /// Writes what no thread wrote meanwhile.
    private mutating func flush() throws(ParquetError) {
        let error = writer.alongside?()
        writer.alongside = nil
        if let error { throw error }
    }

    /// Ends the open row group; what follows goes into a new one.
    public mutating func closeRowGroup() throws(ParquetError) {
        try writer.closeRowGroup()
        try file.write(writer.file.takeOutput())
    }

    /// Copies a row group of another file behind what was written so far; see ``ParquetWriter``.
    ///
    /// - Throws: `ParquetError` when the file's schema is another one, or this one cannot be written; and what the source
    ///   throws.
    public mutating func appendRowGroup(copying index: Int, from reader: ParquetReader) async throws {
        try await writer.appendRowGroup(copying: index, from: reader)
        try file.write(writer.file.takeOutput())
    }

    /// The same from a file that is there at once.
    ///
    /// - Precondition: the reader was made of a `BlockingParquetSource`.
    /// - Throws: `ParquetError`, as the other one does.
    public mutating func appendRowGroup(copyingNow index: Int, from reader: ParquetReader)
        throws(ParquetError)
    {
        try writer.appendRowGroup(copyingNow: index, from: reader) { [file] parts throws(ParquetError) in
            try file.write(parts.takeOutput())
        }
        try file.write(writer.file.takeOutput())
    }

    /// Ends the file.
    ///
    /// - Returns: What the file holds.
    public consuming func finish() throws(ParquetError) -> ParquetFileSummary {
        let summary = try writer.finish()
        try file.write(writer.file.takeOutput())
        try file.finish()
        return summary
    }
}
