import DeltaLog
import ColumnBatches
import DeltaTables
import SourceConnectors

/// What becomes of a task whose table is no longer what it was, kind by kind.
///
/// What the lake cannot hold as it is always stops the task, whatever the rules say: nothing is cut off silently, and no column
/// is renamed by itself.
public struct DriftRules: Sendable, Hashable {
    /// What is done about a difference.
    public enum Rule: String, Sendable, Hashable, CaseIterable {
        /// The task stops, until the rule or the table is another one.
        case fail
        /// The lake table follows when it is prepared: a column is added, a type is widened.
        case add
        /// The task goes on without it: a new column is not brought, one that is gone is null in rows that come.
        case ignore
    }

    /// New columns: `add` (default), `ignore` or `fail`.
    public var added = Rule.add
    /// Columns that are gone: `fail` (default) or `ignore`.
    public var dropped = Rule.fail
    /// Columns that seem to have another name: `fail` (default), or `ignore`, which takes them for one that is gone and a new one.
    public var renamed = Rule.fail
    /// Types that the lake's do not hold: `fail` (default), or `add`, by which `prepare` widens the lake's type.
    public var widened = Rule.fail
    /// Types that hold less than the lake's: `ignore` (default) or `fail`.
    public var narrowed = Rule.ignore
    /// Columns that may be null by now, or no longer: `ignore` (default) or `fail`.
    public var nullability = Rule.ignore
    /// Other character sets or collations: `ignore` (default) or `fail`.
    public var collation = Rule.ignore

    /// The rules that suit nearly every table.
    public init() {}

    /// The kinds that rules are about, with what may be said of each.
    static let choices:
        KeyValuePairs<String, (path: any WritableKeyPath<DriftRules, Rule> & Sendable, rules: [Rule])> = [
            "added": (\.added, [.add, .ignore, .fail]), "dropped": (\.dropped, [.fail, .ignore]),
            "renamed": (\.renamed, [.fail, .ignore]), "widened": (\.widened, [.fail, .add]),
            "narrowed": (\.narrowed, [.ignore, .fail]), "nullability": (\.nullability, [.ignore, .fail]),
            "collation": (\.collation, [.ignore, .fail]),
        ]
}

extension DriftRules {
    /// Reads rules: one word for all kinds that know it, or a word for each kind.
    init(_ node: ConfigurationNode) throws(SyncError) {
        self.init()
        guard case .object = node.value else {
            let rule = try node.choice(Rule.self)
            for (_, choice) in Self.choices where choice.rules.contains(rule) {
                self[keyPath: choice.path] = rule
            }
            return
        }
        let members = try node.members(Self.choices.map(\.key))
        for (name, choice) in Self.choices {
            guard let member = members.present(name) else { continue }
            let rule = try member.choice(Rule.self)
            guard choice.rules.contains(rule) else {
                let known = choice.rules.map { "\"\($0.rawValue)\"" }.joined(separator: " or ")
                throw member.failure(
                    "\"\(rule.rawValue)\" says nothing of a column that is \(name); write \(known)"
                )
            }
            self[keyPath: choice.path] = rule
        }
    }

    /// The rule for a kind of difference; other types and keys have none, for what the lake holds decides.
    func rule(for kind: SchemaDrift.Kind) -> Rule? {
        switch kind {
        case .added: added
        case .dropped: dropped
        case .renamed: renamed
        case .widened: nil
        case .narrowed: narrowed
        case .nullability: nullability
        case .collation: collation
        case .retyped, .keys: nil
        }
    }
}
