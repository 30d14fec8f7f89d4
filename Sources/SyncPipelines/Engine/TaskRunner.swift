import ColumnBatches
import DeltaLog
import DeltaTables
import IncrementalFilters
import Logging
import MergePlanning
import SourceConnectors
import StagedChanges
import SyncLedgers

/// What became of one task.
struct TaskResult: Sendable {
    var counts = TaskCounts()
    var wasFirstLoad = false
    var mark: Mark?
    var warnings: [String] = []
    /// Values that were read by a rule.
    var notices: [ValueNotice] = []
    /// The change set that waits for people.
    var staged: StagedChangeSet?
    /// The names of the task's transactions, for the ledger.
    var transactions: TaskTransactions?
    /// How a large table was loaded.
    var load: LoadReport?
}

/// What a task says while it works.
enum TaskEvent: Sendable {
    /// Rows were read.
    case read(Int)
    /// The source answered a small question after this time.
    case answered(Duration)
    /// A piece of the task is committed, which another attempt does not read again.
    case advanced
    /// The source is no longer needed; the rows that wait for their commit take these bytes.
    case released(bytes: Int)
}

/// A task found that it is large, and gives its place to smaller ones until its turn comes.
struct TaskStepsBack: Error {
    let expectedRows: Int
}

/// Brings one table of one client into the lake, once: signals, probe, snapshot, rows, mark, commit.
struct TaskRunner<Connector: SourceConnector>: Sendable {
    let task: SyncTask
    let connector: Connector
    let lake: LakeTable
    let policy: MarkPolicy
    /// What the servers told earlier tasks of the run.
    let readings: ReadingBoard
    let options: DataFileOptions
    let limits: Limits
    /// A task that will read as many rows steps back; nil when it has done so before.
    let stepBackRows: Int?
    let review: TaskReview
    let guardrails: Guardrails
    /// What a plan lets the task do; nil without a plan.
    let allowance: TaskAllowance?
    let logger: Logger
    let tell: @Sendable (TaskEvent) -> Void

    /// A window that was read again with this many rows and brought none still moves the mark.
    private static var idleRows: Int { 10_000 }

    func run() async throws -> TaskResult {
        let masked = try MaskingConnector(connector, for: task)
        var read: TaskRead = try await TraceSpan.around("sync read") { _ in
            try await masked.withSession(for: task.source) { session in try await self.read(in: session) }
        }
        tell(.released(bytes: read.rows.byteCount))
        var result = read.result
        result.mark = read.mark
        if case .staged(var set, let files) = read.rows.content {
            set.mark = read.mark.value
            set.guarantee = read.mark.guarantee.description
            set.markHeldBy = read.mark.heldBy
            let counted = result.counts
            try await review.settle(set, files, lake: lake, &result)
            result.counts = merged(result.counts, into: counted)
        } else {
            let counts = try await read.rows.commit(
                mark: MarkMove(read.mark.value, reading: read.reading),
                evenIfUnchanged: read.evenIfUnchanged
            )
            result.counts = merged(counts, into: result.counts)
            await read.finished?.remove()
            if task.template.review == .required { try await review.settleNothing(task.identity) }
        }
        try await review.report(stale: read.staleRules, &result)
        return result
    }

    private func read(in session: MaskedSession<Connector.Session>) async throws -> TaskRead {
        let policies = task.template.policies
        guard let description = try await session.describe(task.sourceTable, policies: policies) else {
            throw SourceError(
                .missing,
                source: task.source,
                table: task.sourceTable,
                message:
                    "the database has no such table, or the user may not see it; create it, grant SELECT, or set "
                    + "\"skip\" for this client"
            )
        }
        let snapshot = try await lake.snapshot()
        try refuseMovedClient(snapshot)
        let plan = try TaskPlan(task: task, source: description, lake: try lake.table.schema(of: snapshot))
        let names = TaskTransactions(
            task: task.identity,
            tableID: snapshot.metadata.id,
            definition: plan.definition
        )
        var editor = PartitionEditor(
            lake: lake,
            target: PartitionTarget(plan),
            options: options,
            snapshot: snapshot,
            transactions: TaskTransactionState(names: names, snapshot: snapshot)
        )
        try await editor.findDisturbances()
        try await guardDefinition(plan, editor)
        let lakeRows = snapshot.files(inPartition: task.partition).reduce(0) { $0 + ($1.rowCount ?? 0) }
        editor.deletionLimit = max(guardrails.deletions(ofRows: lakeRows), allowance?.deletions ?? 0)
        var result = TaskResult(warnings: plan.warnings, transactions: names)
        if !editor.transactions.disturbances.isEmpty {
            result.warnings.append(ForeignChange.warning(editor.transactions.disturbances))
        }
        let load = try await pendingLoad(plan, description, editor, in: session)
        result.wasFirstLoad = editor.isEmpty || load != nil
        if let stepBackRows, let rows = description.estimatedRows, rows >= stepBackRows,
            result.wasFirstLoad || plan.isComparison
        {
            throw TaskStepsBack(expectedRows: rows)
        }
        let sink = try ChangeSink(
            editor: editor,
            isUniqueInSource: plan.keys.isUniqueInSource,
            sliceBytes: limits.sliceBytes,
            replay: try PatchReplay(
                rules: review.rules(for: task.identity),
                fields: plan.lakeFields,
                keys: plan.lakeKeys
            ),
            stage: review.stage(for: plan, editor)
        )
        do {
            // After the lake's state: a mark of another run must not lie past the source's clock.
            let clock = ContinuousClock()
            let asked = clock.now
            let signals = try await session.signals()
            tell(.answered(clock.now - asked))
            if let load, let session = session as? any RangedSession,
                let read = try await self.load(load, plan, description, editor, by: session, signals, &result)
            {
                return read
            }
            switch plan.mode {
            case .incremental(let cursor):
                return try await readWindow(
                    session,
                    signals,
                    description,
                    plan,
                    cursor,
                    editor.transactions,
                    sink,
                    &result
                )
            case .compare:
                return try await compare(session, signals, plan, editor, sink, &result)
            }
        } catch {
            await sink.cancel()
            try? await session.endSnapshot()
            throw error
        }
    }

