import ColumnBatches
import DeltaLog
import FoundationEssentials
import IncrementalFilters
import ObjectStores
import SourceConnectors
import StagedChanges
import SyncLedgers

/// What decides which rows and values a task brings, in a form that tells what an edit of the configuration changes.
struct TaskDefinition: Sendable, Hashable, Codable {
    var keys: [String]
    /// The source's columns by their names in the lake.
    var columns: [String: String]
    var cursor: String?
    var filters: [String]
    var fill: [String]?
    /// What becomes of values that the lake has no type for, by column.
    var policies: [String: String]
    /// How changes meet the lake's rows; nil for the usual way.
    var write: String?

    init(_ plan: TaskPlan) {
        keys = plan.lakeKeys
        columns = [:]
        policies = [:]
        for (field, position) in zip(plan.lakeFields, plan.positions) {
            guard let position else { continue }
            let name = plan.readFields[position].name
            columns[field.name] = name
            policies[field.name] = plan.policyText(of: name)
        }
        if case .incremental(let cursor) = plan.mode { self.cursor = cursor.name }
        filters = plan.task.template.filters.map { filter in
            let values = filter.values.map(\.display).joined(separator: ", ")
            return "\(filter.column) \(filter.comparison.rawValue)" + (values.isEmpty ? "" : " \(values)")
        }
        fill = plan.task.template.fill?.sorted()
        if plan.task.template.write != .upsert { write = plan.task.template.write.rawValue }
    }

    /// What an edit changes, in words; a column that is only added is no change.
    func changes(to new: TaskDefinition) -> [String] {
        var changes: [String] = []
        if keys != new.keys {
            changes.append("keys \(keys.joined(separator: ", ")) → \(new.keys.joined(separator: ", "))")
        }
        if cursor != new.cursor { changes.append("cursor \(cursor ?? "none") → \(new.cursor ?? "none")") }
        if write != new.write { changes.append("write \(write ?? "upsert") → \(new.write ?? "upsert")") }
        if filters != new.filters {
            changes.append("filters \(Self.list(filters)) → \(Self.list(new.filters))")
        }
        if fill != new.fill { changes.append("fill \(Self.list(fill ?? [])) → \(Self.list(new.fill ?? []))") }
        for (lake, source) in columns.sorted(by: { $0.key < $1.key }) where new.columns[lake] != source {
            changes.append("column \(lake) from \(source) → \(new.columns[lake] ?? "nothing")")
        }
        for (column, policy) in policies.sorted(by: { $0.key < $1.key })
        where new.columns[column] != nil && new.policies[column] != policy {
            changes.append("values of \(column)")
        }
        for column in new.policies.keys.sorted() where columns[column] != nil && policies[column] == nil {
            changes.append("values of \(column)")
        }
        return changes
    }

    /// The definition as it would be without columns that another one has not.
    func without(columnsNotIn new: TaskDefinition) -> TaskDefinition {
        var rest = self
        rest.columns = columns.filter { new.columns[$0.key] != nil }
        rest.policies = policies.filter { new.columns[$0.key] != nil }
        return rest
    }

    private static func list(_ parts: [String]) -> String {
        parts.isEmpty ? "none" : parts.joined(separator: " and ")
    }
}

/// The definitions under which tasks brought rows, by digest: objects that are written once.
struct DefinitionStore: Sendable {
    let store: any ObjectStore

    func record(_ definition: TaskDefinition, digest: String) async throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        do {
            try await store.putIfAbsent(Self.path(digest), Array(try encoder.encode(definition)))
        } catch let error as ObjectStoreError where error.code == .alreadyExists {
            // The same definition, by another task.
        }
    }

    /// The definition of a digest; nil when it was never recorded.
    func load(_ digest: String) async throws -> TaskDefinition? {
        do {
            let bytes = try await store.read(Self.path(digest))
            return try? JSONDecoder().decode(TaskDefinition.self, from: Data(bytes))
        } catch let error as ObjectStoreError where error.code == .notFound {
            return nil
        }
    }

    private static func path(_ digest: String) -> String { "tributary/definitions/\(digest).json" }
}

/// How a task's definition differs from the one under which the lake got its rows.
struct Redefinition: Sendable {
    /// What differs in words; empty when columns are only added.
    var changes: [String]
    /// Whether rows of the earlier definition cannot lie beside those of the new one.
    var isIncompatible = false
    /// Whether columns that are gone are all that differs.
    var isDrop = false

    /// Looks for an earlier definition; nil when the task has a mark under its present one, or never had any.
    static func find(
        _ plan: TaskPlan,
        _ state: TaskTransactionState,
        _ snapshot: Snapshot,
        _ store: DefinitionStore
    )
        async throws -> Redefinition?
    {
        guard state.previousMark == nil else { return nil }
        let prefix = state.names.taskPrefix
        var latest: (digest: String, mark: Int64)?
        for (name, transaction) in snapshot.transactions
        where name.hasPrefix(prefix) && name.hasSuffix("/mark") && transaction.version != 0 {
            if latest.map({ $0.mark < transaction.version }) ?? true {
                latest = (String(name.dropFirst(prefix.count).dropLast(5)), transaction.version)
            }
        }
        guard let latest else { return nil }
        guard let old = try await store.load(latest.digest) else {
            return Redefinition(changes: ["the definition \(latest.digest), of which nothing is recorded"])
        }
        let new = TaskDefinition(plan)
        return Redefinition(
            changes: old.changes(to: new),
            isIncompatible: old.write != new.write,
            isDrop: old.without(columnsNotIn: new).changes(to: new).isEmpty
        )
    }
}
