import ColumnBatches
import DeltaLog
import DeltaTables
import IncrementalFilters
import Logging
import MergePlanning
import SourceConnectors
import SyncLedgers

/// What became of one task.
struct TaskResult: Sendable {
    var counts = TaskCounts()
    var wasFirstLoad = false
    var mark: Mark?
    var warnings: [String] = []
    /// Values that were read by a rule.
    var notices: [ValueNotice] = []
    /// The names of the task's transactions, for the ledger.
    var transactions: TaskTransactions?
}

/// Brings one table of one client into the lake, once: signals, probe, snapshot, rows, mark, commit.
struct TaskRunner<Connector: SourceConnector>: Sendable {
    let task: SyncTask
    let connector: Connector
    let lake: LakeTable
    let policy: MarkPolicy
    let options: DataFileOptions
    /// The bytes of changes that a task collects before it merges them.
    let sliceBytes: Int
    let logger: Logger
    /// Is told of rows as they are read.
    let progress: @Sendable (_ rowsRead: Int) -> Void

    /// A window that was read again with this many rows and brought none still moves the mark.
    private static var idleRows: Int { 10_000 }

    func run() async throws -> TaskResult {
        try await connector.withSession(for: task.source) { session in
            try await run(in: session)
        }
    }

    private func run(in session: Connector.Session) async throws -> TaskResult {
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
        let state = TaskTransactionState(names: names, snapshot: snapshot)
        let sink = try ChangeSink(
            lake: lake,
            snapshot: snapshot,
            plan: plan,
            transactions: state,
            options: options,
            sliceBytes: sliceBytes
        )
        var result = TaskResult(warnings: plan.warnings, transactions: names)
        result.wasFirstLoad = snapshot.files(inPartition: task.partition).isEmpty
        do {
            switch plan.mode {
            case .incremental(let cursor):
                try await readWindow(session, description, plan, cursor, state, sink, &result)
            case .compare:
                try await compare(session, plan, snapshot, sink, &result)
            }
        } catch {
            await sink.cancel()
            try? await session.endSnapshot()
            throw error
        }
        result.counts = merged(sink.counts, into: result.counts)
        result.notices = await session.takeNotices()
        return result
    }

    /// Reads what changed since the mark, by the four signals.
    private func readWindow(
        _ session: Connector.Session,
        _ description: TableDescription,
        _ plan: TaskPlan,
        _ cursor: Cursor,
        _ state: TaskTransactionState,
        _ sink: ChangeSink,
        _ result: inout TaskResult
    ) async throws {
        var signals = try await session.signals()
        if !description.hasSnapshots { signals.limitations.append("the table's engine has no snapshots") }
        var previous = state.previousMark.map { Mark(value: $0, guarantee: .proven) }
        if previous != nil && result.wasFirstLoad {
            result.warnings.append("the lake has a mark but no rows of this task: everything is read again")
            previous = nil
        }
        if previous == nil && !result.wasFirstLoad {
            result.warnings.append("the task's definition is new: everything is read again and merged")
        }
        if let previous, signals.now < previous.value {
            result.warnings.append("the source's clock stands before the last mark: it was set back")
        }
        var probe = InFlightProbe(keys: plan.sourceKeys, cursor: cursor.column)
        let probeBound = policy.probeBound(previous: previous, signals: signals, cursor: cursor)
        let probeFields = plan.readFields.filter {
            $0.name == cursor.column || plan.sourceKeys.contains($0.name)
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

        let bound = policy.readBound(previous: previous, signals: signals, cursor: cursor)
        let query = plan.query(
            window: bound.map { CursorWindow(column: cursor.column, type: cursor.type, lowerBound: $0) },
            order: bound == nil ? plan.order : []
        )
        for try await batch in try await session.rows(query, at: .snapshot) {
            try Task.checkCancellation()
            result.counts.rowsRead += batch.rowCount
            progress(batch.rowCount)
            probe.observe(batch)
            try await sink.append(plan.conform(batch))
        }
        try await session.endSnapshot()
        let mark = policy.decide(previous: previous, signals: signals, inFlight: probe.oldest, cursor: cursor)
        let isIdleTooLong = result.counts.rowsRead > Self.idleRows && mark.value != previous?.value
        try await sink.finish(mark: mark.value, evenIfUnchanged: isIdleTooLong)
        result.mark = mark
    }

    /// Reads the whole table and writes what differs, deletions included.
    private func compare(
        _ session: Connector.Session,
        _ plan: TaskPlan,
        _ snapshot: Snapshot,
        _ sink: ChangeSink,
        _ result: inout TaskResult
    ) async throws {
        let signals = try await session.signals()
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
            progress(batch.rowCount)
            let rows = plan.conform(batch)
            try await sink.append(result.wasFirstLoad ? rows : index.differences(rows))
        }
        try await session.endSnapshot()
        if !result.wasFirstLoad { sink.deleteUnseen(of: index) }
        result.counts.unchanged += index.unchangedCount
        let mark = Mark(value: signals.now, guarantee: .proven)
        try await sink.finish(mark: mark.value, evenIfUnchanged: false)
        result.mark = mark
    }

    /// A client's rows may lie under one region only; moving it is a planned step.
    private func refuseMovedClient(_ snapshot: Snapshot) throws {
        for file in snapshot.files {
            guard let client = file.partitionValues[LakeColumns.client] ?? nil,
                client == task.identity.client,
                let region = file.partitionValues[LakeColumns.region] ?? nil, region != task.identity.region
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

    private func merged(_ counts: TaskCounts, into base: TaskCounts) -> TaskCounts {
        var all = counts
        all.rowsRead = base.rowsRead
        all.unchanged += base.unchanged
        return all
    }
}
