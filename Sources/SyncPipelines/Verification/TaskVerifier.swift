import ColumnBatches
import DeltaLog
import DeltaTables
import IncrementalFilters
import MergePlanning
import SourceConnectors
import StagedChanges
import SyncLedgers
import Verification

/// Compares one table of one client with the lake by digests, and sets right what differs when asked to.
///
/// The lake's state is taken first and the source's snapshot after it: every row of the source below the lake's mark
/// must be in the lake, and what is at or past it is still to come.
struct TaskVerifier<Connector: SourceConnector>: Sendable {
    let task: SyncTask
    let connector: Connector
    let lake: LakeTable
    let options: VerificationOptions
    let files: DataFileOptions
    /// The approved rules, and the stage that takes repairs of a table under review.
    let review: TaskReview
    /// The rows that are set aside.
    let quarantine: QuarantineBoard
    /// The digests of the lake's rows that earlier verifications kept.
    let cache: DigestCache

    /// What was found, and the digest of the source's rows.
    struct Result: Sendable {
        var report: VerificationReport.Task
        var verifiedAt: Int64 = 0
        var digest = ""
    }

    func run() async throws -> Result {
        try await MaskingConnector(connector, for: task).withSession(for: task.source) { session in
            try await run(in: session)
        }
    }

    private func run(in session: MaskedSession<Connector.Session>) async throws -> Result {
        guard
            let description = try await session.describe(task)
        else {
            throw SourceError(
                .missing,
                source: task.source,
                table: task.sourceTable,
                message: "the database has no such table, or the user may not see it"
            )
        }
        let snapshot = try await lake.snapshot()
        var plan = try TaskPlan(task: task, source: description, lake: try lake.table.schema(of: snapshot))
        let names = TaskTransactions(
            task: task.identity,
            tableID: snapshot.metadata.id,
            definition: plan.definition
        )
        let state = TaskTransactionState(names: names, snapshot: snapshot)
        let columns = VerifiedColumns(plan, source: description)
        let partition = snapshot.files(inPartition: task.partition)
        let lakeRows = partition.reduce(0) { rows, file in
            rows + Int(file.stats.flatMap(FileStatistics.init(json:))?.numRecords ?? 0)
        }
        let count = VerifiedColumns.bucketCount(forRows: max(lakeRows, description.estimatedRows ?? 0))
        let lakeRule = BucketRule(keys: columns.lakeKeys, count: count)
        let sourceRule = BucketRule(keys: columns.sourceKeys, count: count)
        var result = Result(report: VerificationReport.Task(task.identity, version: snapshot.version))
        let theirs = try await lakeDigests(
            plan,
            snapshot,
            columns,
            lakeRule,
            content: Self.content(names, plan, columns, partition, count),
            &result
        )
        result.verifiedAt = try await session.signals().now
        plan.observedAt = result.verifiedAt
        let query = plan.query(columns: columns.source)
        let mine = try await session.digests(of: query, by: sourceRule, at: .snapshot)
        result.report.sourceRows = mine.rowCount
        result.report.lakeRows = theirs.rowCount
        result.digest = mine.total
        let passes = BucketPasses(mine, theirs, options)
        // A repair takes out what it meets, however many rows are set aside already.
        let sieve = RowSieve(
            plan,
            open: try await quarantine.entries(of: task.identity),
            settings: task.template.quarantine.map { _ in .unlimited }
        )
        let search = Search(
            plan: plan,
            snapshot: snapshot,
            columns: columns,
            lakeRule: lakeRule,
            sourceRule: sourceRule,
            query: query,
            mark: state.previousMark,
            quarantined: sieve.openValues
        )
        guard options.repairs, passes.left > 0 else {
            try await compare(search, passes, session, nil, &result)
            try await session.endSnapshot()
            return result
        }
        var editor = PartitionEditor(
            lake: lake,
            target: PartitionTarget(plan),
            options: files,
            snapshot: snapshot,
            transactions: state,
            task: task.identity,
            lineage: task.lineage(run: review.run)
        )
        editor.lineage?.syncedAt = result.verifiedAt
        try await editor.findDisturbances()
        let sink = try ChangeSink(
            editor: editor,
            isUniqueInSource: plan.keys.isUniqueInSource,
            sliceBytes: .max,
            replay: try PatchReplay(
                rules: review.rules(for: task.identity),
                fields: plan.lakeFields,
                keys: plan.lakeKeys
            ),
            stage: state.previousMark == nil ? nil : review.stage(for: plan, editor),
            sieve: sieve
        )
        do {
            try await compare(search, passes, session, sink, &result)
            try await session.endSnapshot()
            var rest = try await sink.finish()
            let outcome = sink.sieve.outcome(of: .some, run: review.run, at: result.verifiedAt)
            try await quarantine.setAside(outcome, of: task.identity)
            if case .staged(let set, let files) = rest.content {
                var staged = TaskResult()
                try await review.settle(set, files, lake: lake, &staged)
                return result
            }
            // What others did to the partition is made up for only where all of it was compared.
            let isWhole = editor.transactions.disturbances.isEmpty || result.report.unreadBuckets == 0
            let counts = try await rest.commit(
                mark: isWhole ? state.previousMark.map { MarkMove($0) } : nil,
                evenIfUnchanged: false
            )
            result.report.repaired = counts.inserted + counts.updated + counts.deleted
        } catch {
            await sink.cancel()
            throw error
        }
        return result
    }

