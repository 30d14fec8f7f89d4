import ColumnBatches
import DeltaLog
import DeltaTables
import FoundationEssentials
import IncrementalFilters
import SourceConnectors
import SyncLedgers

/// Finds out from metadata what a run would do; it reads no row and writes nothing.
struct SyncPlanner<Connector: SourceConnector>: Sendable {
    let pipeline: SyncPipeline<Connector>
    let tasks: [SyncTask]

    /// What the source said of one task.
    private struct Survey: Sendable {
        var description: TableDescription?
        var signals: MarkSignals?
        /// Whether the connector can read a table in ranges of a key.
        var hasRanges = false
        var problem: String?
        var isOutage = false
    }

    func plan(_ selection: TaskSelection) async throws -> SyncPlan {
        let surveys = await surveyAll()
        let history = try await RunHistory(store: pipeline.lake).lastRuns()
            .filter { $0.value.tellsOfIncrements }
        var plan = SyncPlan(
            madeAt: Date(),
            regions: selection.regions.description,
            client: selection.client,
            table: selection.table,
            tables: [],
            tasks: [],
            hosts: []
        )
        let shapes = await ShapeBoard.known(in: pipeline.lake, logger: pipeline.logger)
        var paths: [String] = []
        for task in tasks where !paths.contains(task.lakePath) { paths.append(task.lakePath) }
        for path in paths {
            let mine = tasks.indices.filter { tasks[$0].lakePath == path }
            let table = DeltaTable(store: pipeline.lake, path: path)
            let snapshot = try await table.exists() ? try await table.snapshot() : nil
            let preparation = TablePreparation(
                tasks: mine.map { tasks[$0] },
                connector: pipeline.connector,
                table: table,
                clientIDType: pipeline.configuration.clientIDType == .integer ? .int64 : .string
            )
            let (report, schema) = preparation.preview(
                try snapshot.map { try table.schema(of: $0) },
                mine.map { (tasks[$0], surveys[$0].description, surveys[$0].problem, surveys[$0].isOutage) }
            )
            plan.tables.append(
                SyncPlan.Table(report, writes: mine.first.flatMap { tasks[$0].template.writesText })
            )
            var fleet = FleetShapes()
            for index in mine {
                guard let description = surveys[index].description else { continue }
                let identity = tasks[index].identity
                fleet.add("\(identity.region)/\(identity.client)", TableShape(description))
            }
            plan.tables[plan.tables.count - 1].shapes = fleet.lines
            let sizes = snapshot.map(PartitionSizes.init)
            for index in mine {
                let entry = try await self.entry(
                    tasks[index],
                    surveys[index],
                    snapshot,
                    schema,
                    sizes,
                    history,
                    shapes
                )
                plan.tasks.append(entry)
            }
        }
        plan.hosts = hosts
        plan.id = plan.derivedID
        return plan
    }

    private var hosts: [SyncPlan.Host] {
        let configuration = pipeline.configuration
        var counts: [String: Int] = [:]
        for task in tasks { counts[configuration.host(of: task.source.connection), default: 0] += 1 }
        return counts.sorted { $0.key < $1.key }.map { host, count in
            SyncPlan.Host(
                host: host,
                tasks: count,
                connections: min(count, configuration.limits.tasks, configuration.limits.tasksPerHost)
            )
        }
    }

    private func surveyAll() async -> [Survey] {
        var surveys = Array(repeating: Survey(), count: tasks.count)
        await withTaskGroup(of: (Int, Survey).self) { group in
            let entries = tasks.map { task in
                FleetSchedule.Entry(
                    region: task.identity.region,
                    host: pipeline.configuration.host(of: task.source.connection),
                    expectedRows: nil
                )
            }
            var schedule = FleetSchedule(entries, limits: pipeline.configuration.limits)
            while schedule.hasWork {
                while let index = schedule.start() {
                    group.addTask { (index, await survey(tasks[index])) }
                }
                guard let (index, survey) = await group.next() else { break }
                schedule.end(index)
                surveys[index] = survey
            }
        }
        return surveys
    }

    private func survey(_ task: SyncTask) async -> Survey {
        do {
            let masked = try MaskingConnector(pipeline.connector, for: task)
            return try await masked.withSession(for: task.source) { session in
                let description = try await session.describe(task)
                let missing = "the database \(task.sourceTable.database) has no such table"
                return Survey(
                    description: description,
                    signals: try await session.signals(),
                    hasRanges: session is any RangedSession,
                    problem: description == nil ? missing : nil
                )
            }
        } catch {
            return Survey(problem: "\(error)", isOutage: (error as? SourceError)?.isTransient ?? false)
        }
    }

