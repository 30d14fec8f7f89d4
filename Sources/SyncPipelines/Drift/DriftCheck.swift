import ColumnBatches
import DeltaLog
import DeltaTables
import IncrementalFilters
import SourceConnectors

/// Holds a task's table against what it was and against what the lake can hold.
struct DriftCheck: Sendable {
    let task: SyncTask
    let shapes: ShapeBoard
    /// What a plan lets the task do.
    let allowance: TaskAllowance?

    /// Decides what becomes of each difference.
    ///
    /// - Parameters:
    ///   - description: What the source says now.
    ///   - lake: The lake table's data columns.
    /// - Returns: The description without columns that are not to be brought.
    /// - Throws: `SyncError` with code `schemaDrift` where the rules stop the task.
    func check(_ description: TableDescription, lake: [Field]) throws -> TableDescription {
        let rules = task.template.drift
        var drift = shapes.drift(of: task.identity, now: TableShape(description))
        defer { shapes.note(drift, of: task.identity) }
        let columns = try TaskColumns(task: task, source: description)
        var left = description
        var reasons: [String] = []
        for index in drift.indices {
            let reason = stops(drift[index], rules, columns)
            if let reason {
                drift[index].action = .failed
                reasons.append("\(drift[index].text)\(reason)")
            } else if drift[index].kind == .added, field(of: drift[index].column, columns, in: lake) != nil {
                drift[index].action = .followed
            }
        }
        for column in columns.columns {
            guard let field = field(of: column.source.name, columns, in: lake) else {
                if rules.added == .ignore && !columns.isNeeded(column.source.name) {
                    left.columns.removeAll { $0.name == column.source.name }
                } else if rules.added == .fail {
                    reasons.append("new column \(column.source.name); the rule for \"added\" is \"fail\"")
                }
                continue
            }
            guard let type = column.source.type, !field.type.holds(type) else { continue }
            let cure =
                rules.widened == .add && field.type.union(type) != nil
                ? "run prepare, which widens it"
                : "map the column to another name under \"columnMap\", or set \"widened\" under \"drift\" to \"add\""
            reasons.append(
                "column \(column.source.name) is \(column.source.sourceType), of which not every value is a \(field.type), "
                    + "as the lake has it; \(cure)"
            )
        }
        guard reasons.isEmpty else {
            throw SyncError(
                .schemaDrift,
                step: "drift",
                task: task.identity,
                message: reasons.joined(separator: "; ")
            )
        }
        return left
    }

    /// Why a difference stops the task; nil where it does not.
    ///
    /// Columns that are gone and other keys stop it later, by its definition.
    private func stops(_ drift: SchemaDrift, _ rules: DriftRules, _ columns: TaskColumns) -> String? {
        guard !drift.isToOthers, allowance?.mayRedefine != true else { return nil }
        switch drift.kind {
        case .renamed:
            let lake = columns.lakeName(ofSource: drift.column)
            let isMapped = lake.map { $0.lowercased() != drift.column.lowercased() } ?? true
            guard rules.renamed == .fail, !isMapped else { return nil }
            return
                ": it seems to have another name; if so, map \"\(drift.before ?? "")\" to \"\(drift.column)\" under "
                + "\"columnMap\", else set \"renamed\" under \"drift\" to \"ignore\""
        case .narrowed, .nullability, .collation:
            guard rules.rule(for: drift.kind) == .fail else { return nil }
            return "; the rule for \"\(drift.kind.rawValue)\" is \"fail\""
        case .added, .dropped, .widened, .retyped, .keys: return nil
        }
    }

    private func field(of source: String, _ columns: TaskColumns, in lake: [Field]) -> Field? {
        guard let name = columns.lakeName(ofSource: source) else { return nil }
        return lake.first { $0.name.lowercased() == name.lowercased() }
    }
}

extension DriftCheck {
    /// What the lake's types cannot hold of some columns.
    static func misfits(_ fields: [Field], in lake: [Field]) -> [String] {
        fields.compactMap { field in
            guard let known = lake.first(where: { $0.name.lowercased() == field.name.lowercased() }),
                !known.type.holds(field.type)
            else { return nil }
            return
                "column \"\(field.name)\" is \(known.type) in the lake table and \(field.type) in the source"
        }
    }

    /// The lake's columns that are to be widened, and to which type, by the rules of the clients that need it; nil for none.
    static func widened(_ lake: TableSchema, by clients: [(SyncTask, TaskColumns)]) -> [(
        name: String, type: DataType
    )]? {
        var wider: [String: ColumnType] = [:]
        for (task, columns) in clients where task.template.drift.widened == .add {
            for column in columns.columns {
                guard let type = column.source.type,
                    let field = lake.dataFields.first(where: {
                        $0.name.lowercased() == column.lake.lowercased()
                    }),
                    let union = (wider[field.name] ?? field.type).union(type), union != field.type
                else { continue }
                wider[field.name] = union
            }
        }
        let changes = wider.sorted { $0.key < $1.key }.compactMap { name, type in
            type.dataType.map { (name: name, type: $0) }
        }
        return changes.isEmpty ? nil : changes
    }
}

extension TaskColumns {
    /// Whether a source column identifies a row or tells when it changed.
    func isNeeded(_ source: String) -> Bool {
        sourceKeys.contains(source) || cursor?.columns.contains(source) == true
    }
}