    /// What a comparison goes by.
    private struct Search {
        var plan: TaskPlan
        var snapshot: Snapshot
        var columns: VerifiedColumns
        var lakeRule: BucketRule
        var sourceRule: BucketRule
        var query: ReadQuery
        var mark: Int64?
        /// The keys of rows that are set aside.
        var quarantined: Set<[ColumnValue]>
    }

    /// Fetches and compares the rows of buckets that differ; with a sink, hands it what sets them right.
    private func compare(
        _ search: Search,
        _ allPasses: BucketPasses,
        _ session: MaskedSession<Connector.Session>,
        _ sink: ChangeSink?,
        _ result: inout Result
    ) async throws {
        var passes = allPasses
        let columns = search.columns
        var rules = DifferenceFinder.Rules(keys: columns.lakeKeys, cursor: columns.cursor, mark: search.mark)
        rules.cascadeColumns = columns.cascadeColumns
        var query = search.query
        while let numbers = passes.next() {
            try Task.checkCancellation()
            var finder = DifferenceFinder(rules: rules)
            query.buckets = BucketSelection(rule: search.sourceRule, numbers: numbers.sorted())
            for try await batch in try await session.rows(query, at: .snapshot) {
                finder.addSource(search.lakeRule.rows(of: columns.renamed(batch), in: numbers))
            }
            let lakeColumns = columns.lake.map(\.name)
            for try await batch in try lake.live(search.plan, of: search.snapshot, columns: lakeColumns) {
                finder.addLake(search.lakeRule.rows(of: batch, in: numbers))
            }
            var differences = finder.differences()
            try await markFiltered(&differences, query, columns, session)
            if !task.template.removesRows { Self.keep(&differences) }
            Self.mark(&differences, quarantined: search.quarantined)
            differences = try await withoutPatched(differences, query, search.plan, search.snapshot, session)
            result.report.add(differences, keys: columns.lakeKeys, listing: options.listedDifferences)
            if let sink { try await repair(differences, query, search.plan, session, sink, result.report) }
        }
        result.report.unreadBuckets = passes.left
    }

    /// Rows that the source no longer has are no difference where the table keeps them.
    private static func keep(_ differences: inout [RowDifference]) {
        for index in differences.indices where [.gone, .leftFilter].contains(differences[index].kind) {
            differences[index].kind = .kept
        }
    }

    /// Rows that are set aside are no loss that nobody knows of.
    private static func mark(_ differences: inout [RowDifference], quarantined keys: Set<[ColumnValue]>) {
        guard !keys.isEmpty else { return }
        for index in differences.indices where keys.contains(differences[index].key) {
            switch differences[index].kind {
            case .missing, .stale, .backdated, .cascade, .changed, .pending:
                differences[index].kind = .quarantined
            case .gone, .kept, .leftFilter, .keyChanged, .quarantined: break
            }
        }
    }

