import ColumnBatches
import DeltaLog
import DeltaTables
import MergePlanning

/// What a task counted while it worked.
struct TaskCounts: Sendable {
    var rowsRead = 0
    var inserted = 0
    var updated = 0
    var deleted = 0
    var unchanged = 0
    var filesAdded = 0
    var filesRemoved = 0
    var bytesWritten: Int64 = 0
    var version: TableVersion?

    mutating func add(_ edit: TableEdit, version: TableVersion) {
        filesAdded += edit.added.count
        filesRemoved += edit.removed.count
        bytesWritten += edit.added.reduce(0) { $0 + $1.size }
        self.version = version
    }
}

/// Brings the rows of one partition into the lake: into new files where the partition is empty, else by merging.
///
/// Rows that are to be merged are collected until they take `sliceBytes`; then they are merged and committed, without
/// moving the mark, and collecting starts anew. So memory has a bound, and each slice is complete in itself.
final class ChangeSink {
    private let lake: LakeTable
    private let plan: TaskPlan
    private let transactions: TaskTransactionState
    private let options: DataFileOptions
    private let sliceBytes: Int
    private var snapshot: Snapshot
    private var writer: DataFileWriter?
    private var changes: ChangeSet
    private(set) var counts = TaskCounts()

    init(
        lake: LakeTable,
        snapshot: Snapshot,
        plan: TaskPlan,
        transactions: TaskTransactionState,
        options: DataFileOptions,
        sliceBytes: Int
    ) throws {
        self.lake = lake
        self.snapshot = snapshot
        self.plan = plan
        self.transactions = transactions
        self.options = options
        self.sliceBytes = sliceBytes
        changes = ChangeSet(keys: plan.lakeKeys, version: plan.lakeCursor)
        let isEmpty = snapshot.files(inPartition: plan.task.partition).isEmpty
        if isEmpty && plan.keys.isUniqueInSource {
            let schema = try lake.table.schema(of: snapshot)
            writer = lake.table.makeWriter(schema: schema, partition: plan.task.partition, options: options)
        }
    }

    /// Takes rows with the lake's columns.
    func append(_ batch: ColumnBatch) async throws {
        if let writer {
            try await writer.append(batch)
            return
        }
        try changes.append(batch)
        if changes.byteCount > sliceBytes && plan.keys.isUniqueInSource { try await flush(mark: nil) }
    }

    /// Takes the deletions of rows that the source no longer has.
    func deleteUnseen(of index: LakeIndex) {
        index.deleteUnseen(into: &changes)
    }

    /// Takes the deletions of rows by the values of their key columns.
    func delete(_ keys: [[ColumnValue]]) {
        guard !keys.isEmpty else { return }
        let columns = plan.lakeKeys.enumerated().map { position, name in
            var builder = ColumnBuilder(plan.lakeFields.first { $0.name == name }?.type ?? .string)
            for key in keys { builder.append(key[position]) }
            return builder.finish()
        }
        let encoder = RowKeyEncoder(columns)
        var words: [UInt64] = []
        for row in keys.indices where encoder.encode(row: row, into: &words) == nil { changes.delete(words) }
    }

    /// Commits what has been taken, with the mark, or leaving it as it is; without changes nothing is committed unless
    /// `evenIfUnchanged`.
    func finish(mark: Int64?, evenIfUnchanged: Bool) async throws {
        if let writer {
            let added = try await writer.finish()
            self.writer = nil  // from here on the files belong to the commit
            guard !added.isEmpty || evenIfUnchanged else { return }
            let edit = TableEdit(
                operation: "WRITE",
                added: added,
                transactions: transactions.next(mark: mark),
                readSet: transactions.readSet(plan.task.partition),
                operationParameters: ["mode": "Append"]
            )
            counts.inserted += writer.rowCount
            counts.add(edit, version: try await lake.commit(edit, to: snapshot))
            return
        }
        try await flush(mark: mark)
        if evenIfUnchanged && counts.version == nil {
            let edit = TableEdit(
                operation: "SET MARK",
                transactions: transactions.next(mark: mark),
                readSet: transactions.readSet(plan.task.partition)
            )
            counts.version = try await lake.commit(edit, to: snapshot)
        }
    }

    /// Removes files that no commit will name.
    func cancel() async {
        await writer?.cancel()
    }

    /// Merges what has been collected; where another commit touched the same files, against the newer state.
    private func flush(mark: Int64?) async throws {
        var attempt = 0
        while true {
            let planner = try MergePlanner(
                table: lake.table,
                snapshot: snapshot,
                partition: plan.task.partition,
                filledColumns: plan.task.template.fill.map { Set($0) }
            )
            let merge = try await planner.plan(for: changes)
            if merge.isEmpty {
                counts.unchanged += merge.unchangedCount
                break
            }
            var edit = try await merge.write(
                to: lake.table,
                snapshot: snapshot,
                options: options,
                transactions: transactions.next(mark: mark)
            )
            edit.readSet.transactionIDs = transactions.ids
            do {
                counts.add(edit, version: try await lake.commit(edit, to: snapshot))
            } catch let error as DeltaLogError where error.isConflict {
                attempt += 1
                let newer = try await lake.snapshot()
                guard attempt < 10, transactions.isCurrent(in: newer) else { throw error }
                snapshot = newer
                continue
            }
            counts.inserted += merge.insertedCount
            counts.updated += merge.updatedCount
            counts.deleted += merge.deletedCount
            counts.unchanged += merge.unchangedCount
            transactions.committed()
            snapshot = try await lake.snapshot()
            break
        }
        changes = ChangeSet(keys: plan.lakeKeys, version: plan.lakeCursor)
    }
}
