/// The state of a table at a version.
public struct Snapshot: Sendable {
    /// The table's path in its store.
    public let table: String
    /// The version.
    public private(set) var version: TableVersion
    /// What readers and writers must be able to do.
    public private(set) var `protocol`: TableProtocol
    /// The table's schema, partition columns and settings.
    public private(set) var metadata: TableMetadata
    /// The schema.
    public private(set) var schema: StructType
    /// How far each application has come, by its id.
    public private(set) var transactions: [String: ApplicationTransaction]
    /// When the version was made, in milliseconds since 1970-01-01T00:00:00Z, where its commit says so.
    public private(set) var timestamp: Int64?
    private var filesByPath: [String: AddFile]

    /// The files of the table, in byte order of their paths.
    public var files: [AddFile] {
        filesByPath.values.sorted { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }
    }

    /// The number of files.
    public var fileCount: Int { filesByPath.count }

    /// The files of the partitions whose values are these, in byte order of their paths.
    public func files(inPartition values: [String: String?]) -> [AddFile] {
        filesByPath.values.filter { $0.isIn(values) }.sorted {
            $0.path.utf8.lexicographicallyPrecedes($1.path.utf8)
        }
    }

    /// How far an application has come, or nil when it never wrote.
    public func transactionVersion(_ appID: String) -> Int64? {
        transactions[appID]?.version
    }

    /// Replays the commits of a table from its first.
    init(table: String, commits: [Commit]) throws(DeltaLogError) {
        var latestProtocol: TableProtocol?
        var latestMetadata: TableMetadata?
        for commit in commits {
            for action in commit.actions {
                if case .protocol(let value) = action { latestProtocol = value }
                if case .metadata(let value) = action { latestMetadata = value }
            }
        }
        guard let last = commits.last, let latestProtocol, let latestMetadata else {
            throw DeltaLogError(
                .notATable,
                table: table,
                message: "the log has no protocol or no metaData; it is not the whole log of a table"
            )
        }
        try latestProtocol.checkReadable(table: table)
        try latestMetadata.checkReadable(table: table)
        self.table = table
        version = last.version
        self.protocol = latestProtocol
        metadata = latestMetadata
        schema = try StructType(json: latestMetadata.schemaString)
        transactions = [:]
        filesByPath = [:]
        for commit in commits { apply(commit) }
    }

    /// The state after one more commit.
    func applying(_ commit: Commit) throws(DeltaLogError) -> Snapshot {
        var next = self
        for action in commit.actions {
            if case .protocol(let value) = action {
                try value.checkReadable(table: table)
                next.protocol = value
            }
            if case .metadata(let value) = action {
                try value.checkReadable(table: table)
                next.metadata = value
                next.schema = try StructType(json: value.schemaString)
            }
        }
        next.version = commit.version
        next.apply(commit)
        return next
    }

    /// Files and transactions; removals first, so that a file that is removed and added again is there.
    private mutating func apply(_ commit: Commit) {
        for case .remove(let file) in commit.actions { filesByPath[PartitionPath.canonical(file.path)] = nil }
        for case .add(let file) in commit.actions { filesByPath[PartitionPath.canonical(file.path)] = file }
        for case .transaction(let transaction) in commit.actions {
            transactions[transaction.appID] = transaction
        }
        timestamp = commit.info?.timestamp
    }
}

extension AddFile {
    /// Whether the file lies in the partition; values that are not named may be any.
    func isIn(_ values: [String: String?]) -> Bool {
        for (column, wanted) in values {
            let value = (partitionValues[column] ?? nil).flatMap { $0.isEmpty ? nil : $0 }
            guard value == wanted.flatMap({ $0.isEmpty ? nil : $0 }) else { return false }
        }
        return true
    }
}
