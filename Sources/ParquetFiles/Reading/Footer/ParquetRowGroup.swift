public import ColumnBatches

/// A row group of a file.
public struct ParquetRowGroup: Sendable {
    private let group: RowGroupMetadata
    private let tree: SchemaTree
    private let orders: [ColumnOrder]

    init(_ group: RowGroupMetadata, tree: SchemaTree, orders: [ColumnOrder]) {
        self.group = group
        self.tree = tree
        self.orders = orders
    }

    /// The number of rows.
    public var rowCount: Int { group.rowCount }

    /// The bytes of all columns before compression.
    public var byteCount: Int { group.byteCount }

    /// The chunk of each leaf of the schema, in its order.
    public var chunks: [ParquetColumnChunk] { tree.leaves.map { chunk($0) } }

    /// The chunk of a column by its path, the names joined by points.
    public func chunk(_ name: String) -> ParquetColumnChunk? {
        tree.leaves.first { $0.name == name }.map { chunk($0) }
    }

    private func chunk(_ leaf: LeafColumn) -> ParquetColumnChunk {
        let order = leaf.index < orders.count ? orders[leaf.index] : nil
        return ParquetColumnChunk(group.chunks[leaf.index], leaf, order)
    }

    /// By which columns the writer says that the rows are sorted.
    public var sortingColumns: [ParquetSortingColumn] {
        group.sortingColumns.compactMap { sorting in
            guard tree.leaves.indices.contains(sorting.column) else { return nil }
            return ParquetSortingColumn(
                path: tree.leaves[sorting.column].path,
                isDescending: sorting.isDescending,
                areNullsFirst: sorting.areNullsFirst
            )
        }
    }
}

/// A column that orders the rows of a row group.
public struct ParquetSortingColumn: Sendable, Hashable {
    /// The names from the top down to the column.
    public var path: [String]
    /// Whether greater values come first.
    public var isDescending: Bool
    /// Whether missing values come first.
    public var areNullsFirst: Bool
}

/// The values of one column in one row group.
public struct ParquetColumnChunk: Sendable, Hashable {
    /// The names from the top down to the column.
    public var path: [String]
    /// The type of the values.
    public var type: ColumnType
    /// The codec's name, such as `zstd`.
    public var codec: String
    /// The encodings' names, of levels too.
    public var encodings: [String]
    /// The number of values, missing ones included.
    public var valueCount: Int
    /// The bytes in the file.
    public var compressedSize: Int
    /// The bytes before compression.
    public var uncompressedSize: Int
    /// What the writer says about the values.
    public var statistics: ParquetStatistics
    /// Whether the file has an index of the chunk's pages.
    public var hasPageIndex: Bool
    /// Whether the file has a bloom filter of the chunk.
    public var hasBloomFilter: Bool

    init(_ chunk: ChunkMetadata, _ leaf: LeafColumn, _ order: ColumnOrder?) {
        path = leaf.path
        type = leaf.type
        codec = Codec(rawValue: chunk.codecNumber).map { "\($0)" } ?? "codec \(chunk.codecNumber)"
        encodings = chunk.encodings.map { "\($0)" }
        valueCount = chunk.valueCount
        compressedSize = chunk.compressedSize
        uncompressedSize = chunk.uncompressedSize
        statistics = ParquetStatistics(chunk, leaf, order)
        hasPageIndex = chunk.offsetIndex != nil
        hasBloomFilter = chunk.bloomFilterOffset != nil
    }

    /// The path as one text.
    public var name: String { path.joined(separator: ".") }
}
