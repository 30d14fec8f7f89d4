import DeltaLog
import DeltaTables
import FoundationEssentials
import MergePlanning
import ObjectStores
public import StagedChanges
import SyncLedgers

extension SyncPipeline {
    /// The change sets of a selection in some states, the oldest first.
    public func changeSets(_ selection: TaskSelection, in states: Set<StagedChangeSet.State> = [.pending])
        async throws -> [StagedChangeSet]
    {
        try await ReviewLog(store: lake).state().changeSets.filter { set in
            states.contains(set.state) && selection.contains(set.task)
        }
    }

    /// The rules of the lake, in the order in which they are applied.
    public func patchRules() async throws -> [PatchRule] {
        try await ReviewLog(store: lake).state().rules
    }

    /// A change set's rows as people read them, with what the proposed rules would make of them.
    ///
    /// - Parameters:
    ///   - set: The change set.
    ///   - limit: The most rows.
    /// - Returns: The rows in the order of the stage.
    /// - Throws: Errors of the stage, and of proposed rules that do not fit.
    public func diff(_ set: StagedChangeSet, limit: Int = 50) async throws -> [RowDiff] {
        let table = DeltaTable(store: lake, path: "\(set.schema)/\(set.table)")
        let fields = try table.schema(of: try await table.snapshot()).dataFields
        let state = try await ReviewLog(store: lake).state()
        let rules = state.rules(for: set.task, in: [.approved, .proposed]).filter {
            !set.appliedRules.contains($0.id)
        }
        let replay = try PatchReplay(rules: rules, fields: fields, keys: set.keys)
        var rows: [RowDiff] = []
        let stage = StageTable(store: lake, schema: set.schema, table: set.table)
        try await stage.forEachBatch(of: set, lake: fields) { batch in
            rows += try batch.diffs(keys: set.keys, proposed: replay).prefix(limit - rows.count)
            return rows.count < limit
        }
        return rows
    }

    /// Makes a rule; it shows in the diff until a change set that it concerns is approved.
    ///
    /// - Parameters:
    ///   - rule: The rule.
    ///   - by: Who makes it.
    /// - Throws: `StagedChangesError` when it does not fit its table.
    public func propose(_ rule: PatchRule, by: String) async throws {
        let table = DeltaTable(store: lake, path: "\(rule.schema)/\(rule.table)")
        let fields = try table.schema(of: try await table.snapshot()).dataFields
        let state = try await ReviewLog(store: lake).state()
        let keys = state.changeSets.last { $0.schema == rule.schema && $0.table == rule.table }?.keys
        _ = try PatchReplay(rules: [rule], fields: fields, keys: keys ?? Self.keys(of: rule))
        try await ReviewLog(store: lake).append([ReviewEvent(.proposed, rule, by: by)])
    }

    /// Ends a rule: later reads bring what the source says.
    public func retire(rule id: String, by: String, note: String? = nil) async throws {
        let log = ReviewLog(store: lake)
        guard let rule = try await log.state().rules.first(where: { $0.id == id }) else {
            throw StagedChangesError(.invalidRule, rule: id, message: "there is no rule of that name")
        }
        try await log.append([ReviewEvent(.retired, rule, by: by, note: note)])
    }

    /// Brings the waiting change sets of a selection into the lake, and approves the rules that concern them.
    ///
    /// The mark moves in the commit that brings the last changes; a set that the lake has moved on from is refused.
    ///
    /// - Parameters:
    ///   - selection: Which clients and tables.
    ///   - id: Only this change set, or nil for all that wait.
    ///   - by: Who decides.
    ///   - note: What they say.
    /// - Returns: What became of each set.
    /// - Throws: `StagedChangesError` when nothing waits.
    public func approve(
        _ selection: TaskSelection,
        changeSet id: String? = nil,
        by: String,
        note: String? = nil
    )
        async throws -> [ReviewReport]
    {
        let leases = LeaseBoard(
            store: lake,
            run: "review-" + UUID().uuidString.lowercased(),
            duration: configuration.limits.leaseDuration
        )
        let application = application
        return try await decide(selection, id) { set in
            if case .held(let holder) = try await leases.acquire(set.task) {
                throw StagedChangesError(
                    .staleChangeSet,
                    changeSet: set.id,
                    message: "run \(holder.run) works on it now; approve again when it has ended"
                )
            }
            let table = LakeTable(
                DeltaTable(store: lake, path: "\(set.schema)/\(set.table)"),
                bronzePath: application.tasks[set.task]?.template.bronzePath
            )
            var report = ReviewReport(changeSet: set)
            do {
                let counts = try await application.approve(set, lake: table, by: by, note: note)
                report.count(counts)
                report.changeSet.state = .applied
                try await record(set, in: table)
            } catch {
                report.error = "\(error)"
            }
            await leases.release(set.task)
            return report
        }
    }

