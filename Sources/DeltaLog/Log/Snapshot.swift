/// The state of a table at a version.
///
/// A snapshot is a value: commits make new ones, which share with the old what they have in common.
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
    /// Settings of features and applications, by their domain.
    public private(set) var domains: [String: DomainMetadata]
    /// When the version was made, in milliseconds since 1970-01-01T00:00:00Z, where its commit says so.
    public private(set) var timestamp: Int64?
    private(set) var fileSet: FileSet
    /// Whether versions have checksums, so that the next one gets one too.
    private(set) var hasChecksums = false
    /// When the log was last seen to have nothing newer, or was listed.
    private(set) var checkedAt = ContinuousClock().now

    /// The files of the table, in byte order of their paths.
    public var files: [AddFile] { fileSet.files() }

    /// The number of files.
    public var fileCount: Int { fileSet.count }

    /// The size of all files in bytes.
    public var byteCount: Int64 { fileSet.byteCount }

    /// The files of the partitions whose values are these, in byte order of their paths.
    public func files(inPartition values: [String: String?]) -> [AddFile] {
        fileSet.files(inPartition: stored(values))
    }

    /// The files of a partition as actions name it: by the columns' names in files.
    package func files(inStoredPartition values: [String: String?]) -> [AddFile] {
        fileSet.files(inPartition: values)
    }

    /// Partition values under the names that actions have for the columns.
    package func stored(_ values: [String: String?]) -> [String: String?] {
        let mapping = metadata.columnMapping
        guard mapping != .none else { return values }
        var found: [String: String?] = [:]
        for (name, value) in values {
            let field = schema.fields.first { $0.name == name }
            found.updateValue(value, forKey: field?.physicalName(mapping) ?? name)
        }
        return found
    }

    /// The distinct partitions that have files.
    public var partitions: Set<[String: String?]> { fileSet.partitions() }

    /// How far an application has come, or nil when it never wrote.
    public func transactionVersion(_ appID: String) -> Int64? {
        transactions[appID]?.version
    }

    /// Refuses to write to a table that needs more of a writer than there is.
    ///
    /// - Throws: `DeltaLogError` that names the feature.
    public func checkWritable() throws(DeltaLogError) {
        try self.protocol.checkWritable(table: table, metadata: metadata)
    }

    init(
        table: String,
        version: TableVersion,
        protocol: TableProtocol,
        metadata: TableMetadata,
        transactions: [String: ApplicationTransaction],
        domains: [String: DomainMetadata],
        info: CommitInfo?,
        files: FileSet
    ) throws(DeltaLogError) {
        try `protocol`.checkReadable(table: table)
        self.table = table
        self.version = version
        self.protocol = `protocol`
        self.metadata = metadata
        schema = try metadata.readSchema(table: table)
        self.transactions = transactions
        self.domains = domains
        timestamp = info?.inCommitTimestamp ?? info?.timestamp
        fileSet = files
    }

    /// The state after one more commit.
    func applying(_ commit: Commit) throws(DeltaLogError) -> Snapshot {
        var next = self
        var removed: [FileKey] = []
        var added: [AddFile] = []
        for action in commit.actions {
            switch action {
            case .protocol(let value):
                try value.checkReadable(table: table)
                next.protocol = value
            case .metadata(let value):
                next.metadata = value
                if value.schemaString != metadata.schemaString
                    || value.columnMapping != metadata.columnMapping
                {
                    next.schema = try value.readSchema(table: table)
                }
            case .transaction(let transaction): next.transactions[transaction.appID] = transaction
            case .domain(let domain): next.domains[domain.domain] = domain.isRemoved ? nil : domain
            case .remove(let file):
                removed.append(FileKey(path: file.path, deletionVector: file.deletionVector?.uniqueID))
            case .add(let file): added.append(file)
            case .change, .commitInfo, .sidecar, .checkpointMetadata: break
            }
        }
        next.version = commit.version
        next.checkedAt = ContinuousClock().now
        next.fileSet.apply(removed: removed, added: added)
        let info = commit.info
        next.timestamp = info?.inCommitTimestamp ?? info?.timestamp
        return next
    }

    /// Whether the log may have been cleaned since the snapshot was read, so that a missing commit says nothing.
    ///
    /// Commits are kept for weeks; ten minutes keep far from that even where a table asks for much less.
    var isStale: Bool { ContinuousClock().now > checkedAt.advanced(by: .seconds(600)) }

    /// The same state, seen to be the newest just now.
    func checked() -> Snapshot {
        var copy = self
        copy.checkedAt = ContinuousClock().now
        return copy
    }

    /// The same state, of a table whose versions have checksums.
    func withChecksums() -> Snapshot {
        var copy = self
        copy.hasChecksums = true
        return copy
    }

    /// The same state with the timestamp of another source.
    func with(timestamp: Int64?) -> Snapshot {
        var copy = self
        copy.timestamp = timestamp ?? copy.timestamp
        return copy
    }
}

extension AddFile {
    /// Whether the file lies in the partition; values that are not named may be any.
    func isIn(_ values: [String: String?]) -> Bool { partitionValues.includes(values) }
}
