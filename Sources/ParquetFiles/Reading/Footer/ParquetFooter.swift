public import ColumnBatches

/// What a file says about itself.
public struct ParquetFooter: Sendable {
    /// The columns of the file.
    public let schema: BatchSchema
    /// The row groups, in the order of the file.
    public let rowGroups: [ParquetRowGroup]
    /// The key-value metadata, created_by and the version.
    public let metadata: ParquetFileMetadata
    let file: FileMetadata
    let tree: SchemaTree
    let fileSize: Int

    /// Reads a footer: the bytes before the last eight of a file.
    ///
    /// - Throws: `ParquetError` when it is damaged, encrypted, or has a column that is not supported.
    init(_ bytes: [UInt8], fileSize: Int) throws(ParquetError) {
        let file = try FileMetadata(bytes)
        let tree = try SchemaTree(file.schema)
        for (index, group) in file.rowGroups.enumerated() where group.chunks.count != tree.leaves.count {
            throw ParquetError(
                .damaged,
                rowGroup: index,
                message: "the row group has \(group.chunks.count) columns instead of \(tree.leaves.count)"
            )
        }
        self.file = file
        self.tree = tree
        self.fileSize = fileSize
        schema = BatchSchema(tree.nodes.map(\.field))
        rowGroups = file.rowGroups.map { ParquetRowGroup($0, tree: tree, orders: file.columnOrders) }
        metadata = ParquetFileMetadata(
            version: file.version,
            createdBy: file.createdBy,
            keyValues: file.keyValues.map { .init(key: $0.key, value: $0.value) }
        )
    }

    /// The number of rows; the row groups are believed, as some files are wrong about the sum.
    public var rowCount: Int { rowGroups.reduce(0) { $0 + $1.rowCount } }
}

/// What a file says about itself as a whole.
public struct ParquetFileMetadata: Sendable, Hashable {
    /// The version of the format that the writer claims.
    public var version: Int
    /// The program that wrote the file.
    public var createdBy: String?
    /// Pairs that the writer left for others, in their order.
    public var keyValues: [Pair]

    /// A key with or without a value.
    public struct Pair: Sendable, Hashable {
        /// The key.
        public var key: String
        /// The value.
        public var value: String?
    }

    /// The first value of a key.
    public subscript(key: String) -> String? { keyValues.first { $0.key == key }?.value }
}
