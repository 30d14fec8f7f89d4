/// A data file that has left the table.
public struct RemoveFile: Sendable, Hashable {
    /// The path as the log wrote it when the file was added.
    public var path: String
    /// When it was removed, in milliseconds since 1970-01-01T00:00:00Z.
    public var deletionTimestamp: Int64?
    /// Whether rows left with the file.
    public var dataChange: Bool
    /// The partition's values, where known.
    public var partitionValues: [String: String?]?
    /// The size in bytes, where known.
    public var size: Int64?
    /// The deletion vector that the file had.
    public var deletionVector: DeletionVectorDescriptor?
    /// The id of the first row, in tables that track rows.
    public var baseRowID: Int64?
    /// The version that the file's rows came with, in tables that track rows.
    public var defaultRowCommitVersion: Int64?

    /// The removal of a file.
    public init(_ file: AddFile, deletionTimestamp: Int64, dataChange: Bool = true) {
        self.init(
            path: file.path,
            deletionTimestamp: deletionTimestamp,
            dataChange: dataChange,
            partitionValues: file.partitionValues,
            size: file.size,
            deletionVector: file.deletionVector
        )
        baseRowID = file.baseRowID
        defaultRowCommitVersion = file.defaultRowCommitVersion
    }

    /// Makes an action.
    public init(
        path: String,
        deletionTimestamp: Int64?,
        dataChange: Bool,
        partitionValues: [String: String?]? = nil,
        size: Int64? = nil,
        deletionVector: DeletionVectorDescriptor? = nil
    ) {
        self.path = path
        self.deletionTimestamp = deletionTimestamp
        self.dataChange = dataChange
        self.partitionValues = partitionValues
        self.size = size
        self.deletionVector = deletionVector
    }
}
