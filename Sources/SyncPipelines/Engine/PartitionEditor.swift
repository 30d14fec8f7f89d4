import ColumnBatches
import DeltaLog
import DeltaTables
import MergePlanning
import SyncLedgers

/// What decides how changes meet the rows of one partition.
struct PartitionTarget: Sendable {
    /// The partition's values, as the log writes them.
    var partition: [String: String?]
    /// The columns that identify a row.
    var keys: [String]
    /// The column whose greater value is the later row, where one key comes twice.
    var version: String?
    /// The only columns to set on rows that are there already; nil sets all.
    var filledColumns: Set<String>?
    /// What becomes of rows that changes meet.
    var rule: WriteRule = .upsert()
    /// Columns that alone are no reason to change a row.
    var ignoredColumns: Set<String> = []

    init(partition: [String: String?], keys: [String], version: String?, filledColumns: Set<String>?) {
        self.partition = partition
        self.keys = keys
        self.version = version
        self.filledColumns = filledColumns
    }

    init(_ plan: TaskPlan) {
        partition = plan.task.partition
        keys = plan.mergeKeys
        version = plan.lakeCursor
        ignoredColumns = plan.lineageColumns
        filledColumns = plan.filledColumns
        rule = plan.writeRule
    }

    /// An empty set of changes for the partition.
    var noChanges: ChangeSet { ChangeSet(keys: keys, version: version) }
}

/// Commits to one partition for one task; each commit carries the task's two transactions.
struct PartitionEditor: Sendable {
    let lake: LakeTable
    var target: PartitionTarget
    let options: DataFileOptions
    private(set) var snapshot: Snapshot {
        didSet { partitionFiles = snapshot.files(inPartition: target.partition) }
    }
    /// The partition's files in the snapshot; looked up once, as every step of a task asks for them.
    private(set) var partitionFiles: [AddFile]
    private(set) var transactions: TaskTransactionState
    private(set) var counts = TaskCounts()
    /// Stops before too many rows go; nil for any number.
    var valve: DeletionValve?
    /// Where the rows come from; nil where nobody asks.
    var lineage: RowLineage?
    /// Lands rows before they are committed; nil where the table has no bronze.
    private var bronze: BronzeWriter?

    init(
        lake: LakeTable,
        target: PartitionTarget,
        options: DataFileOptions,
        snapshot: Snapshot,
        transactions: TaskTransactionState,
        task: TaskIdentity? = nil,
        lineage: RowLineage? = nil
    ) {
        self.lake = lake
        self.target = target
        self.options = options
        self.snapshot = snapshot
        partitionFiles = snapshot.files(inPartition: target.partition)
        self.transactions = transactions
        self.lineage = lineage
        if let task, lineage != nil {
            bronze = BronzeWriter(
                lake: lake,
                task: task,
                partition: target.partition,
                snapshot: snapshot,
                transactions: transactions
            )
        }
    }

    /// Looks whether others changed rows of the partition since the task's last commit.
    mutating func findDisturbances() async throws {
        transactions.disturbed(
            by: try await lake.disturbances(transactions, of: target.partition, in: snapshot)
        )
        if !transactions.disturbances.isEmpty { bronze?.beginAnew() }
    }

    /// Rows with where they come from, where the table has columns for it.
    func marked(_ batch: ColumnBatch) -> ColumnBatch { lineage?.filled(batch) ?? batch }

    /// Whether the partition holds nothing.
    var isEmpty: Bool { partitionFiles.isEmpty }

    /// The rows of the partition, as far as its files say.
    var rowCount: Int { partitionFiles.reduce(0) { $0 + ($1.rowCount ?? 0) } }

    /// The partition's files before the next commit.
    private var files: PartitionFiles { PartitionFiles(partitionFiles) }

