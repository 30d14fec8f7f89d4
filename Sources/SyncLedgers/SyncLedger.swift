import ColumnBatches
import DeltaLog
package import DeltaTables
public import ObjectStores

/// The table that says up to where each task is in sync: a Delta table anyone can query.
///
/// Its columns are `schema`, `client_id`, `table_name`, `last_sync_timestamp`, `region`, `run_sequence` and
/// `definition`, partitioned by `schema` and `client_id`. It is a view of what the logs of the data tables say: it may
/// lag behind them and never leads them, and it can be deleted, for the next run makes it anew.
public struct SyncLedger: Sendable {
    private let ledger: SystemTable
    /// The table that holds the ledger.
    package var table: DeltaTable { ledger.table }

    /// The ledger's path below the root of a lake.
    public static let defaultPath = "tributary/sync_log"

    /// Names the ledger of a lake; nothing is read yet.
    public init(store: any ObjectStore, path: String = SyncLedger.defaultPath) {
        let schema = TableSchema(
            fields: [
                Field("schema", .string), Field("client_id", .string), Field("table_name", .string),
                Field("last_sync_timestamp", .timestamp), Field("region", .string),
                Field("run_sequence", .int64),
                Field("definition", .string),
            ],
            partitionColumns: ["schema", "client_id"]
        )
        ledger = SystemTable(table: DeltaTable(store: store, path: path), schema: schema)
    }

    /// All entries, in no particular order; none when there is no ledger.
    public func entries() async throws -> [LedgerEntry] {
        guard let snapshot = try await ledger.snapshot() else { return [] }
        return try await entries(of: snapshot, files: snapshot.files)
    }

    /// Makes the ledger agree with what the data tables say.
    ///
    /// The ledger is read first and the data tables afterwards, so that what is written is never older than what it
    /// replaces; where another process changes the same partition meanwhile, everything is read again.
    ///
    /// - Parameter current: Reads the entries of some tasks from the logs of their tables.
    /// - Returns: The number of entries that were written.
    /// - Throws: What `current` throws, and errors of the ledger's table.
    public func reconcile(_ current: () async throws -> [LedgerEntry]) async throws -> Int {
        var attempt = 0
        while true {
            attempt += 1
            do {
                return try await reconcileOnce(current)
            } catch let error as DeltaLogError where error.isConflict && attempt < 20 {
                continue
            }
        }
    }

    private func reconcileOnce(_ current: () async throws -> [LedgerEntry]) async throws -> Int {
        let before = try await ledger.snapshotMakingTable()
        let wanted = try await current()
        let partitions = Dictionary(grouping: wanted, by: Partition.init).sorted { $0.key < $1.key }
        let edits = try await edits(of: partitions, in: before)
        guard !edits.isEmpty else { return 0 }
        let removed = edits.flatMap(\.removed)
        let edit = TableEdit(
            operation: "MERGE",
            added: edits.flatMap(\.added),
            removed: removed,
            readSet: ReadSet(
                partitions: .only(edits.map(\.partition.values)),
                files: Set(removed.map(\.path))
            )
        )
        _ = try await ledger.table.apply(edit, to: before)
        return edits.reduce(0) { $0 + $1.written }
    }

    /// What becomes of one partition: the file that takes the place of those there.
    private struct PartitionEdit {
        var partition: Partition
        var added: [AddFile]
        var removed: [AddFile]
        /// The entries that are new or otherwise than before.
        var written: Int
    }

    /// The most partitions that are written beside each other: with hundreds of clients it is the store's answers that take the time.
    private static let partitionsAtOnce = 8

    private func edits(
        of partitions: [(key: Partition, value: [LedgerEntry])],
        in before: Snapshot
    ) async throws -> [PartitionEdit] {
        try await withThrowingTaskGroup(of: PartitionEdit?.self) { group in
            var edits: [PartitionEdit] = []
            do {
                for (number, (partition, entries)) in partitions.enumerated() {
                    if number >= Self.partitionsAtOnce, let edit = try await group.next() ?? nil {
                        edits.append(edit)
                    }
                    group.addTask { try await edit(of: partition, entries, in: before) }
                }
                while let edit = try await group.next() {
                    if let edit { edits.append(edit) }
                }
            } catch {
                group.cancelAll()
                while let result = await group.nextResult() {
                    if let edit = try? result.get() { edits.append(edit) }
                }
                for file in edits.flatMap(\.added) {
                    try? await ledger.table.store.delete("\(ledger.table.path)/\(file.decodedPath)")
                }
                throw error
            }
            return edits.sorted { $0.partition < $1.partition }
        }
    }