    /// Refuses the waiting change sets of a selection; their marks stay where they are.
    ///
    /// A later run that finds the same changes does not stage them again.
    public func reject(_ selection: TaskSelection, changeSet id: String? = nil, by: String, note: String)
        async throws -> [ReviewReport]
    {
        try await decide(selection, id) { set in
            try await ReviewLog(store: lake).append([ReviewEvent(.rejected, set, by: by, note: note)])
            var report = ReviewReport(changeSet: set)
            report.changeSet.state = .rejected
            return report
        }
    }

    /// What review means for the tasks of a run.
    func review(run: String) async throws -> TaskReview {
        TaskReview(
            store: lake,
            run: run,
            state: try await ReviewLog(store: lake).state(),
            reviewer: reviewer,
            application: application
        )
    }

    private var application: ChangeSetApplication {
        var application = ChangeSetApplication(
            store: lake,
            options: files,
            sliceBytes: configuration.limits.sliceBytes
        )
        for task in (try? tasks(TaskSelection(regions: .all))) ?? [] {
            application.tasks[task.identity] = task
        }
        return application
    }

    private func decide(
        _ selection: TaskSelection,
        _ id: String?,
        _ body: (StagedChangeSet) async throws -> ReviewReport
    ) async throws -> [ReviewReport] {
        let waiting = try await changeSets(selection).filter { id == nil || $0.id == id }
        guard !waiting.isEmpty else {
            throw StagedChangesError(
                .nothingStaged,
                changeSet: id,
                message: "nothing waits for a decision in the selection"
            )
        }
        var reports: [ReviewReport] = []
        for set in waiting {
            do {
                reports.append(try await body(set))
            } catch let error as StagedChangesError {
                var report = ReviewReport(changeSet: set)
                report.error = "\(error)"
                reports.append(report)
            }
        }
        return reports
    }

    /// Brings the ledger up to a change set that was applied.
    private func record(_ set: StagedChangeSet, in table: LakeTable) async throws {
        _ = try await SyncLedger(store: lake).reconcile {
            let snapshot = try await table.snapshot()
            guard let mark = snapshot.transactionVersion(set.markTransaction) else { return [] }
            return [
                LedgerEntry(
                    task: set.task,
                    mark: mark,
                    runSequence: snapshot.transactionVersion(set.runTransaction) ?? 0,
                    definition: set.definition
                )
            ]
        }
    }

    private static func keys(of rule: PatchRule) -> [String] {
        if case .row(let key, _) = rule.target { key.keys.sorted() } else { [] }
    }
}

/// What became of one change set that somebody decided about.
public struct ReviewReport: Sendable, Hashable, Codable {
    /// The change set.
    public var changeSet: StagedChangeSet
    /// Rows that are new in the lake.
    public var rowsInserted = 0
    /// Rows that replaced others.
    public var rowsUpdated = 0
    /// Rows that left the lake.
    public var rowsDeleted = 0
    /// Why it could not be applied; it waits still.
    public var error: String?

    init(changeSet: StagedChangeSet) {
        self.changeSet = changeSet
    }

    mutating func count(_ counts: TaskCounts) {
        rowsInserted = counts.inserted
        rowsUpdated = counts.updated
        rowsDeleted = counts.deleted
    }

    /// One line.
    public var text: String {
        let name = "\(changeSet.task) \(changeSet.id)"
        if let error { return "FAILED \(name): \(error)" }
        return
            "\(changeSet.state.rawValue) \(name): \(rowsInserted) new, \(rowsUpdated) changed, \(rowsDeleted) gone"
    }
}

extension TaskSelection {
    /// Whether a task belongs to the selection.
    func contains(_ task: TaskIdentity) -> Bool {
        regions.contains(task.region) && (client == nil || client == task.client)
            && (table == nil || table == task.table || table == "\(task.schema).\(task.table)")
    }
}
