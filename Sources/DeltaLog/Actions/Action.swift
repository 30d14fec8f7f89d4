/// One line of a commit; the protocol's section "Actions".
public enum Action: Sendable, Hashable {
    /// A file joins the table.
    case add(AddFile)
    /// A file leaves the table.
    case remove(RemoveFile)
    /// The table's schema, partition columns and settings.
    case metadata(TableMetadata)
    /// What readers and writers must be able to do.
    case `protocol`(TableProtocol)
    /// How far an application has come.
    case transaction(ApplicationTransaction)
    /// Who did what; the first line of a commit.
    case commitInfo(CommitInfo)
}

/// A data file of the table.
public struct AddFile: Sendable, Hashable {
    /// The path as the log writes it: relative to the table, URI-encoded; or an absolute URI.
    public var path: String
    /// The partition's values as text, one for each partition column.
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

    /// Makes an action.
    public init(
        path: String,
        partitionValues: [String: String?],
        size: Int64,
        modificationTime: Int64,
        dataChange: Bool = true,
        stats: String? = nil,
        tags: [String: String] = [:]
    ) {
        self.path = path
        self.partitionValues = partitionValues
        self.size = size
        self.modificationTime = modificationTime
        self.dataChange = dataChange
        self.stats = stats
        self.tags = tags
    }

    /// The path, decoded once.
    public var decodedPath: String { PartitionPath.decode(path) }
}

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

    /// The removal of a file.
    public init(_ file: AddFile, deletionTimestamp: Int64, dataChange: Bool = true) {
        self.init(
            path: file.path,
            deletionTimestamp: deletionTimestamp,
            dataChange: dataChange,
            partitionValues: file.partitionValues,
            size: file.size
        )
    }

    /// Makes an action.
    public init(
        path: String,
        deletionTimestamp: Int64?,
        dataChange: Bool,
        partitionValues: [String: String?]? = nil,
        size: Int64? = nil
    ) {
        self.path = path
        self.deletionTimestamp = deletionTimestamp
        self.dataChange = dataChange
        self.partitionValues = partitionValues
        self.size = size
    }
}

/// What a table is.
public struct TableMetadata: Sendable, Hashable {
    /// The table's id; stays the same for ever.
    public var id: String
    /// A name for people.
    public var name: String?
    /// A description for people.
    public var description: String?
    /// The schema as JSON.
    public var schemaString: String
    /// The partition columns in order.
    public var partitionColumns: [String]
    /// The table's properties.
    public var configuration: [String: String]
    /// When the table was made, in milliseconds since 1970-01-01T00:00:00Z.
    public var createdTime: Int64?

    /// Makes metadata.
    public init(
        id: String,
        name: String? = nil,
        description: String? = nil,
        schemaString: String,
        partitionColumns: [String] = [],
        configuration: [String: String] = [:],
        createdTime: Int64? = nil
    ) {
        self.id = id
        self.name = name
        self.description = description
        self.schemaString = schemaString
        self.partitionColumns = partitionColumns
        self.configuration = configuration
        self.createdTime = createdTime
    }
}

/// What readers and writers of a table must be able to do.
public struct TableProtocol: Sendable, Hashable {
    /// The least version of readers.
    public var minReaderVersion: Int
    /// The least version of writers.
    public var minWriterVersion: Int
    /// The features readers need; present only with reader version 3.
    public var readerFeatures: [String]?
    /// The features writers need; present only with writer version 7.
    public var writerFeatures: [String]?

    /// Makes a protocol.
    public init(
        minReaderVersion: Int,
        minWriterVersion: Int,
        readerFeatures: [String]? = nil,
        writerFeatures: [String]? = nil
    ) {
        self.minReaderVersion = minReaderVersion
        self.minWriterVersion = minWriterVersion
        self.readerFeatures = readerFeatures
        self.writerFeatures = writerFeatures
    }
}

/// How far an application has come with a table, in a count of its own.
public struct ApplicationTransaction: Sendable, Hashable {
    /// The application, or a part of it.
    public var appID: String
    /// How far it has come.
    public var version: Int64
    /// When this was written, in milliseconds since 1970-01-01T00:00:00Z.
    public var lastUpdated: Int64?

    /// Makes a transaction.
    public init(appID: String, version: Int64, lastUpdated: Int64? = nil) {
        self.appID = appID
        self.version = version
        self.lastUpdated = lastUpdated
    }
}

/// Who did what in a commit.
public struct CommitInfo: Sendable, Hashable {
    /// When the commit was made, in milliseconds since 1970-01-01T00:00:00Z.
    public var timestamp: Int64?
    /// The operation.
    public var operation: String?
    /// What the operation was told.
    public var operationParameters: [String: String]
    /// Whether the commit only added files and was made without reading the table.
    public var isBlindAppend: Bool?
    /// The program that made it.
    public var engineInfo: String?
    /// A name that only this commit has.
    public var txnID: String?

    /// Makes a commit's description.
    public init(
        timestamp: Int64? = nil,
        operation: String? = nil,
        operationParameters: [String: String] = [:],
        isBlindAppend: Bool? = nil,
        engineInfo: String? = "tributary",
        txnID: String? = nil
    ) {
        self.timestamp = timestamp
        self.operation = operation
        self.operationParameters = operationParameters
        self.isBlindAppend = isBlindAppend
        self.engineInfo = engineInfo
        self.txnID = txnID
    }
}
