public import ColumnBatches

/// Reads a Parquet file, whole or in part.
///
///     let reader = try await ParquetReader.open(source)
///     for try await batch in try reader.batches(columns: ["id", "amount"]) {
///         print(batch.rowCount)
///     }
///
/// Reads every encoding, both page versions, nested columns of all shapes, and the codecs zstd, snappy, gzip and LZ4.
/// What a file can contain ends as rows or as a `ParquetError`, within bounds of memory.
public struct ParquetReader: Sendable {
    /// What the file says about itself.
    public let footer: ParquetFooter
    /// How the file is read.
    public var options = ParquetReaderOptions()
    let source: any ParquetSource

    /// Reads the footer of a file.
    ///
    /// - Throws: `ParquetError` when it is no Parquet file, is damaged, or has a column that is not supported; and what
    ///   the source throws.
    public static func open(_ source: any ParquetSource) async throws -> ParquetReader {
        var range = try FooterTail.guess(fileSize: source.byteCount)
        while true {
            let tail = try await source.read(range)
            guard tail.count == range.count else { throw Self.shortRead(range) }
            switch try FooterTail.find(in: tail[...], fileSize: source.byteCount) {
            case .footer(let bytes):
                return ParquetReader(
                    footer: try ParquetFooter(bytes, fileSize: source.byteCount),
                    source: source
                )
            case .needs(let larger): range = larger
            }
        }
    }

    /// Reads the footer of a file that is there at once.
    ///
    /// - Throws: `ParquetError` when it is no Parquet file, is damaged, or has a column that is not supported.
    public init(blocking source: some BlockingParquetSource) throws(ParquetError) {
        var range = try FooterTail.guess(fileSize: source.byteCount)
        while true {
            let (bytes, start) = try source.readNow(range)
            let window = ByteWindow(bytes: bytes, start: start)
            guard window.start <= range.lowerBound, window.end >= range.upperBound else {
                throw Self.shortRead(range)
            }
            switch try FooterTail.find(in: window.slice(range), fileSize: source.byteCount) {
            case .footer(let bytes):
                self.init(footer: try ParquetFooter(bytes, fileSize: source.byteCount), source: source)
                return
            case .needs(let larger): range = larger
            }
        }
    }

    private init(footer: ParquetFooter, source: any ParquetSource) {
        self.footer = footer
        self.source = source
    }

    static func shortRead(_ range: Range<Int>) -> ParquetError {
        ParquetError(.damaged, message: "the source did not give the bytes \(range)")
    }

    /// The columns of the file.
    public var schema: BatchSchema { footer.schema }

    /// The row groups, in the order of the file.
    public var rowGroups: [ParquetRowGroup] { footer.rowGroups }

    /// The key-value metadata and the program that wrote the file.
    public var metadata: ParquetFileMetadata { footer.metadata }

    /// Reads some columns of a row group, in the order of their names; nil reads all.
    ///
    /// - Throws: `ParquetError` when there is no such column, or its bytes are damaged; and what the source throws.
    public func readRowGroup(_ index: Int, columns names: [String]? = nil) async throws -> ColumnBatch {
        precondition(rowGroups.indices.contains(index), "row group \(index) of \(rowGroups.count)")
        let selection = ParquetSelection(columns: names, rowGroups: [index])
        let batches = try batches(selection, batchRows: max(1, rowGroups[index].rowCount))
        for try await batch in batches { return batch }
        return batches.emptyBatch
    }
}
