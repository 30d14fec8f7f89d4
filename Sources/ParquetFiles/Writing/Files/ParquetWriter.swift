public import ColumnBatches

/// Encodes batches as a Parquet file; the bytes go wherever the caller puts them.
///
///     var writer = try ParquetWriter(schema: batch.schema)
///     try writer.append(batch)
///     let summary = try writer.finish()
///     let file = writer.takeOutput()
///
/// Only the compressed pages of the open row group are kept. A writer does no input or output of its own;
/// ``ParquetFileWriter`` writes to a local file.
public struct ParquetWriter: ~Copyable {
    /// The columns of the file.
    public let schema: BatchSchema
    let options: ParquetWriterOptions
    let chunks: [ChunkEncoder]
    let workspaces: [EncodingWorkspace]
    private var pending: PendingRows
    private var sorting: SortingCheck
    private(set) var groupRows = 0
    /// What a thread does while others encode the next rows; done once.
    var alongside: (@Sendable () -> ParquetError?)?
    var file: FileAssembly
    /// The number of rows so far.
    public private(set) var rowCount = 0

    /// Begins a file.
    ///
    /// - Throws: `ParquetError` when an option does not fit a column, or names one that is not there.
    public init(schema: BatchSchema, options: ParquetWriterOptions = ParquetWriterOptions())
        throws(ParquetError)
    {
        try self.init(schema: schema, options: options, expecting: ParquetLayout())
    }

    /// Begins a file of which is known how others of like rows are laid out.
    ///
    /// - Throws: `ParquetError` when an option does not fit a column, or names one that is not there.
    package init(schema: BatchSchema, options: ParquetWriterOptions, expecting layout: ParquetLayout)
        throws(ParquetError)
    {
        let parts = try Self.parts(schema, options, layout)
        self.schema = schema
        self.options = options
        chunks = parts.chunks
        workspaces = (0..<max(1, min(options.threads, max(parts.chunks.count, 1)))).map { _ in
            EncodingWorkspace()
        }
        pending = PendingRows(schema)
        sorting = parts.sorting
        file = FileAssembly(schema: SchemaElement.elements(of: schema, options), options: options)
    }

    private static func parts(
        _ schema: BatchSchema,
        _ options: ParquetWriterOptions,
        _ layout: ParquetLayout
    ) throws(ParquetError) -> (chunks: [ChunkEncoder], sorting: SortingCheck) {
        precondition(
            options.pageRows > 0 && options.rowGroupRows > 0,
            "pages and row groups need room for rows"
        )
        let leaves = WriterLeaf.leaves(of: schema)
        let paths = Set(SchemaPaths.all(of: schema))
        if let unknown = options.columns.keys.filter({ !paths.contains($0) }).min(by: { "\($0)" < "\($1)" }) {
            throw ParquetError(
                .schemaMismatch,
                column: unknown.joined(separator: "."),
                message: "options are set for a column that is not there"
            )
        }
        var chunks: [ChunkEncoder] = []
        for leaf in leaves {
            chunks.append(try ChunkEncoder(leaf, options: options, expected: layout.columns[leaf.path]))
        }
        return (chunks, try SortingCheck(options.sortingColumns, schema, leaves))
    }

    /// How the columns are laid out, as far as rows enough were seen to tell.
    package var layout: ParquetLayout { ParquetLayout(chunks) }

    /// The bytes of the file so far, those of the open row group included, without the footer.
    public var byteCount: Int { file.offset + openByteCount }

    private var openByteCount: Int { chunks.reduce(0) { $0 + $1.byteCount } }

    /// Adds rows.
    ///
    /// Rows that fill a page are encoded at once, others wait for more. A batch of many pages is encoded column by column,
    /// by as many threads as the options say.
    ///
    /// - Throws: `ParquetError` when the batch has other columns than the file, or lacks a value that must be there.
    public mutating func append(_ batch: ColumnBatch) throws(ParquetError) {
        var row = 0
        while row < batch.rowCount { try append(batch, from: &row) }
    }

