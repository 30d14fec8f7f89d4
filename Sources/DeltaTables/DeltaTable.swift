public import ColumnBatches
public import DeltaLog
import FoundationEssentials
public import ObjectStores

/// A Delta table in a store.
///
///     let table = DeltaTable(store: LocalObjectStore(root: "/lake"), path: "shop/orders")
///     let snapshot = try await table.snapshot()
///     for try await batch in try table.rows(of: snapshot) { … }
public struct DeltaTable: Sendable {
    /// The store that holds the table.
    public let store: any ObjectStore
    /// The table's path in the store; empty for the store's root.
    public let path: String
    /// The table's transaction log.
    public let log: TransactionLog
    /// How long commits are tried against other writers, and how strictly they are kept apart.
    public var commitPolicy = CommitPolicy()
    /// Where the commits of this process to the table meet, so that those which are ready together share a version; nil
    /// makes each a version of its own.
    public var queue: CommitQueue?
    let layouts = LayoutMemory()

    /// Names a table; nothing is read yet.
    public init(store: any ObjectStore, path: String) {
        self.store = store
        self.path = path
        self.log = TransactionLog(store: store, tablePath: path, codec: ParquetCheckpoints())
    }

    /// Whether there is a table at the path.
    ///
    /// - Throws: `DeltaTableError` with code `notATable` when the folder holds files but no log.
    public func exists() async throws -> Bool {
        if try await log.exists() { return true }
        let folder = path.isEmpty ? "" : path + "/"
        if let stray = try await store.list(folder, after: nil).first {
            if try await log.exists() { return true }  // made between the two looks
            throw DeltaTableError(
                .notATable,
                table: path,
                file: stray.path,
                message:
                    "the folder holds files but no _delta_log; give an empty folder, or the path of a Delta table"
            )
        }
        return false
    }

    /// Creates the table.
    ///
    /// The protocol is (1,2), unless a column type or a property needs a feature, which makes it (1,7) or (3,7).
    ///
    /// - Throws: `DeltaLogError` with a conflict when another writer created it first.
    public func create(schema: TableSchema, configuration: [String: String] = [:]) async throws -> Snapshot {
        _ = try await exists()
        let type = try schema.structType(of: path)
        let metadata = TableMetadata(
            id: UniqueName.make(),
            schemaString: type.json,
            partitionColumns: schema.partitionColumns,
            configuration: configuration,
            createdTime: Self.now
        ).numbered(type)
        var info = CommitInfo(timestamp: Self.now, operation: "CREATE TABLE", isBlindAppend: false)
        if TableProperties(metadata).hasInCommitTimestamps { info.inCommitTimestamp = info.timestamp }
        let needed = schema.minimumProtocol(configuration)
        try await log.write([.commitInfo(info), .protocol(needed), .metadata(metadata)], as: 0)
        return try await log.snapshot()
    }

    /// The newest state of the table, or the one of a version.
    public func snapshot(at version: TableVersion? = nil) async throws -> Snapshot {
        try await log.snapshot(at: version)
    }

    /// The newest state, by the commits since a snapshot; costs one request where nothing was committed.
    public func refresh(_ snapshot: Snapshot) async throws -> Snapshot {
        guard let queue else { return try await log.update(snapshot) }
        return try await queue.update(snapshot)
    }

    /// The schema of a snapshot.
    public func schema(of snapshot: Snapshot) throws(DeltaTableError) -> TableSchema {
        try TableSchema(snapshot, table: path)
    }

    /// A writer for data files of one partition.
    ///
    /// Rows are held against the table's rules as they are written. The values of the partition go by the columns' names.
    public func makeWriter(
        schema: TableSchema,
        partition: [String: String?],
        options: DataFileOptions = DataFileOptions()
    ) -> DataFileWriter {
        makeWriter(schema: schema, stored: schema.physical(partition), options: options)
    }

    /// A writer for data files of one partition, whose values are as actions have them.
    func makeWriter(
        schema: TableSchema,
        stored partition: [String: String?],
        options: DataFileOptions = DataFileOptions()
    ) -> DataFileWriter {
        DataFileWriter(
            store: store,
            table: path,
            shape: FileShape(schema, partition: partition, table: path),
            partition: partition,
            directory: schema.directory(of: partition),
            options: options,
            layouts: layouts
        )
    }

    /// Adds rows to one partition.
    ///
    /// - Parameters:
    ///   - batch: Rows with the table's data columns.
    ///   - partition: The partition's values as the log writes them; empty for an unpartitioned table.
    ///   - transaction: An application transaction to record in the same commit.
    /// - Returns: The version of the commit.
    /// - Throws: Errors of the table, the log and the store; no file remains of a commit that failed.
    public func append(
        _ batch: ColumnBatch,
        partition: [String: String?] = [:],
        transaction: ApplicationTransaction? = nil
    ) async throws -> TableVersion {
        let snapshot = try await snapshot()
        let writer = makeWriter(schema: try schema(of: snapshot), partition: partition)
        let added: [AddFile]
        do {
            try await writer.append(batch)
            added = try await writer.finish()
        } catch {
            await writer.cancel()
            throw error
        }
        let edit = TableEdit(
            operation: "WRITE",
            added: added,
            transactions: transaction.map { [$0] } ?? [],
            readSet: ReadSet(partitions: .nothing),
            operationParameters: ["mode": "Append"]
        )
        return try await apply(edit, to: snapshot)
    }

    static var now: Int64 { Int64(Date().timeIntervalSince1970 * 1000) }
}
