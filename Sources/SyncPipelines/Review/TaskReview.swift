import DeltaLog
import DeltaTables
import IncrementalFilters
import MergePlanning
import ObjectStores
import StagedChanges
import SyncLedgers

/// What review means for the tasks of one run: what was decided before, and who decides now.
struct TaskReview: Sendable {
    let store: any ObjectStore
    let run: String
    /// What was staged and decided when the run began.
    let state: ReviewState
    let reviewer: (any ChangeReviewer)?
    let application: ChangeSetApplication

    /// The rules that are applied to a task's rows.
    func rules(for task: TaskIdentity) -> [PatchRule] { state.rules(for: task) }

    /// The stage that takes a task's changes, where people look at them first.
    func stage(for plan: TaskPlan, _ editor: PartitionEditor) -> ChangeStage? {
        guard plan.task.template.review == .required else { return nil }
        let task = plan.task.identity
        var set = StagedChangeSet(
            task: task,
            run: run,
            mark: editor.transactions.previousMark ?? 0,
            previousMark: editor.transactions.previousMark,
            sequence: editor.transactions.sequence,
            transactions: editor.transactions.names,
            keys: plan.lakeKeys
        )
        set.version = plan.lakeCursor
        set.filledColumns = plan.task.template.fill
        set.appliedRules = rules(for: task).map(\.id)
        let stage = StageTable(store: store, schema: task.schema, table: task.table)
        return ChangeStage(set: set, stage: stage, fields: plan.lakeFields)
    }

    /// Keeps a change set for people, unless the same changes wait or were rejected already.
    ///
    /// - Parameters:
    ///   - set: The change set.
    ///   - files: Its rows.
    ///   - lake: The lake table.
    ///   - result: The task's result so far.
    /// - Throws: Errors of the lake, and what the reviewer throws.
    func settle(
        _ set: StagedChangeSet,
        _ files: StagedFiles,
        lake: LakeTable,
        _ result: inout TaskResult
    ) async throws {
        let log = ReviewLog(store: store)
        let now = try await log.state()
        if let pending = now.pending(set.task), pending.digest == set.digest,
            pending.sequence == set.sequence,
            pending.previousMark == set.previousMark, pending.appliedRules == set.appliedRules
        {
            await files.discard()
            result.staged = pending
            return
        }
        if let rejected = now.lastRejected(set.task), rejected.digest == set.digest,
            now.pending(set.task) == nil
        {
            await files.discard()
            result.warnings.append(
                "the changes are those that were rejected as \(rejected.id): \(rejected.note ?? "no reason given")"
            )
            return
        }
        try await files.commit()
        var events = now.pending(set.task).map { [ReviewEvent(.superseded, $0, note: "by \(set.id)")] } ?? []
        events.append(ReviewEvent(.staged, set))
        try await log.append(events)
        result.staged = set
        guard let reviewer else { return }
        let stage = StageTable(store: store, schema: set.schema, table: set.table)
        let fields = try lake.table.schema(of: try await lake.snapshot()).dataFields
        let decision = try await reviewer.review(set) { body in
            try await stage.forEachBatch(of: set, lake: fields, body)
        }
        switch decision {
        case .wait: break
        case .reject(let reason):
            try await log.append([ReviewEvent(.rejected, set, by: "reviewer", note: reason)])
            result.staged = nil
            result.warnings.append("the change set \(set.id) was rejected: \(reason)")
        case .approve(let rules, let note):
            result.counts = try await application.approve(
                set,
                lake: lake,
                adding: rules,
                by: "reviewer",
                note: note
            )
            result.staged = nil
        }
    }

    /// A run found nothing to change: what waits from an earlier one no longer holds.
    func settleNothing(_ task: TaskIdentity) async throws {
        guard let pending = state.pending(task) else { return }
        try await ReviewLog(store: store).append([
            ReviewEvent(.superseded, pending, note: "run \(run) found nothing to change")
        ])
    }

    /// Says which rules have gone stale.
    func report(stale: Set<String>, _ result: inout TaskResult) async throws {
        let rules = state.rules.filter { stale.contains($0.id) }
        guard !rules.isEmpty else { return }
        try await ReviewLog(store: store).append(rules.map { ReviewEvent(.stale, $0, by: "run \(run)") })
        for rule in rules {
            result.warnings.append(
                "rule \(rule.id) is stale: its source row has changed; make it anew with the row's digest, or retire it"
            )
        }
    }
}