    /// Adds the rows of a batch from one on, until a row group is closed or there is no more; then `row` is the next one.
    mutating func append(_ batch: ColumnBatch, from row: inout Int) throws(ParquetError) {
        guard batch.columns.count == schema.fields.count,
            zip(batch.schema.fields, schema.fields).allSatisfy({ $0.name == $1.name && $0.type == $1.type })
        else {
            throw ParquetError(
                .schemaMismatch,
                message: "the batch has the columns \(batch.schema.names), the file \(schema.names)"
            )
        }
        let rowBytes = max(1, batch.byteCount / max(batch.rowCount, 1))
        let first = row
        defer { rowCount += row - first }
        let groups = file.rowGroupCount
        while row < batch.rowCount && file.rowGroupCount == groups {
            let left = batch.rowCount - row
            let whole = pending.rowCount == 0 ? wholePages(of: left, rowBytes: rowBytes) : 0
            if whole > 0 {
                try encode(batch.columns, row..<(row + whole))
                row += whole
            } else {
                let room = min(options.pageRows, options.rowGroupRows - groupRows) - pending.rowCount
                let taken = min(room, left)
                pending.append(batch.columns, row..<(row + taken))
                row += taken
                if taken == room { try flushPending() }
            }
        }
    }

    /// The rows that can be encoded as whole pages of this row group, of so many.
    private func wholePages(of rows: Int, rowBytes: Int) -> Int {
        let room = options.rowGroupRows - groupRows
        if rows >= room && room <= options.pageRows { return room }
        // No more than may fill the row group by its bytes, so that its size is looked at in time.
        let byBytes = max(options.rowGroupBytes - openByteCount, 0) / rowBytes
        let pages = min(rows, room, max(byBytes, options.pageRows)) / options.pageRows * options.pageRows
        return rows >= room && byBytes >= room ? room : pages
    }

    /// Ends the open row group; what follows goes into a new one.
    public mutating func closeRowGroup() throws(ParquetError) {
        try flushPending()
        try finishRowGroup()
    }

    /// Ends the file.
    ///
    /// - Returns: What the file holds.
    public mutating func finish() throws(ParquetError) -> ParquetFileSummary {
        try closeRowGroup()
        file.finish()
        return ParquetFileSummary(
            rowCount: rowCount,
            byteCount: file.offset,
            columns: chunks.map { chunk in
                let bounds = chunk.fileBounds?.values(chunk.leaf.type)
                return ParquetColumnSummary(
                    path: chunk.leaf.path,
                    nullCount: chunk.fileNullCount,
                    min: bounds?.min,
                    max: bounds?.max
                )
            }
        )
    }

    /// Begins another file of the same columns, once the one before is finished and its bytes are taken.
    ///
    /// How columns are laid out goes on as the file before ended, as it does from row group to row group.
    public mutating func beginFile() {
        precondition(groupRows == 0 && pending.rowCount == 0, "the file before is not finished")
        for chunk in chunks { chunk.beginFile() }
        file = FileAssembly(schema: SchemaElement.elements(of: schema, options), options: options)
        rowCount = 0
    }

    /// The bytes that are ready, in the order of the file; each comes once.
    public mutating func takeOutput() -> [UInt8] {
        let parts = file.takeOutput()
        if parts.count == 1 { return Array(parts[0]) }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(parts.reduce(0) { $0 + $1.count })
        for part in parts { bytes += part }
        return bytes
    }

    /// The bytes that are ready, in the order of the file, in parts of some kilobytes to megabytes; each comes once.
    ///
    /// Spares the copy that ``takeOutput()`` makes.
    public mutating func takeParts() -> [[UInt8]] { file.takeOutput().map { Array($0) } }

    private mutating func flushPending() throws(ParquetError) {
        guard pending.rowCount > 0 else { return }
        let rows = pending.rowCount
        let columns = pending.take()
        try encode(columns, 0..<rows)
    }

    private mutating func encode(_ columns: [Column], _ rows: Range<Int>) throws(ParquetError) {
        sorting.include(columns, rows)
        let alongside = self.alongside
        self.alongside = nil
        try ColumnWork.encode(chunks, columns, rows, workspaces, alongside: alongside)
        groupRows += rows.count
        if groupRows >= options.rowGroupRows || openByteCount >= options.rowGroupBytes {
            try finishRowGroup()
        }
    }

    private mutating func finishRowGroup() throws(ParquetError) {
        guard groupRows > 0 else { return }
        var finished: [FinishedChunk] = []
        finished.reserveCapacity(chunks.count)
        for chunk in chunks { finished.append(try chunk.finish(workspaces[0])) }
        file.append(finished, rowCount: groupRows, sorting: sorting.takeHolding())
        groupRows = 0
    }

    /// Counts rows that were copied.
    mutating func count(copied rows: Int) { rowCount += rows }
}
