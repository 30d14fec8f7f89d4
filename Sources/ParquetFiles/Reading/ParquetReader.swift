public import ColumnBatches

/// Where the bytes of a file come from.
public protocol ParquetSource: Sendable {
    /// The size of the file in bytes.
    var byteCount: Int { get }

    /// Reads exactly the bytes of a range.
    func read(_ range: Range<Int>) async throws -> [UInt8]
}

/// A file in memory.
public struct MemoryParquetSource: ParquetSource {
    private let bytes: [UInt8]

    /// Makes a source of a file's bytes.
    public init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// The size of the file in bytes.
    public var byteCount: Int { bytes.count }

    /// Reads the bytes of a range.
    public func read(_ range: Range<Int>) async throws -> [UInt8] {
        guard range.lowerBound >= 0, range.upperBound <= bytes.count else {
            throw ParquetError(.damaged, message: "the file ends before byte \(range.upperBound)")
        }
        return Array(bytes[range])
    }
}

/// Reads a Parquet file, one row group at a time.
///
///     let reader = try await ParquetReader.open(source)
///     for index in reader.rowGroups.indices {
///         let batch = try await reader.readRowGroup(index, columns: ["id", "amount"])
///     }
///
/// Flat schemas, and the encodings PLAIN, dictionaries, DELTA_BINARY_PACKED and DELTA_LENGTH_BYTE_ARRAY in pages of both
/// versions, uncompressed or with zstd. Anything else is refused by name.
public struct ParquetReader: Sendable {
    /// A row group of the file.
    public struct RowGroup: Sendable, Hashable {
        /// The number of rows.
        public var rowCount: Int
    }

    /// The columns of the file.
    public let schema: BatchSchema
    /// The row groups, in the order of the file.
    public let rowGroups: [RowGroup]
    private let source: any ParquetSource
    private let footer: Footer

    /// Reads the footer of a file.
    ///
    /// - Throws: `ParquetError` when it is no Parquet file, is damaged, or has a column that is not supported.
    public static func open(_ source: any ParquetSource) async throws -> ParquetReader {
        let size = source.byteCount
        guard size >= 12 else { throw ParquetError(.notParquet, message: "the file has only \(size) bytes") }
        let guess = min(size, 64 << 10)
        var tail = try await source.read((size - guess)..<size)
        let magic = Array(tail.suffix(4))
        if magic == Array("PARE".utf8) {
            throw ParquetError(.encrypted, message: "the file is encrypted, which is not supported")
        }
        guard magic == Array("PAR1".utf8) else {
            throw ParquetError(
                .notParquet,
                message: "the file does not end with PAR1; it is not Parquet, or cut short"
            )
        }
        var length = 0
        for index in 0..<4 { length |= Int(tail[tail.count - 8 + index]) << (8 * index) }
        guard length > 0, length <= size - 12 else {
            throw ParquetError(.damaged, message: "the footer is \(length) bytes long in a file of \(size)")
        }
        if length + 8 > tail.count { tail = try await source.read((size - length - 8)..<size) }
        let footer = try Footer(Array(tail[(tail.count - 8 - length)..<(tail.count - 8)]))
        return try ParquetReader(source: source, footer: footer)
    }

    private init(source: any ParquetSource, footer: Footer) throws(ParquetError) {
        var fields: [Field] = []
        for column in footer.columns {
            guard let type = column.type else {
                throw ParquetError(
                    .unsupportedType,
                    column: column.name,
                    message:
                        "the physical type \(column.physical.map { "\($0)" } ?? "group") with these annotations is not supported yet"
                )
            }
            fields.append(Field(column.name, type, isNullable: column.isOptional))
        }
        schema = BatchSchema(fields)
        rowGroups = footer.rowGroups.map { RowGroup(rowCount: $0.rowCount) }
        self.source = source
        self.footer = footer
    }

    /// Reads some columns of a row group, in the order of their names; nil reads all.
    ///
    /// - Throws: `ParquetError` when there is no such column, or its bytes are damaged.
    public func readRowGroup(_ index: Int, columns names: [String]? = nil) async throws -> ColumnBatch {
        precondition(rowGroups.indices.contains(index), "row group \(index) of \(rowGroups.count)")
        let group = footer.rowGroups[index]
        var fields: [Field] = []
        var columns: [Column] = []
        for name in names ?? schema.names {
            guard let position = schema.index(of: name) else {
                throw ParquetError(.schemaMismatch, column: name, message: "the file has no such column")
            }
            try Task.checkCancellation()
            fields.append(schema.fields[position])
            columns.append(try await column(position, of: group))
        }
        return ColumnBatch(schema: BatchSchema(fields), columns: columns, rowCount: group.rowCount)
    }

    private func column(_ position: Int, of group: RowGroupMetadata) async throws -> Column {
        let column = footer.columns[position]
        let chunk = group.chunks[position]
        guard chunk.codec == .uncompressed || chunk.codec == .zstd else {
            throw ParquetError(
                .unsupportedCodec,
                column: column.name,
                message:
                    "the codec \(Codec(rawValue: chunk.codecNumber).map { "\($0)" } ?? "\(chunk.codecNumber)") is not supported yet"
            )
        }
        let start = min(chunk.dictionaryPageOffset ?? chunk.dataPageOffset, chunk.dataPageOffset)
        let (end, overflow) = start.addingReportingOverflow(chunk.compressedSize)
        guard start >= 0, chunk.compressedSize >= 0, !overflow, end <= source.byteCount,
            chunk.type == column.physical
        else {
            throw ParquetError(.damaged, column: column.name, message: "the column lies outside the file")
        }
        let bytes = try await source.read(start..<end)
        let decoder = ChunkDecoder(
            column: column,
            type: schema.fields[position].type,
            chunk: chunk,
            rowCount: group.rowCount
        )
        return try decoder.decode(bytes)
    }
}