    /// Commits files with new rows, and the mark.
    ///
    /// - Parameters:
    ///   - files: The files.
    ///   - rowCount: Their rows.
    ///   - mark: The mark, or nil for a piece after which more follow.
    ///   - further: Transactions that tell more than those of the task.
    /// - Throws: `DeltaLogError` with a conflict when another run of the task was first.
    mutating func add(
        _ files: [AddFile],
        rowCount: Int,
        mark: MarkMove?,
        further: [ApplicationTransaction] = []
    ) async throws {
        var readSet = transactions.readSet(target.partition)
        readSet.transactionIDs.formUnion(further.map(\.appID))
        var edit = TableEdit(
            operation: "WRITE",
            added: files,
            readSet: readSet,
            operationParameters: ["mode": "Append"]
        )
        var landing: Int64?
        if let bronze, let lineage, !files.isEmpty {
            landing = try await bronze.land(files, over: snapshot, mark: mark?.value, lineage)
        }
        edit.transactions = transactions.next(mark: mark, files: self.files.after(edit)) + further
        edit.transactions += said(landing)
        counts.add(edit, version: try await lake.commit(edit, to: snapshot, isUrgent: mark == nil))
        counts.inserted += rowCount
        committed(landing)
        if mark == nil { snapshot = try await lake.snapshot() }
    }

    /// Commits the mark alone.
    mutating func setMark(_ mark: MarkMove, further: [ApplicationTransaction] = []) async throws {
        let edit = TableEdit(
            operation: "SET MARK",
            transactions: transactions.next(mark: mark, files: files) + further + said(nil),
            readSet: transactions.readSet(target.partition)
        )
        counts.version = try await lake.commit(edit, to: snapshot, isUrgent: false)
        committed(nil)
    }

    /// What the next commit says of the landing that it holds.
    private func said(_ landing: Int64?) -> [ApplicationTransaction] {
        bronze?.says(landing, sequence: transactions.sequence + 1) ?? []
    }

    private mutating func committed(_ landing: Int64?) {
        transactions.committed()
        bronze?.committed(landing)
    }

    /// Merges changes and commits them; where another commit touched the same files, against the newer state.
    ///
    /// - Parameters:
    ///   - changes: The changes.
    ///   - mark: The mark, or nil for a slice after which more follow.
    ///   - further: Transactions that tell more than those of the task.
    /// - Throws: `DeltaLogError` with a conflict when another run of the task was first.
    mutating func merge(
        _ changes: ChangeSet,
        mark: MarkMove?,
        further: [ApplicationTransaction] = []
    ) async throws {
        var attempt = 0
        var landing: Int64?
        while true {
            let merge = try await plan(changes)
            guard !merge.isEmpty else {
                counts.unchanged += merge.unchangedCount
                return
            }
            try valve?.check(counts.deleted + merge.deletedCount)
            if let bronze, let lineage, landing == nil {
                landing = try await bronze.land(changes, over: snapshot, mark: mark?.value, lineage)
            }
            var edit = try await merge.write(
                to: lake.table,
                snapshot: snapshot,
                options: options
            )
            edit.transactions = transactions.next(mark: mark, files: files.after(edit)) + further
            edit.transactions += said(landing)
            edit.readSet.transactionIDs = transactions.ids
            do {
                let version = try await lake.commit(edit, to: snapshot, isUrgent: mark == nil)
                counts.add(edit, version: version)
            } catch let error as DeltaLogError where error.isConflict {
                attempt += 1
                let newer = try await lake.snapshot()
                guard attempt < 10, transactions.isCurrent(in: newer) else { throw error }
                transactions.rebased(
                    over: try await lake.disturbances(transactions, of: target.partition, in: newer)
                )
                snapshot = newer
                continue
            }
            counts.count(merge)
            committed(landing)
            if mark == nil {
                snapshot = try await lake.snapshot()
                transactions.rebased(
                    over: try await lake.disturbances(transactions, of: target.partition, in: snapshot)
                )
            }
            return
        }
    }

    /// What changes mean for the partition; nothing is written.
    func plan(_ changes: ChangeSet) async throws -> MergePlan {
        let planner = try MergePlanner(
            table: lake.table,
            snapshot: snapshot,
            partition: target.partition,
            filledColumns: target.filledColumns,
            rule: target.rule,
            ignoredColumns: target.ignoredColumns
        )
        return try await planner.plan(for: changes)
    }
}
