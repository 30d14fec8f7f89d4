import ColumnBatches
import DeltaLog
import DeltaTables
import IncrementalFilters
import Logging
import MergePlanning
import SourceConnectors
import StagedChanges
import SyncLedgers

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
    /// Whether somebody asked for a search for rows that the source no longer has.
    var findsDeletes = false
    /// What the tables of clients looked like.
    let shapes: ShapeBoard
    /// The rows that are set aside.
    let quarantine: QuarantineBoard
    let logger: Logger
    let tell: @Sendable (TaskEvent) -> Void

    func run() async throws -> TaskResult {
        let masked = try MaskingConnector(connector, for: task)
        var read: TaskRead = try await TraceSpan.around("sync read") { _ in
            try await masked.withSession(for: task.source) { session in try await self.read(in: session) }
        }
        if !read.isQuiet { tell(.released(bytes: read.rows.byteCount)) }
        var result = read.result
        result.mark = read.mark
        result.rowsSetAside = read.quarantine.setAside.count
        // Before the commit whose mark leaves the rows behind: a stop between the two loses none.
        try await quarantine.setAside(read.quarantine, of: task.identity)
        result.counter = read.counter
        if case .staged(var set, let files) = read.rows.content {
            set.mark = read.mark?.value ?? set.mark
            set.guarantee = read.mark?.guarantee.description
            set.markHeldBy = read.mark?.heldBy
            let counted = result.counts
            try await review.settle(set, files, lake: lake, &result)
            result.counts = merged(result.counts, into: counted)
        } else {
            let reading = read.reading
            let mark = read.mark.map { MarkMove($0.value, reading: reading, counter: read.counter) }
            let counts = try await read.rows.commit(
                mark: mark,
                evenIfUnchanged: read.evenIfUnchanged
            )
            result.counts = merged(counts, into: result.counts)
            await read.finished?.remove()
            if task.template.review == .required { try await review.settleNothing(task.identity) }
        }
        try await review.report(stale: read.staleRules, &result)
        do {
            try await quarantine.settle(read.quarantine, of: task.identity)
        } catch {
            result.warnings.append(
                "rows of the quarantine came into the lake, and their entries could not be closed; replay them: \(error)"
            )
        }
        return result
    }

    private func read(in session: MaskedSession<Connector.Session>) async throws -> TaskRead {
        let snapshot = try await lake.snapshot()
        let files = snapshot.files(inPartition: [LakeColumns.client: task.identity.client])
        guard var description = try await session.describe(task, shape: !files.isEmpty) else {
            throw SourceError(
                .missing,
                source: task.source,
                table: task.sourceTable,
                message:
                    "the database has no such table, or the user may not see it; create it, grant SELECT, or set "
                    + "\"skip\" for this client"
            )
        }
        try refuseMovedClient(files)
        let schema = try lake.table.schema(of: snapshot)
        description = try DriftCheck(task: task, shapes: shapes, allowance: allowance)
            .check(description, lake: schema.dataFields)
        var plan = try TaskPlan(task: task, source: description, lake: schema)
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
            transactions: TaskTransactionState(names: names, snapshot: snapshot),
            task: task.identity,
            lineage: task.lineage(run: review.run)
        )
        try await editor.findDisturbances()
        try await guardDefinition(plan, editor)
        editor.valve = valve(ofRows: editor.rowCount)
        var result = TaskResult(warnings: plan.warnings, transactions: names)
        if !editor.transactions.disturbances.isEmpty {
            result.warnings.append(ForeignChange.warning(editor.transactions.disturbances))
        }
        let load = try await pendingLoad(plan, description, editor, in: session)
        result.wasFirstLoad = editor.isEmpty || load != nil
        if let stepBackRows, result.wasFirstLoad || plan.isComparison,
            case let rows = description.estimatedRows ?? editor.rowCount, rows >= stepBackRows
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
            stage: review.stage(for: plan, editor),
            sieve: try await sieve(plan)
        )
        do {
            // After the lake's state: a mark of another run must not lie past the source's clock.
            let look = try await look(at: session, plan, description, editor.transactions)
            let signals = look.signals
            plan.observedAt = signals.now
            sink.rule = plan.writeRule
            editor.lineage?.syncedAt = signals.now
            sink.reads(at: signals.now)
            if let load, let session = session as? any RangedSession,
                let read = try await self.load(
                    load,
                    plan,
                    description,
                    editor,
                    by: session,
                    look,
                    sink.sieve,
                    &result
                )
            {
                return read
            }
            var read: TaskRead
            var reach = RowSieve.Reach.some
            if allowance?.replaysQuarantine == true {
                read = try await readQuarantined(session, plan, sink, &result)
                reach = .openKeys
            } else {
                read = try await readMode(session, look, description, plan, editor, sink, &result)
                if read.isWhole { reach = .all }
            }
            read.quarantine = try await outcome(of: sink.sieve, reach, plan, in: editor.snapshot)
            return read
        } catch {
            await sink.cancel()
            try? await session.endSnapshot()
            throw error
        }
    }

    /// Reads as the task's mode has it.
    private func readMode(
        _ session: MaskedSession<Connector.Session>,
        _ look: SourceLook,
        _ description: TableDescription,
        _ plan: TaskPlan,
        _ editor: PartitionEditor,
        _ sink: ChangeSink,
        _ result: inout TaskResult
    ) async throws -> TaskRead {
        switch plan.mode {
        case .incremental(let cursor):
            if let range = allowance?.range {
                return try await readRange(range, session, plan, cursor, sink, &result)
            }
            return try await readWindow(
                session,
                look,
                description,
                plan,
                cursor,
                editor,
                sink,
                &result
            )
        case .compare:
            return try await compare(session, look.signals, plan, editor, sink, &result)
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
            !redefinition.changes.isEmpty, redefinition.isIncompatible || allowance?.mayRedefine != true,
            !redefinition.isDrop || task.template.drift.dropped == .fail
        {
            if redefinition.isIncompatible {
                throw SyncError(
                    .needsPlan,
                    step: "plan",
                    task: task.identity,
                    message:
                        "\(redefinition.changes.joined(separator: "; ")): the rows that the lake has were not written that "
                        + "way; reset the task, which removes them, and run again"
                )
            }
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
        for try await batch in try lake.live(plan, of: snapshot, columns: plan.lakeFields.map(\.name)) {
            try index.insert(batch)
        }
        sink.valve = valve(ofRows: index.count)
        let query = plan.query(order: plan.order)
        for try await batch in try await session.rows(query, at: .snapshot) {
            try Task.checkCancellation()
            result.counts.rowsRead += batch.rowCount
            tell(.read(batch.rowCount))
            let sifted = try sink.sieve.sift(batch)
            // What the lake has of a row that is set aside stays.
            if let aside = sifted.aside { try index.see(plan.conform(aside)) }
            let rows = try sink.patch(plan.conform(sifted.sound))
            try await sink.append(result.wasFirstLoad ? rows : index.differences(rows))
        }
        try await session.endSnapshot()
        result.notices = await session.takeNotices()
        if !result.wasFirstLoad && task.template.removesRows { sink.deleteUnseen(of: index) }
        result.counts.unchanged += index.unchangedCount
        return TaskRead(
            rows: try await sink.finish(),
            mark: Mark(value: signals.now, guarantee: .proven),
            reading: SourceReading(signals),
            evenIfUnchanged: !editor.transactions.disturbances.isEmpty
                || (editor.transactions.previousMark == nil && !result.wasFirstLoad),
            staleRules: sink.staleRules,
            result: result,
            isWhole: true
        )
    }

    /// How many rows may go.
    func valve(ofRows rows: Int) -> DeletionValve {
        DeletionValve(
            client: task.identity.client,
            rows: rows,
            limit: max(guardrails.deletions(ofRows: rows), allowance?.deletions ?? 0)
        )
    }

    /// A client's rows may lie under one region only; moving it is a planned step.
    private func refuseMovedClient(_ files: [AddFile]) throws {
        for file in files {
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