    /// The digests of the lake's rows: as they were kept, where the files are still the same.
    private func lakeDigests(
        _ plan: TaskPlan,
        _ snapshot: Snapshot,
        _ columns: VerifiedColumns,
        _ rule: BucketRule,
        content: String,
        _ result: inout Result
    ) async throws -> BucketDigests {
        if let kept = await cache.digests(of: content, by: rule) {
            result.report.reusedDigests = true
            return kept
        }
        var digests = BucketDigests(rule: rule)
        let names = columns.lake.map(\.name)
        for try await batch in try lake.live(plan, of: snapshot, columns: names) { digests.add(batch) }
        try await cache.keep(digests, of: content)
        return digests
    }

    /// Rows that only the lake has may be in the source outside the filter.
    private func markFiltered(
        _ differences: inout [RowDifference],
        _ query: ReadQuery,
        _ columns: VerifiedColumns,
        _ session: MaskedSession<Connector.Session>
    ) async throws {
        guard !query.filters.isEmpty, differences.contains(where: { $0.kind == .gone }) else { return }
        var unfiltered = query
        unfiltered.filters = []
        var present: Set<[ColumnValue]> = []
        for try await batch in try await session.rows(unfiltered, at: .snapshot) {
            let keys = columns.renamed(batch).selecting(columns.lakeKeys)
            for row in 0..<keys.rowCount { present.insert(keys.row(row)) }
        }
        for index in differences.indices
        where differences[index].kind == .gone && present.contains(differences[index].key) {
            differences[index].kind = .leftFilter
        }
    }

    /// Hands the source's rows that differ to the sink, whole, and the keys of rows that are to go.
    private func repair(
        _ differences: [RowDifference],
        _ query: ReadQuery,
        _ plan: TaskPlan,
        _ session: MaskedSession<Connector.Session>,
        _ sink: ChangeSink,
        _ report: VerificationReport.Task
    ) async throws {
        var wanted: Set<[ColumnValue]> = []
        var removed: [[ColumnValue]] = []
        for difference in differences {
            switch difference.kind {
            case .pending, .kept, .quarantined: break
            case .gone, .leftFilter: removed.append(difference.key)
            case .missing, .stale, .backdated, .cascade, .changed: wanted.insert(difference.key)
            case .keyChanged:
                wanted.insert(difference.key)
                if let former = difference.formerKey, task.template.removesRows { removed.append(former) }
            }
        }
        let removedInAll = report.removed
        guard Double(removedInAll) <= max(options.removableShare * Double(report.lakeRows), 1) else {
            throw SyncError(
                .guardrail,
                step: "verify",
                task: task.identity,
                message:
                    "the repair would remove \(removedInAll) of \(report.lakeRows) rows; look at the differences, "
                    + "and allow a greater share if the source is right"
            )
        }
        if !wanted.isEmpty {
            var whole = query
            whole.columns = plan.readFields
            for try await batch in try await session.rows(whole, at: .snapshot) {
                let keys = plan.conform(batch).selecting(plan.lakeKeys)
                let rows = batch.rows((0..<batch.rowCount).filter { wanted.contains(keys.row($0)) })
                try await sink.append(sink.patch(plan.conform(sink.sieve.sift(rows).sound)))
            }
        }
        let keys = plan.lakeKeys.enumerated().map { position, name in
            var builder = ColumnBuilder(plan.lakeFields.first { $0.name == name }?.type ?? .string)
            for key in removed { builder.append(key[position]) }
            return builder.finish()
        }
        sink.delete(keys, count: removed.count)
    }

    /// What the digests of the lake's rows depend on: the definition, the columns, the buckets, and the files.
    private static func content(
        _ names: TaskTransactions,
        _ plan: TaskPlan,
        _ columns: VerifiedColumns,
        _ files: [AddFile],
        _ count: Int
    ) -> String {
        var text =
            names.run + "\n\(count)\n" + columns.lake.map { "\($0.name) \($0.type)" }.joined(separator: "\n")
        text += LiveRows(plan).columns.map { " without " + $0 }.joined()
        for file in files { text += "\n\(file.path) \(file.deletionVector?.uniqueID ?? "")" }
        let checksum = RowChecksum(Array(text.utf8))
        return "\(names.definition)-\(count)-\(files.count)-" + checksum.description
    }
}