    /// What one task would do.
    private func entry(
        _ task: SyncTask,
        _ survey: Survey,
        _ snapshot: Snapshot?,
        _ schema: TableSchema?,
        _ sizes: PartitionSizes?,
        _ history: [TaskIdentity: LastRun],
        _ shapes: ShapeBoard
    ) async throws -> SyncPlan.Task {
        var entry = SyncPlan.Task(
            region: task.identity.region,
            client: task.identity.client,
            table: task.template.qualifiedName,
            action: .blocked,
            destructive: [],
            lints: []
        )
        guard let description = survey.description, let signals = survey.signals, let schema else {
            entry.problem = survey.problem ?? "the lake table cannot be prepared"
            return entry
        }
        let plan: TaskPlan
        let columns: TaskColumns
        do {
            columns = try TaskColumns(task: task, source: description)
            let check = DriftCheck(task: task, shapes: shapes, allowance: nil)
            defer { entry.drift = shapes.noted(task.identity, failed: false).filter { !$0.isToOthers } }
            plan = try TaskPlan(
                task: task,
                source: try check.check(description, lake: schema.dataFields),
                lake: schema
            )
        } catch {
            entry.problem = "\(error)"
            return entry
        }
        entry.lints = PlanLint.lints(for: plan, columns, description, signals)
        let lakeRows = sizes?.rows[task.partition] ?? 0
        var redefinition: Redefinition?
        if let snapshot {
            let names = TaskTransactions(
                task: task.identity,
                tableID: snapshot.metadata.id,
                definition: plan.definition
            )
            let state = TaskTransactionState(names: names, snapshot: snapshot)
            entry.mark = state.previousMark
            entry.definition = names.definition
            redefinition = try await Redefinition.find(
                plan,
                state,
                snapshot,
                DefinitionStore(store: pipeline.lake)
            )
        }
        let isEmpty = snapshot?.files(inPartition: task.partition).isEmpty ?? true
        entry.action = Self.action(plan, mark: entry.mark, isEmpty: isEmpty)
        predict(&entry, plan, signals, description)
        switch entry.action {
        case .firstLoad, .backfill, .compare: entry.expectedRows = description.estimatedRows
        case .increment: entry.expectedRows = history[task.identity]?.rowsRead
        case .reset, .move, .blocked: break
        }
        if entry.action == .firstLoad, survey.hasRanges, plan.chunkKey != nil {
            entry.expectedChunks = pipeline.configuration.limits.leastChunks(entry.expectedRows)
        }
        switch entry.action {
        case .increment, .compare:
            // Only what changed is written: as much as last time is the best guess.
            entry.expectedBytes = history[task.identity]?.bytesWritten
        case .firstLoad, .backfill:
            if let rows = entry.expectedRows, let bytes = sizes?.bytesPerRow {
                entry.expectedBytes = Int(Double(rows) * bytes)
            }
        case .reset, .move, .blocked: break
        }
        let seesDeletes = plan.isComparison || task.template.findDeletes != .never || pipeline.findsDeletes
        if seesDeletes && task.template.removesRows && !isEmpty {
            entry.predictedDeletes = description.estimatedRows.map { max(0, lakeRows - $0) }
        }
        if let redefinition, !redefinition.changes.isEmpty {
            entry.destructive.append("another definition: \(redefinition.changes.joined(separator: "; "))")
            if redefinition.isIncompatible && !isEmpty {
                entry.action = .blocked
                entry.problem =
                    "the lake's rows were not written that way; reset the task, which removes them"
            }
        }
        let allowed = pipeline.configuration.guardrails.deletions(ofRows: lakeRows)
        if let deletes = entry.predictedDeletes, deletes > allowed {
            entry.destructive.append("about \(deletes) of \(lakeRows) rows would go")
        }
        return entry
    }

    private static func action(_ plan: TaskPlan, mark: Int64?, isEmpty: Bool) -> SyncPlan.Action {
        if isEmpty { return .firstLoad }
        if plan.isComparison { return .compare }
        return mark == nil ? .backfill : .increment
    }

    private func predict(
        _ entry: inout SyncPlan.Task,
        _ plan: TaskPlan,
        _ signals: MarkSignals,
        _ description: TableDescription
    ) {
        guard case .incremental(let cursor) = plan.mode else {
            entry.guarantee = MarkGuarantee.proven.description
            return
        }
        var signals = signals
        if !description.hasSnapshots { signals.limitations.append("the table's engine has no snapshots") }
        if cursor.isCounter {
            let limitations = signals.limitations
            let expected = pipeline.markPolicy.expectation(for: cursor, limitations: limitations)
            entry.guarantee = expected.guarantee.description
            let oldest = min(signals.oldestStatement ?? signals.now, signals.oldestWriter ?? signals.now)
            entry.heldBy = signals.now - oldest > 10_000_000 ? signals.heldBy : nil
            return
        }
        let isFresh = entry.action == .firstLoad
        let previous = isFresh ? nil : entry.mark.map { Mark(value: $0, guarantee: .proven) }
        let mark = pipeline.markPolicy.decide(
            previous: previous,
            signals: signals,
            inFlight: nil,
            cursor: cursor
        )
        entry.guarantee = mark.guarantee.description
        // What has run for a moment only is gone before the run begins.
        let oldest = min(signals.oldestStatement ?? signals.now, signals.oldestWriter ?? signals.now)
        entry.heldBy = signals.now - oldest > 10_000_000 ? mark.heldBy : nil
    }
}

/// Rows and bytes of a lake table's partitions, by the statistics of its files.
struct PartitionSizes: Sendable {
    let rows: [[String: String?]: Int]
    /// Bytes of files a row; nil for a table without rows.
    let bytesPerRow: Double?

    init(_ snapshot: Snapshot) {
        rows = ExpectedSizes.rowsByPartition(snapshot)
        let count = rows.values.reduce(0, +)
        let bytes = snapshot.files.reduce(Int64(0)) { $0 + $1.size }
        bytesPerRow = count > 0 ? Double(bytes) / Double(count) : nil
    }
}

extension LastRun {
    /// Whether the run says how many rows the next one will read.
    fileprivate var tellsOfIncrements: Bool {
        let others: [TaskOutcome] = [.loaded, .reset, .resynced, .backfilled, .moved]
        return errorCode == nil && !others.contains { $0.rawValue == outcome }
    }
}

extension SyncPlan.Table {
    fileprivate init(_ report: PrepareReport.Table, writes: String?) {
        self.writes = writes
        table = report.table
        preparation = report.outcome.rawValue
        let added = Set(report.addedColumns)
        columns = report.columns.filter { column in added.contains { column.hasPrefix($0 + " ") } }
        keys = report.keys
        changes = report.changes
        problem = report.error
        bronze = report.bronze
    }
}
