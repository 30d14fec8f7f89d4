public import ObjectStores

/// Reads and writes the Parquet files of checkpoints, which this module leaves to others.
public protocol CheckpointCodec: Sendable {
    /// Reads a checkpoint, a part of one, or a sidecar.
    ///
    /// - Parameters:
    ///   - path: The object's path in the store.
    ///   - store: The store.
    ///   - content: What of it is wanted.
    /// - Returns: The actions, and the files that join the table.
    /// - Throws: An error that says what is damaged.
    func read(_ path: String, in store: any ObjectStore, content: CheckpointContent) async throws
        -> CheckpointPart

    /// Writes a checkpoint or a sidecar.
    ///
    /// - Parameters:
    ///   - actions: What the file holds, a piece at a time.
    ///   - path: The object's path in the store.
    ///   - store: The store.
    ///   - layout: Which forms of statistics and partition values the file has.
    /// - Returns: The size of the file in bytes.
    /// - Throws: Errors of the store.
    func write(
        _ actions: CheckpointActions,
        to path: String,
        in store: any ObjectStore,
        layout: CheckpointLayout
    ) async throws -> Int64
}

/// What of a checkpoint is wanted.
public enum CheckpointContent: Sendable, Hashable {
    /// Everything but the removes, with statistics that are read when they are asked for.
    case state
    /// The removes.
    case tombstones
}

/// The statistics of the files of a checkpoint, read when they are asked for.
public protocol CheckpointStatistics: Sendable {
    /// The statistics of a row as text, or nil when there are none, or they cannot be read.
    func text(row: Int) -> String?
}

/// The content of a checkpoint file.
public struct CheckpointPart: Sendable {
    /// All actions but adds, the removes if asked for.
    public var actions: [Action] = []
    /// The files that join the table.
    public var files = CheckpointFiles()

    /// Makes an empty part.
    public init() {}
}

/// Files that join a table, a value of each in every list.
public struct CheckpointFiles: Sendable {
    /// The bytes of the paths, one after the other.
    public var pathBytes: [UInt8] = []
    /// Where each path ends in the bytes.
    public var pathEnds: [Int] = []
    /// The sizes in bytes.
    public var sizes: [Int64] = []
    /// When the files were made.
    public var modificationTimes: [Int64] = []
    /// The distinct partitions.
    public var partitions: [[String: String?]] = []
    /// The position of each file's partition.
    public var partitionIndices: [Int] = []
    /// The row of each file in the source of statistics.
    public var statisticsRows: [Int] = []
    /// The source of statistics.
    public var statistics: (any CheckpointStatistics)?
    /// Files that have more than the lists tell, by their position.
    public var others: [Int: AddFile] = [:]

    /// Makes empty lists.
    public init() {}

    /// The number of files.
    public var count: Int { pathEnds.count }
}

/// Which forms of statistics and partition values a checkpoint has.
public struct CheckpointLayout: Sendable, Hashable {
    /// Statistics as JSON text.
    public var writesStatsAsJSON = true
    /// The schema of statistics as columns; nil writes none.
    public var statsSchema: StructType?
    /// The partition columns with their types; nil writes no typed values.
    public var partitionSchema: StructType?
    /// Whether the file is a sidecar, with adds and removes alone.
    public var isSidecar = false

    /// Makes the layout of statistics as text alone.
    public init() {}
}

/// The actions of a checkpoint, a piece at a time.
public struct CheckpointActions: Sendable {
    private let produce: @Sendable (_ piece: ([Action]) async throws -> Void) async throws -> Void

    /// Makes actions of what produces them.
    public init(
        _ produce: @escaping @Sendable (_ piece: ([Action]) async throws -> Void) async throws -> Void
    ) {
        self.produce = produce
    }

    /// Calls with each piece in turn.
    public func forEachPiece(_ body: ([Action]) async throws -> Void) async throws { try await produce(body) }
}
