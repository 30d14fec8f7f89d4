/// A live file in compact form: numbers, and where its texts are.
struct FileEntry: Sendable {
    /// Which piece of the segment's bytes holds the path and, right after it, the statistics.
    var chunk: UInt32
    var offset: UInt32
    var pathLength: UInt32
    /// The length of the statistics; `noStatistics` for a file without.
    var statsLength: UInt32
    /// The partition's position in the segment.
    var partition: UInt32
    /// The position of rare parts in the segment, or -1.
    var extras: Int32
    var size: Int64
    var modificationTime: Int64
    /// Which source has the statistics of a file of a checkpoint, or -1, and in which row.
    var statsSource: Int32
    var statsRow: Int32

    static let noStatistics = UInt32.max
}

/// The parts of an add that few files have.
struct FileExtras: Sendable {
    var tags: [String: String] = [:]
    var deletionVector: DeletionVectorDescriptor?
    var baseRowID: Int64?
    var defaultRowCommitVersion: Int64?
    var clusteringProvider: String?

    var isEmpty: Bool {
        tags.isEmpty && deletionVector == nil && baseRowID == nil && defaultRowCommitVersion == nil
            && clusteringProvider == nil
    }

    init() {}

    init(_ file: AddFile) {
        tags = file.tags
        deletionVector = file.deletionVector
        baseRowID = file.baseRowID
        defaultRowCommitVersion = file.defaultRowCommitVersion
        clusteringProvider = file.clusteringProvider
    }
}
