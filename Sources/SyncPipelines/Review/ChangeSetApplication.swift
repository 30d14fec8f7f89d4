import ColumnBatches
import DeltaLog
import DeltaTables
import MergePlanning
import ObjectStores
import StagedChanges
import SyncLedgers

/// Brings approved change sets into the lake, with the mark in the last commit.
struct ChangeSetApplication: Sendable {
    let store: any ObjectStore
    let options: DataFileOptions
    /// The bytes of changes that are collected before they are merged.
    let sliceBytes: Int
    /// The tasks that are configured, for where their rows come from.
    var tasks: [TaskIdentity: SyncTask] = [:]

    /// Applies a change set, approves the rules that go with it, and writes down both.
    ///
    /// - Parameters:
    ///   - set: The change set.
    ///   - lake: The lake table.
    ///   - rules: Rules that were made just now, besides those that are proposed already.
    ///   - by: Who decides.
    ///   - note: What they say.
    /// - Returns: What changed in the lake.
    /// - Throws: `StagedChangesError` when the lake has moved on since the set was staged.
    func approve(
        _ set: StagedChangeSet,
        lake: LakeTable,
        adding rules: [PatchRule] = [],
        by: String,
        note: String?
    ) async throws -> TaskCounts {
        let log = ReviewLog(store: store)
        let state = try await log.state()
        let known = state.rules(for: set.task, in: [.approved, .proposed]) + rules
        let pending = known.filter { !set.appliedRules.contains($0.id) }
        let counts = try await apply(set, lake: lake, rules: pending)
        let approved = pending.filter { $0.state != .approved }
        try await log.append(
            approved.map { ReviewEvent(.approved, $0, by: by, note: note) }
                + [ReviewEvent(.applied, set, by: by, note: note)]
        )
        return counts
    }

    private func apply(_ set: StagedChangeSet, lake: LakeTable, rules: [PatchRule]) async throws -> TaskCounts
    {
        let snapshot = try await lake.snapshot()
        let transactions = TaskTransactionState(names: set.transactions, snapshot: snapshot)
        let partition: [String: String?] = [LakeColumns.region: set.region, LakeColumns.client: set.client]
        let disturbances = try await lake.disturbances(transactions, of: partition, in: snapshot)
        guard transactions.previousMark == set.previousMark, transactions.sequence == set.sequence,
            disturbances.isEmpty
        else {
            throw StagedChangesError(
                .staleChangeSet,
                changeSet: set.id,
                message: "the lake has moved on since it was staged; run again, which stages what differs now"
            )
        }
        let fields = try lake.table.schema(of: snapshot).dataFields
        var replay = try PatchReplay(rules: rules, fields: fields, keys: set.keys)
        let columns = tasks[set.task]?.template.lineage ?? []
        let names = Set(columns.map(\.rawValue))
        var target = PartitionTarget(
            partition: partition,
            keys: set.keys,
            version: set.version,
            filledColumns: set.filledColumns.map { Set($0).union(names) }
        )
        target.ignoredColumns = names
        var lineage = RowLineage(run: set.run, task: tasks[set.task], columns: columns)
        lineage.syncedAt = set.stagedAt
        var editor = PartitionEditor(
            lake: lake,
            target: target,
            options: options,
            snapshot: snapshot,
            transactions: transactions,
            task: set.task,
            lineage: lineage
        )
        var changes = editor.target.noChanges
        let stage = StageTable(store: store, schema: set.schema, table: set.table)
        try await stage.forEachBatch(of: set, lake: fields) { rows in
            let written = rows.positions([.insert, .update])
            if !written.isEmpty {
                let digests = written.map { rows.digests[$0] ?? SourceDigest("") }
                let patched = try replay.apply(rows.after.rows(written), digests: digests)
                try changes.append(editor.marked(patched))
                replay.forgetRows()
            }
            let gone = rows.before.rows(rows.positions([.delete]))
            var words: [UInt64] = []
            let encoder = RowKeyEncoder(set.keys.compactMap { gone.column($0) })
            for row in 0..<gone.rowCount where encoder.encode(row: row, into: &words) == nil {
                changes.delete(words)
            }
            if changes.byteCount > sliceBytes {
                try await editor.merge(changes, mark: nil)
                changes = editor.target.noChanges
            }
            return true
        }
        let before = editor.transactions.sequence
        try await editor.merge(changes, mark: MarkMove(set.mark))
        if editor.transactions.sequence == before { try await editor.setMark(MarkMove(set.mark)) }
        return editor.counts
    }
}
