import ColumnBatches
import DeltaTables
import IncrementalFilters
import MergePlanning
import SourceConnectors

/// How the columns of one source table become those of its lake table, and how changed rows are found.
struct TaskPlan: Sendable {
    /// How changes are found.
    enum Mode: Sendable {
        /// By a cursor: what changed since the mark.
        case incremental(Cursor)
        /// By comparing the whole table with the lake.
        case compare
    }

    let task: SyncTask
    let mode: Mode
    /// The data columns of the lake table.
    let lakeFields: [Field]
    /// The source columns to read, with the types of their lake columns.
    let readFields: [Field]
    /// For each lake column the position in `readFields`, or nil where the source lacks the column.
    let positions: [Int?]
    let keys: MergeKeys
    /// The key columns in the source.
    let sourceKeys: [String]
    /// The order in which a whole read comes back; the primary key's where it is the key.
    let order: [String]
    /// The key that a load can be cut by: what the source itself keeps unique, in its order; nil where it does not.
    let rangeKey: [String]?
    /// The cursor's name in the lake; nil where it is more than one column.
    let lakeCursor: String?
    /// The names of the cursor's columns in the lake.
    let lakeCursors: [String]
    let warnings: [String]
    /// By what the source tells which rows are gone; nil where nobody asks for it.
    let history: RowHistory?
    /// What becomes of values that the lake has no type for.
    let policies: ValuePolicies
    /// When the source was read, by its own clock; for columns that say since when a row is what it is.
    var observedAt: Int64 = 0
    /// The columns of the lake table that only say where a row came from.
    let lineageColumns: Set<String>

    init(task: SyncTask, source: TableDescription, lake: TableSchema) throws {
        let columns = try TaskColumns(task: task, source: source)
        self.task = task
        policies = task.template.policies
        lakeFields = lake.dataFields
        for name in columns.lakeNames where Self.field(name, in: lakeFields) == nil {
            throw SyncError(
                .notPrepared,
                task: task.identity,
                message:
                    "the source has the column \"\(name)\", the lake table does not; run prepare, which adds it"
            )
        }
        try Self.guardWrite(task, columns, lake: lakeFields)
        for column in task.template.lineage where Self.field(column.rawValue, in: lakeFields) == nil {
            throw SyncError(
                .notPrepared,
                task: task.identity,
                message: "the lake table lacks the column \"\(column.rawValue)\"; run prepare, which adds it"
            )
        }
        var readFields: [Field] = []
        var lineageColumns: Set<String> = []
        var positions: [Int?] = []
        var warnings = columns.warnings
        for field in lakeFields {
            guard let column = columns.source(forLake: field.name) else {
                positions.append(nil)
                if Self.isWriteColumn(field.name) { continue }
                guard LineageColumn(rawValue: field.name) == nil else {
                    lineageColumns.insert(field.name)
                    continue
                }
                warnings.append("the source has no column \"\(field.name)\": its rows have none in the lake")
                continue
            }
            positions.append(readFields.count)
            readFields.append(Field(column.name, field.type, isNullable: true))
        }
        self.readFields = readFields
        self.lineageColumns = lineageColumns
        self.positions = positions
        history = columns.history
        keys = columns.keys
        sourceKeys = columns.sourceKeys
        order = columns.sourceKeys == source.primaryKey ? source.primaryKey : []
        // The rows lie in the order of the primary key, or where there is none of a unique index.
        let clustered =
            source.primaryKey.isEmpty
            ? source.uniqueKeys.first { !$0.isNullable && Set($0.columns) == Set(columns.sourceKeys) }?
                .columns
            : source.primaryKey
        rangeKey = clustered.flatMap { Set($0) == Set(columns.sourceKeys) ? $0 : nil }
        if let cursor = columns.cursor, task.template.mode == .merge {
            mode = .incremental(cursor)
            lakeCursor = cursor.isColumn ? columns.lakeName(ofSource: cursor.column) : nil
            lakeCursors = cursor.columns.compactMap { columns.lakeName(ofSource: $0) }
        } else {
            mode = .compare
            lakeCursor = nil
            lakeCursors = []
        }
        self.warnings = warnings
    }

    private static func field(_ name: String, in fields: [Field]) -> Field? {
        fields.first { $0.name.lowercased() == name.lowercased() }
    }

    /// The keys as the lake names them.
    var lakeKeys: [String] {
        sourceKeys.compactMap { key in
            readFields.firstIndex { $0.name == key }.flatMap { position in
                positions.firstIndex(of: position).map { lakeFields[$0].name }
            }
        }
    }

    /// The key by which a first load is cut into chunks; nil where it cannot be, or where changes wait for a review.
    var chunkKey: [String]? { task.template.review == .required ? nil : rangeKey }

