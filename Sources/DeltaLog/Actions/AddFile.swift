/// A data file of the table.
public struct AddFile: Sendable, Hashable {
    /// The path as the log writes it: relative to the table, URI-encoded; or an absolute URI.
    public var path: String
    /// The partition's values as text, one for each partition column, under their physical names.
    public var partitionValues: [String: String?]
    /// The size in bytes.
    public var size: Int64
    /// When the file was made, in milliseconds since 1970-01-01T00:00:00Z.
    public var modificationTime: Int64
    /// Whether the file brings rows that were not in the table.
    public var dataChange: Bool
    /// Statistics as JSON text.
    public var stats: String?
    /// Further marks.
    public var tags: [String: String]
    /// Which rows of the file have left the table.
    public var deletionVector: DeletionVectorDescriptor?
    /// The id of the first row, in tables that track rows.
    public var baseRowID: Int64?
    /// The version that the file's rows came with, in tables that track rows.
    public var defaultRowCommitVersion: Int64?
    /// What clustered the file.
    public var clusteringProvider: String?

    /// Makes an action.
    public init(
        path: String,
        partitionValues: [String: String?],
        size: Int64,
        modificationTime: Int64,
        dataChange: Bool = true,
        stats: String? = nil,
        tags: [String: String] = [:],
        deletionVector: DeletionVectorDescriptor? = nil
    ) {
        self.path = path
        self.partitionValues = partitionValues
        self.size = size
        self.modificationTime = modificationTime
        self.dataChange = dataChange
        self.stats = stats
        self.tags = tags
        self.deletionVector = deletionVector
    }

    /// The path, decoded once.
    public var decodedPath: String { PartitionPath.decode(path) }
}
