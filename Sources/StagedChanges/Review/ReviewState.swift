import ColumnBatches
import FoundationEssentials
public import SyncLedgers

/// All change sets and rules of a lake with what became of them.
public struct ReviewState: Sendable {
    /// The change sets, the oldest first.
    public private(set) var changeSets: [StagedChangeSet] = []
    /// The rules, in the order in which they were approved or, until then, made.
    public private(set) var rules: [PatchRule] = []

    /// Nothing staged, nothing decided.
    public init() {}

    /// The change set of a task that waits, if there is one.
    public func pending(_ task: TaskIdentity) -> StagedChangeSet? {
        changeSets.last { $0.task == task && $0.state == .pending }
    }

    /// The last change set of a task that was rejected.
    public func lastRejected(_ task: TaskIdentity) -> StagedChangeSet? {
        changeSets.last { $0.task == task && $0.state == .rejected }
    }

    /// The rules in some states that concern a task, in order.
    public func rules(for task: TaskIdentity, in states: Set<PatchRule.State> = [.approved]) -> [PatchRule] {
        rules.filter { rule in
            states.contains(rule.state) && rule.schema == task.schema && rule.table == task.table
                && rule.concerns(region: task.region, client: task.client)
        }
    }

    mutating func apply(_ row: [ColumnValue], at time: Int64) throws(StagedChangesError) {
        func text(_ index: Int) -> String? { if case .string(let text) = row[index] { text } else { nil } }
        guard let name = text(1), let kind = ReviewEvent.Kind(rawValue: name) else { return }
        switch kind {
        case .staged:
            guard var set = text(10).flatMap(Self.changeSet) else {
                throw StagedChangesError(
                    .corruptStage,
                    changeSet: text(2),
                    message: "the log of reviews holds a change set that cannot be read"
                )
            }
            set.stagedAt = time
            changeSets.append(set)
        case .applied, .rejected, .superseded:
            guard let index = changeSets.lastIndex(where: { $0.id == text(2) }) else { return }
            changeSets[index].state =
                kind == .applied ? .applied : kind == .rejected ? .rejected : .superseded
            changeSets[index].decidedBy = text(8)
            changeSets[index].decidedAt = time
            changeSets[index].note = text(9)
        case .proposed, .approved:
            guard let json = text(10) else { return }
            var rule = try PatchRule(json: json)
            rule.state = kind == .proposed ? .proposed : .approved
            rules.removeAll { $0.id == rule.id }
            rules.append(rule)  // at the end: rules are applied in the order in which they were approved
        case .stale, .retired:
            guard let index = rules.firstIndex(where: { $0.id == text(3) }) else { return }
            rules[index].state = kind == .stale ? .stale : .retired
        }
    }

    private static func changeSet(_ json: String) -> StagedChangeSet? {
        try? JSONDecoder().decode(StagedChangeSet.self, from: Data(json.utf8))
    }
}