    /// Whether the whole table is compared with the lake.
    var isComparison: Bool { if case .compare = mode { true } else { false } }

    /// Whether changes are found by a counter.
    var isCounted: Bool { if case .incremental(let cursor) = mode { cursor.isCounter } else { false } }

    /// The columns that decide whether a row changed: those the source has, or only the filled ones.
    var comparedColumns: [String] {
        let names = zip(lakeFields, positions).filter { $1 != nil || !isAdded($0.name) }.map(\.0.name)
        guard let fill = task.template.fill else { return names }
        return names.filter { fill.contains($0) }
    }

    /// Whether a column of the lake is there for where rows come from, or for how they are written.
    private func isAdded(_ name: String) -> Bool { lineageColumns.contains(name) || Self.isWriteColumn(name) }

    /// Everything that decides which rows and values the task brings; another list is another definition.
    var definition: [String] {
        var parts = ["v1", "keys"] + lakeKeys + ["columns"]
        for (field, position) in zip(lakeFields, positions) {
            // A column that only other clients have does not make this client's task another one.
            if let position { parts.append("\(field.name)=\(readFields[position].name)") }
        }
        parts.append("cursor")
        if case .incremental(let cursor) = mode {
            parts += cursor.columns
            if cursor.expression != nil { parts.append("\(cursor.type)") }
        }
        parts.append("filters")
        parts += task.template.filters.map { "\($0.column) \($0.comparison.rawValue) \($0.values)" }
        parts.append("fill")
        parts += (task.template.fill ?? []).sorted()
        // Policies of the usual kind are not named, so that definitions made before there were any stay as they are.
        for field in readFields where policies[field.name] != ValuePolicy() {
            parts.append("\(field.name) by \(policies[field.name].definition)")
        }
        for field in readFields {
            if let mask = task.masks?.text(of: field.name) { parts.append("\(field.name) \(mask)") }
        }
        if task.template.write != .upsert { parts.append("write \(task.template.write.rawValue)") }
        return parts
    }

    /// The expression by which changes are found; nil for columns.
    private var expression: CursorExpression? {
        if case .incremental(let cursor) = mode { cursor.expression } else { nil }
    }

    /// What a window reads: all that the lake has, then the value of the cursor where no column is it.
    var windowFields: [Field] { readFields + computedFields }

    /// The value of the cursor where no column is it.
    var computedFields: [Field] { expression.map { [Field($0.column, $0.type)] } ?? [] }

    /// A query of the task's table; without columns, of all that the lake has.
    func query(
        columns: [Field]? = nil,
        window: CursorWindow? = nil,
        range: KeyRange? = nil,
        order: [String] = []
    ) -> ReadQuery {
        var query = ReadQuery(
            table: task.sourceTable,
            columns: columns ?? readFields,
            window: window,
            filters: task.template.filters,
            range: range,
            order: order,
            policies: policies
        )
        if let expression {
            query.computed = expression
            // The session is in UTC: a wall clock that it computes of instants is one.
            if expression.type == .timestamp {
                query.policies.columns[expression.column.lowercased(), default: policies.common]
                    .wallClockOffset = .zero
            }
        }
        query.setsDefectsAside = task.template.quarantine != nil
        return query
    }

    /// A batch of the source with the columns of the lake.
    func conform(_ batch: ColumnBatch) -> ColumnBatch {
        let columns = zip(lakeFields, positions).map { field, position in
            position.map { batch.columns[$0] } ?? writeColumn(field.name, of: batch)
                ?? .nulls(field.type, count: batch.rowCount)
        }
        return ColumnBatch(schema: BatchSchema(lakeFields), columns: columns, rowCount: batch.rowCount)
    }
}

extension TaskPlan {
    /// The policy of a source column in words; nil for the usual one.
    func policyText(of column: String) -> String? {
        let policy = policies[column] == ValuePolicy() ? nil : policies[column].definition
        let parts = [policy, task.masks?.text(of: column)].compactMap(\.self)
        return parts.isEmpty ? nil : parts.joined(separator: " ")
    }
}

extension ValuePolicy {
    /// The policy as a part of a task's definition.
    fileprivate var definition: String {
        var parts = [
            impossibleDates.rawValue, wideDecimals.rawValue, durations.rawValue, tinyint1.rawValue,
            geometries.rawValue, "\(wallClockOffset?.components.seconds ?? 0) \(wallClockOffset == nil)",
        ]
        // Later choices are named only where they are made, so that earlier definitions stay as they are.
        if looseValues != .fail { parts.append("loose \(looseValues.rawValue)") }
        if let instants { parts.append("instants \(instants.rawValue)") }
        return parts.joined(separator: " ")
    }
}
