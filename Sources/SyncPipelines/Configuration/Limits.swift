/// How many tasks run, how often they are tried, and what they may take.
public struct Limits: Sendable, Hashable {
    /// The most tasks at once; each holds one connection while it reads.
    public var tasks: Int
    /// The most tasks at once in one region.
    public var tasksPerRegion: Int
    /// The most tasks at once on one server, whatever connections lead to it.
    public var tasksPerHost: Int
    /// How often a task is tried before it counts as failed.
    public var attempts: Int
    /// How long after its beginning a task may be tried again.
    public var retryTime: Duration = .seconds(600)
    /// How long a task may take with all its attempts; nil for no limit.
    public var taskTime: Duration?
    /// The bytes of changes that a task collects before it merges them.
    public var changeBytesPerTask: Int
    /// The bytes that all tasks together may take, those included that wait for their commit.
    public var memoryBytes: Int
    /// A task that is expected to read as many rows is large: small ones go first.
    public var largeTaskRows: Int
    /// The most rows of a chunk: a first load of at least two chunks is committed chunk by chunk.
    public var chunkRows = 250_000
    /// The most connections that read one table during such a load.
    public var loadConnections = 2
    /// How far a replica may lag before such a load waits for it.
    public var replicaLag = Duration.seconds(60)
    /// The tasks of one table whose commits become one version.
    public var commitGroup: Int
    /// How long the first task of a group waits for others.
    public var commitPatience: Duration
    /// How long a lease on a partition lasts unless it is renewed; zero goes without leases.
    public var leaseDuration: Duration

    /// The bytes of files that a run may write anew at its end, to keep each table that it changed small; zero for none.
    public var upkeepBytes = 64 << 20

    /// What a task takes beside its changes: a batch, the pages of a row group, a footer.
    static let overheadBytes = 24 << 20

    /// Makes limits; what a region or a host may take is what all may take, unless said otherwise.
    public init(
        tasks: Int = 4,
        tasksPerRegion: Int? = nil,
        tasksPerHost: Int? = nil,
        attempts: Int = 4,
        changeBytesPerTask: Int = 64 << 20,
        memoryBytes: Int = 1 << 30,
        largeTaskRows: Int = 500_000,
        commitGroup: Int = 16,
        commitPatience: Duration = .seconds(5),
        leaseDuration: Duration = .seconds(30)
    ) {
        self.tasks = tasks
        self.tasksPerRegion = tasksPerRegion ?? tasks
        self.tasksPerHost = tasksPerHost ?? tasks
        self.attempts = attempts
        self.changeBytesPerTask = changeBytesPerTask
        self.memoryBytes = memoryBytes
        self.largeTaskRows = largeTaskRows
        self.commitGroup = commitGroup
        self.commitPatience = commitPatience
        self.leaseDuration = leaseDuration
    }

    /// The changes that a task may collect: less than it was given where the memory of all would not do.
    var sliceBytes: Int {
        min(changeBytesPerTask, max(1 << 20, memoryBytes - Self.overheadBytes))
    }

    /// What is set aside for a task that starts.
    var reservedBytes: Int { sliceBytes + Self.overheadBytes }

    /// Whether a first load of as many rows is committed chunk by chunk.
    func isChunked(_ expectedRows: Int?) -> Bool { (expectedRows ?? 0) / 2 >= chunkRows }

    /// The least chunks of a first load of as many rows; nil where it is one commit.
    func leastChunks(_ expectedRows: Int?) -> Int? {
        guard let expectedRows, isChunked(expectedRows) else { return nil }
        return (expectedRows + chunkRows - 1) / chunkRows
    }

    /// The connections that read a table during such a load: with the one that looks after the server, no more than that
    /// takes of all tasks.
    var readers: Int { max(1, min(loadConnections, tasksPerHost - 1)) }

    /// The connections that a task takes of its server, by the rows that it is expected to read.
    func connections(_ expectedRows: Int?) -> Int {
        isChunked(expectedRows) ? max(1, min(readers + 1, tasksPerHost)) : 1
    }

    /// From how many rows on a task has to say so before it reads them.
    var announcedRows: Int { min(largeTaskRows, 2 * chunkRows) }

    /// Whether a task that reads as many rows is large.
    func isLarge(_ expectedRows: Int?) -> Bool { (expectedRows ?? 0) >= largeTaskRows }
}