    /// Another definition than the lake's rows came under needs a plan, unless it only adds columns.
    private func guardDefinition(_ plan: TaskPlan, _ editor: PartitionEditor) async throws {
        let definitions = DefinitionStore(store: lake.table.store)
        if !editor.isEmpty,
            let redefinition = try await Redefinition.find(
                plan,
                editor.transactions,
                editor.snapshot,
                definitions
            ),
            !redefinition.changes.isEmpty, allowance?.mayRedefine != true
        {
            throw SyncError(
                .needsPlan,
                step: "plan",
                task: task.identity,
                message:
                    "the task is another than before: \(redefinition.changes.joined(separator: "; ")); all its rows "
                    + "would be read again and merged: make a plan and run it"
            )
        }
        if editor.transactions.previousMark == nil {
            try await definitions.record(TaskDefinition(plan), digest: editor.transactions.names.definition)
        }
    }

    /// Reads what changed since the mark, by the four signals.
    private func readWindow(
        _ session: MaskedSession<Connector.Session>,
        _ signals: MarkSignals,
        _ description: TableDescription,
        _ plan: TaskPlan,
        _ cursor: Cursor,
        _ transactions: TaskTransactionState,
        _ sink: ChangeSink,
        _ result: inout TaskResult
    ) async throws -> TaskRead {
        var signals = policy.corrected(signals, since: transactions.previousReading)
        let earlier = await readings.record(signals)
        let reading = SourceReading(signals)
        if !description.hasSnapshots { signals.limitations.append("the table's engine has no snapshots") }
        let previous = usableMark(transactions, signals, cursor, &result)
        let setBack = policy.setBack(in: signals, since: transactions.previousReading) ?? 0
        // An open transaction may hold a row that carries the cursor of its committed version: rows are compared then.
        let comparesRows = signals.oldestWriter != nil
        var probe = InFlightProbe(
            keys: plan.sourceKeys,
            cursor: cursor.column,
            comparing: comparesRows ? plan.readFields.map(\.name) : [],
            reading: cursor.type == .timestamp ? reading.map(cursor.floor) : nil
        )
        let probeBound = policy.probeBound(
            previous: previous,
            signals: signals,
            cursor: cursor,
            setBack: setBack
        )
        let probeFields = plan.readFields.filter {
            comparesRows || $0.name == cursor.column || plan.sourceKeys.contains($0.name)
        }
        let uncommitted = plan.query(
            columns: probeFields,
            window: CursorWindow(
                column: cursor.column,
                type: cursor.type,
                lowerBound: probeBound,
                includesNulls: false
            )
        )
        for try await batch in try await session.rows(uncommitted, at: .uncommitted) { probe.expect(batch) }
        _ = await session.takeNotices()  // the rows that count are read below

        let bound = policy.readBound(
            previous: previous,
            signals: signals,
            cursor: cursor,
            setBack: setBack
        )
        let query = plan.query(
            window: bound.map { CursorWindow(column: cursor.column, type: cursor.type, lowerBound: $0) },
            order: bound == nil ? plan.order : []
        )
        for try await batch in try await session.rows(query, at: .snapshot) {
            try Task.checkCancellation()
            result.counts.rowsRead += batch.rowCount
            tell(.read(batch.rowCount))
            probe.observe(batch)
            try await sink.append(sink.patch(plan.conform(batch)))
        }
        try await session.endSnapshot()
        if probe.isInDoubt {
            let later = try await session.signals()
            probe.settle(clock: reading?.reached(by: later) ?? later.now)
        }
        let mark = policy.decide(
            previous: previous,
            signals: signals,
            inFlight: probe.oldest,
            cursor: cursor,
            readings: earlier + (transactions.previousReading.map { [$0] } ?? []),
            setBack: setBack
        )
        result.notices = await session.takeNotices()
        let isIdleTooLong = result.counts.rowsRead > Self.idleRows && mark.value != previous?.value
        return TaskRead(
            rows: try await sink.finish(),
            mark: mark,
            reading: reading,
            evenIfUnchanged: isIdleTooLong || (previous == nil && !result.wasFirstLoad),
            staleRules: sink.staleRules,
            result: result
        )
    }

