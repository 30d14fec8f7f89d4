import ColumnBatches
import DeltaLog
import DeltaTables
import FoundationEssentials
import SourceConnectors
import SyncLedgers
import Verification

/// Finds rows that the source no longer has in a table that is read by a cursor, which does not show them.
///
/// Source and lake are compared by digests of their keys alone, a bucket at a time; only keys of buckets that differ are
/// read. The source's digests are of the snapshot that the window is read from, and the lake's state is older: a key that
/// the lake has and the snapshot has not is gone.
struct DeleteSearch<Session: SourceSession> {
    let plan: TaskPlan
    let description: TableDescription
    let editor: PartitionEditor
    let guardrails: Guardrails
    let allowance: TaskAllowance?

    /// Keys of each side that are compared in memory at once.
    private static var keysAtOnce: Int { 500_000 }

    /// Whether a run is to search.
    ///
    /// - Parameters:
    ///   - asked: Whether somebody asked for it.
    ///   - now: The source's clock, in microseconds since 1970-01-01T00:00:00Z.
    /// - Returns: Whether it is.
    func isDue(asked: Bool, now: Int64) -> Bool {
        let template = plan.task.template
        guard template.removesRows, !plan.isComparison, !editor.isEmpty else { return false }
        if asked { return true }
        switch template.findDeletes {
        case .never, .history: return false
        case .everyRun: return true
        case .scheduled(let schedule):
            let instant = Date(timeIntervalSince1970: Double(now) / 1_000_000)
            guard let opened = schedule.lastOpening(upTo: instant, region: plan.task.identity.region) else {
                return false
            }
            let last = editor.snapshot.transactionVersion(editor.transactions.names.deletes)
            return last.map { $0 < Int64(opened.timeIntervalSince1970 * 1_000_000) } ?? true
        }
    }

    /// What a commit carries so that a window is served once; nothing where every run searches.
    func transactions(now: Int64) -> [ApplicationTransaction] {
        guard case .scheduled = plan.task.template.findDeletes else { return [] }
        return [ApplicationTransaction(appID: editor.transactions.names.deletes, version: now)]
    }

    /// Hands the keys of rows that are gone to the sink.
    ///
    /// - Throws: `SyncError` with code `guardrail` when more rows would go than may; nothing of the sink is committed then.
    func run(in session: Session, _ sink: ChangeSink) async throws {
        let columns = VerifiedColumns(plan, source: description, keysOnly: true)
        let live = LiveRows(plan)
        let count = VerifiedColumns.bucketCount(forRows: max(editor.rowCount, description.estimatedRows ?? 0))
        let lakeRule = BucketRule(keys: columns.lakeKeys, count: count)
        let sourceRule = BucketRule(keys: columns.sourceKeys, count: count)
        let theirs = try await lakeDigests(columns, live, lakeRule)
        var query = plan.query(columns: columns.source)
        // A key that cannot be represented would count as one that the source no longer has.
        query.setsDefectsAside = false
        let mine = try await session.digests(of: query, by: sourceRule, at: .snapshot)
        let valve = DeletionValve(
            client: plan.task.identity.client,
            rows: theirs.rowCount,
            limit: max(guardrails.deletions(ofRows: theirs.rowCount), allowance?.deletions ?? 0)
        )
        sink.valve = valve
        try valve.check(theirs.rowCount - mine.rowCount)
        var options = VerificationOptions()
        options.passes = .max
        options.rowsAtOnce = Self.keysAtOnce
        var passes = BucketPasses(mine, theirs, options)
        var gone = 0
        var words: [UInt64] = []
        while let numbers = passes.next() {
            try Task.checkCancellation()
            var present = RowKeyTable()
            query.buckets = BucketSelection(rule: sourceRule, numbers: numbers.sorted())
            for try await batch in try await session.rows(query, at: .snapshot) {
                present.insert(keysOf: batch.columns, rowCount: batch.rowCount)
            }
            for try await batch in try keys(columns, live) {
                let rows = lakeRule.rows(of: batch, in: numbers)
                let encoder = RowKeyEncoder(rows.columns)
                let absent = (0..<rows.rowCount).filter { row in
                    encoder.encode(row: row, into: &words) == nil && present.find(words) == nil
                }
                gone += absent.count
                try valve.check(gone)
                sink.delete(rows.rows(absent).selecting(plan.lakeKeys).columns, count: absent.count)
            }
        }
    }

    private func keys(_ columns: VerifiedColumns, _ live: LiveRows) throws -> LivePartition {
        try editor.lake.live(plan, of: editor.snapshot, columns: columns.lake.map(\.name))
    }

    /// The digests of the lake's keys: as they were kept, where the files are still the same.
    private func lakeDigests(
        _ columns: VerifiedColumns,
        _ live: LiveRows,
        _ rule: BucketRule
    ) async throws -> BucketDigests {
        let task = plan.task.identity
        let cache = DigestCache(
            store: editor.lake.table.store,
            task: [
                "schema": task.schema, "table": task.table, "region": task.region, "client_id": task.client,
            ],
            folder: DigestCache.defaultFolder + "/keys"
        )
        let names = editor.transactions.names
        var text = names.run + "\n\(rule.count)\n" + columns.lake.map { "\($0.name) \($0.type)" }.joined()
        for file in editor.partitionFiles {
            text += "\n\(file.path) \(file.deletionVector?.uniqueID ?? "")"
        }
        let content = "\(names.definition)-\(RowChecksum(Array(text.utf8)))-\(editor.partitionFiles.count)"
        if let kept = await cache.digests(of: content, by: rule) { return kept }
        var digests = BucketDigests(rule: rule)
        for try await batch in try keys(columns, live) { digests.add(batch) }
        try await cache.keep(digests, of: content)
        return digests
    }
}

/// How many rows of a client may go before a run stops.
struct DeletionValve: Sendable, Hashable {
    var client: String
    /// The rows that the lake has of the client's, marked and closed ones aside.
    var rows: Int
    /// The most that may go.
    var limit: Int

    /// Stops before more rows go than may.
    func check(_ deleted: Int) throws(SyncError) {
        guard deleted > limit else { return }
        let percent = rows > 0 ? deleted * 100 / rows : 100
        throw SyncError(
            .guardrail,
            step: "merge",
            message:
                "would delete \(percent) % of client \(client) (\(deleted) of \(rows) rows): stopped; this is past the guardrails; "
                + "if the source is right, make a plan and run it, or widen \"guardrails\""
        )
    }
}

extension LakeTable {
    /// The live rows of a task's partition.
    nonisolated func live(
        _ plan: TaskPlan,
        of snapshot: Snapshot,
        columns: [String],
        where predicate: DeltaTables.Predicate? = nil
    ) throws -> LivePartition {
        let live = LiveRows(plan)
        let rows = try table.rows(
            of: snapshot,
            partition: plan.task.partition,
            columns: columns + live.columns.filter { !columns.contains($0) },
            where: predicate
        )
        return LivePartition(rows: rows, live: live, names: columns)
    }
}