    /// Writes a partition anew with some entries, or nothing where they are there already.
    private func edit(
        of partition: Partition,
        _ entries: [LedgerEntry],
        in before: Snapshot
    ) async throws -> PartitionEdit? {
        let files = before.files(inPartition: partition.values)
        let old = try await self.entries(of: before, files: files)
        let merged = Self.merge(old, entries)
        guard !merged.isSame(as: old) else { return nil }
        let writer = ledger.table.makeWriter(schema: ledger.schema, partition: partition.values)
        do {
            try await writer.append(Self.batch(merged))
            return PartitionEdit(
                partition: partition,
                added: try await writer.finish(),
                removed: files,
                written: merged.count { !old.contains($0) }
            )
        } catch {
            await writer.cancel()
            throw error
        }
    }

    private func entries(of snapshot: Snapshot, files: [AddFile]) async throws -> [LedgerEntry] {
        var entries: [LedgerEntry] = []
        for file in files {
            let schema = try ledger.table.schema(of: snapshot)
            let reader = try await DataFileReader(
                file,
                of: ledger.table.path,
                schema: schema,
                in: ledger.table.store
            )
            for group in 0..<reader.rowGroupCount {
                let batch = try await reader.rows(ofGroup: group, columns: ledger.schema.fields.map(\.name))
                for row in 0..<batch.rowCount { entries.append(LedgerEntry(batch.row(row))) }
            }
        }
        return entries
    }

    /// The old entries with those of the same table replaced.
    private static func merge(_ old: [LedgerEntry], _ new: [LedgerEntry]) -> [LedgerEntry] {
        var byTable: [String: LedgerEntry] = [:]
        for entry in old + new { byTable[entry.task.table] = entry }
        return byTable.values.sorted { $0.task.table < $1.task.table }
    }

    private static func batch(_ entries: [LedgerEntry]) -> ColumnBatch {
        var builders = [
            ColumnBuilder(.string), ColumnBuilder(.timestamp), ColumnBuilder(.string), ColumnBuilder(.int64),
        ]
        builders.append(ColumnBuilder(.string))
        for entry in entries {
            builders[0].append(.string(entry.task.table))
            builders[1].append(.timestamp(entry.mark))
            builders[2].append(.string(entry.task.region))
            builders[3].append(.integer(entry.runSequence))
            builders[4].append(.string(entry.definition))
        }
        let fields = [
            Field("table_name", .string), Field("last_sync_timestamp", .timestamp), Field("region", .string),
            Field("run_sequence", .int64), Field("definition", .string),
        ]
        return ColumnBatch(
            schema: BatchSchema(fields),
            columns: builders.indices.map { builders[$0].finish() }
        )
    }

    private struct Partition: Hashable, Comparable {
        let schema: String
        let client: String

        init(_ entry: LedgerEntry) {
            schema = entry.task.schema
            client = entry.task.client
        }

        var values: [String: String?] { ["schema": schema, "client_id": client] }

        static func < (left: Partition, right: Partition) -> Bool {
            (left.schema, left.client) < (right.schema, right.client)
        }
    }
}

extension [LedgerEntry] {
    fileprivate func isSame(as other: [LedgerEntry]) -> Bool {
        Set(self) == Set(other) && count == other.count
    }
}

extension LedgerEntry {
    /// The entry of a row of the ledger, its columns in the order of the table.
    fileprivate init(_ row: [ColumnValue]) {
        func text(_ index: Int) -> String { if case .string(let text) = row[index] { text } else { "" } }
        var mark: Int64 = 0
        var sequence: Int64 = 0
        if case .timestamp(let value) = row[3] { mark = value }
        if case .integer(let value) = row[5] { sequence = value }
        self.init(
            task: TaskIdentity(region: text(4), client: text(1), schema: text(0), table: text(2)),
            mark: mark,
            runSequence: sequence,
            definition: text(6)
        )
    }
}
