/// Where the deletion vector of a file is; the protocol's section "Deletion Vectors".
public struct DeletionVectorDescriptor: Sendable, Hashable {
    /// `u` for a file named by a UUID below the table, `p` for an absolute path, `i` for a vector within the log.
    public var storageType: String
    /// The encoded UUID after an optional prefix, the path, or the encoded vector.
    public var pathOrInlineDV: String
    /// Where in the file the vector begins.
    public var offset: Int32?
    /// The bytes of the vector, its length and checksum aside.
    public var sizeInBytes: Int32
    /// The number of rows that have left.
    public var cardinality: Int64
    /// The greatest row that has left, where the writer says so.
    public var maxRowIndex: Int64?

    /// Makes a descriptor.
    public init(
        storageType: String,
        pathOrInlineDV: String,
        offset: Int32? = nil,
        sizeInBytes: Int32,
        cardinality: Int64,
        maxRowIndex: Int64? = nil
    ) {
        self.storageType = storageType
        self.pathOrInlineDV = pathOrInlineDV
        self.offset = offset
        self.sizeInBytes = sizeInBytes
        self.cardinality = cardinality
        self.maxRowIndex = maxRowIndex
    }

    /// The part of a logical file's key that tells its states apart.
    public var uniqueID: String {
        storageType + pathOrInlineDV + (offset.map { "@\($0)" } ?? "")
    }
}
