/// The description of a column chunk in the footer; the format's `ColumnChunk` and `ColumnMetaData`.
struct ChunkMetadata: Sendable {
    var type = PhysicalType.int32
    /// The names from below the root down to the column.
    var path: [String] = []
    var codec = Codec.uncompressed
    var codecNumber = 0
    var encodings: [Encoding] = []
    /// The number of values, missing ones and those of repeated columns included.
    var valueCount = 0
    var uncompressedSize = 0
    var compressedSize = 0
    var dataPageOffset = 0
    var dictionaryPageOffset: Int?
    var nullCount: Int?
    var distinctCount: Int?
    var min: [UInt8]?
    var max: [UInt8]?
    var isMinExact = true
    var isMaxExact = true
    /// Bounds of files from before 2017, whose order is only right for signed numbers.
    var deprecatedMin: [UInt8]?
    var deprecatedMax: [UInt8]?
    /// Data pages by their encoding; the format's `encoding_stats`.
    var pageCounts: [(encoding: Encoding, kind: PageKind, count: Int)] = []
    var keyValues: [KeyValue] = []
    var columnIndex: FileRange?
    var offsetIndex: FileRange?
    /// Where the bloom filter begins; old files do not tell its length.
    var bloomFilterOffset: Int?
    var bloomFilterLength: Int?
    /// The other file that holds the column, where the footer names one.
    var filePath: String?

    /// The path as one text.
    var name: String {
        get { path.joined(separator: ".") }
        set { path = [newValue] }
    }
}

/// A part of a file.
struct FileRange: Sendable, Hashable {
    var offset: Int
    var length: Int
}

/// A row group in the footer; the format's `RowGroup`.
struct RowGroupMetadata: Sendable {
    var chunks: [ChunkMetadata] = []
    var rowCount = 0
    /// The bytes of all columns before compression.
    var byteCount = 0
    var sortingColumns: [SortingColumn] = []
}

/// A column by which the rows of a row group are sorted; the format's `SortingColumn`.
struct SortingColumn: Sendable, Hashable {
    /// The position among the leaves of the schema.
    var column = 0
    var isDescending = false
    var areNullsFirst = false
}