    /// The mark to read from; nil reads everything, and where that is no first load a warning says why.
    private func usableMark(
        _ transactions: TaskTransactionState,
        _ signals: MarkSignals,
        _ cursor: Cursor,
        _ result: inout TaskResult
    ) -> Mark? {
        guard let value = transactions.previousMark else {
            if !result.wasFirstLoad {
                result.warnings.append("the task's definition is new: everything is read again and merged")
            }
            return nil
        }
        let mark = Mark(value: value, guarantee: .proven)
        if result.wasFirstLoad {
            result.warnings.append("the lake has a mark but no rows of this task: everything is read again")
            return nil
        }
        let reading = transactions.previousReading
        let setBack = policy.setBack(in: signals, since: reading)
        if let setBack, policy.isStep(setBack) {
            result.warnings.append(
                "the source's clock was set back by up to \(setBack / 1_000_000 + 1) s since the last mark: the window "
                    + "begins that much earlier"
            )
        } else if setBack == nil, policy.isSetBack(signals, since: mark, reading: reading, cursor: cursor) {
            result.warnings.append(
                "the source's clock stands before the last mark: it was set back, and everything is read again"
            )
            return nil
        }
        return transactions.disturbances.isEmpty ? mark : nil
    }

    /// Reads the whole table and writes what differs, deletions included.
    private func compare(
        _ session: MaskedSession<Connector.Session>,
        _ signals: MarkSignals,
        _ plan: TaskPlan,
        _ editor: PartitionEditor,
        _ sink: ChangeSink,
        _ result: inout TaskResult
    ) async throws -> TaskRead {
        let snapshot = editor.snapshot
        var index = LakeIndex(keys: plan.lakeKeys, compared: plan.comparedColumns)
        let columns = plan.lakeFields.map(\.name)
        for try await batch in try lake.table.rows(of: snapshot, partition: task.partition, columns: columns)
        {
            try index.insert(batch)
        }
        let query = plan.query(order: plan.order)
        for try await batch in try await session.rows(query, at: .snapshot) {
            try Task.checkCancellation()
            result.counts.rowsRead += batch.rowCount
            tell(.read(batch.rowCount))
            let rows = try sink.patch(plan.conform(batch))
            try await sink.append(result.wasFirstLoad ? rows : index.differences(rows))
        }
        try await session.endSnapshot()
        result.notices = await session.takeNotices()
        if !result.wasFirstLoad { sink.deleteUnseen(of: index) }
        result.counts.unchanged += index.unchangedCount
        return TaskRead(
            rows: try await sink.finish(),
            mark: Mark(value: signals.now, guarantee: .proven),
            reading: SourceReading(signals),
            evenIfUnchanged: !editor.transactions.disturbances.isEmpty
                || (editor.transactions.previousMark == nil && !result.wasFirstLoad),
            staleRules: sink.staleRules,
            result: result
        )
    }

    /// A client's rows may lie under one region only; moving it is a planned step.
    private func refuseMovedClient(_ snapshot: Snapshot) throws {
        for file in snapshot.files(inPartition: [LakeColumns.client: task.identity.client]) {
            guard let region = file.partitionValues[LakeColumns.region] ?? nil, region != task.identity.region
            else { continue }
            throw SyncError(
                .movedClient,
                task: task.identity,
                message:
                    "the lake has rows of this client under region \"\(region)\"; correct the roster, or remove those "
                    + "rows first"
            )
        }
    }

    /// Counts of the commits joined to those of the reading.
    private func merged(_ counts: TaskCounts, into base: TaskCounts) -> TaskCounts {
        var all = counts
        all.rowsRead = base.rowsRead
        all.unchanged += base.unchanged
        return all
    }
}

/// What a task has read; the rows are still to be committed.
struct TaskRead: Sendable {
    var rows: UncommittedRows
    var mark: Mark
    /// What the source told before the rows were read.
    var reading: SourceReading?
    /// Whether the mark is to move although nothing changed.
    var evenIfUnchanged: Bool
    /// The rules whose source row has changed.
    var staleRules: Set<String>
    var result: TaskResult
    /// What is kept of a load until it is complete.
    var finished: LoadStore?
}
