public import ColumnBatches

/// Applies approved rules to the rows of one client's table, batch by batch, and finds those that have gone stale.
///
/// Rules are applied in the order in which they were made; a rule sees what earlier ones set. The digests of rules about
/// one row are those of the source, before any rule.
public struct PatchReplay: Sendable {
    /// What rules did to a row.
    public struct Patched: Sendable, Hashable {
        /// What the source held.
        public var digest: SourceDigest
        /// The rules that changed the row.
        public var rules: [String]
    }

    private struct Step: Sendable {
        var id: String
        var conditions: [(column: Int, condition: PatchCondition)]
        var key: [UInt64]?
        var digest: SourceDigest?
        var assignments: [(column: Int, expression: PatchExpression)]
    }

    private let fields: [Field]
    private let keyPositions: [Int]
    private let steps: [Step]
    private let stepsByKey: [[UInt64]: [Int]]
    private var words: [UInt64] = []
    /// The rules whose source row has changed since they were made.
    public private(set) var stale: Set<String> = []
    /// The rows that rules changed since `forgetRows` was called last, by their encoded keys.
    public private(set) var patched: [[UInt64]: Patched] = [:]

    /// Makes a replay.
    ///
    /// - Parameters:
    ///   - rules: The rules of the table that concern the client, in order.
    ///   - fields: The data columns of the lake table.
    ///   - keys: The key columns.
    /// - Throws: `StagedChangesError` when a rule names a column that is not there, sets a key, or a value does not fit.
    public init(rules: [PatchRule], fields: [Field], keys: [String]) throws(StagedChangesError) {
        func position(_ name: String, of rule: PatchRule) throws(StagedChangesError) -> Int {
            guard let index = fields.firstIndex(where: { $0.name.lowercased() == name.lowercased() }) else {
                throw StagedChangesError(
                    .invalidRule,
                    rule: rule.id,
                    column: name,
                    message:
                        "the table has no such column; it has \(fields.map(\.name).joined(separator: ", "))"
                )
            }
            return index
        }
        self.fields = fields
        keyPositions = keys.compactMap { key in fields.firstIndex { $0.name == key } }
        var steps: [Step] = []
        for rule in rules {
            do throws(StagedChangesError) {
                var step = Step(id: rule.id, conditions: [], assignments: [])
                switch rule.target {
                case .matching(let conditions):
                    for condition in conditions {
                        let index = try position(condition.column, of: rule)
                        step.conditions.append((index, try condition.converted(to: fields[index].type)))
                    }
                case .row(let key, let digest):
                    step.key = try Self.words(key, keys: keys, fields: fields)
                    step.digest = digest
                }
                for (name, expression) in rule.set.sorted(by: { $0.key < $1.key }) {
                    let index = try position(name, of: rule)
                    guard !keys.contains(fields[index].name) else {
                        throw StagedChangesError(
                            .invalidRule,
                            column: name,
                            message: "a key column cannot be set: it is what identifies the row"
                        )
                    }
                    for column in expression.columns { _ = try position(column, of: rule) }
                    if case .value(let value) = expression {
                        step.assignments.append((index, .value(try value.converted(to: fields[index].type))))
                    } else {
                        step.assignments.append((index, expression))
                    }
                }
                steps.append(step)
            } catch {
                throw Self.naming(rule.id, error)
            }
        }
        self.steps = steps
        var byKey: [[UInt64]: [Int]] = [:]
        for (index, step) in steps.enumerated() {
            if let key = step.key { byKey[key, default: []].append(index) }
        }
        stepsByKey = byKey
    }

    /// Whether there is nothing to apply.
    public var isEmpty: Bool { steps.isEmpty }

    /// Forgets the rows that were changed so far.
    public mutating func forgetRows() { patched = [:] }

    /// The rows with all rules applied.
    ///
    /// - Parameters:
    ///   - batch: Rows with the table's data columns.
    ///   - digests: What the source held, row by row, where the rows are no longer those of the source.
    /// - Returns: The rows.
    /// - Throws: `StagedChangesError` when a value does not fit its column.
    public mutating func apply(_ batch: ColumnBatch, digests: [SourceDigest]? = nil)
        throws(StagedChangesError)
        -> ColumnBatch
    {
        guard !steps.isEmpty else { return batch }
        var changed: [Int: [Int: ColumnValue]] = [:]
        let encoder = RowKeyEncoder(keyPositions.map { batch.columns[$0] })
        let general = steps.indices.filter { steps[$0].key == nil }
        for row in 0..<batch.rowCount {
            let hasKey = encoder.encode(row: row, into: &words) == nil
            let own = hasKey ? stepsByKey[words] ?? [] : []
            guard !own.isEmpty || !general.isEmpty else { continue }
            var values: [Int: ColumnValue] = [:]
            var names: [String] = []
            for index in own.isEmpty ? general : (general + own).sorted() {
                let step = steps[index]
                if let wanted = step.digest {
                    guard (digests?[row] ?? SourceDigest(batch, row: row)) == wanted else {
                        stale.insert(step.id)
                        continue
                    }
                }
                guard
                    step.conditions.allSatisfy({
                        $0.condition.holds(for: values[$0.column] ?? batch.columns[$0.column][row])
                    })
                else { continue }
                if try apply(step, to: batch, row, &values) { names.append(step.id) }
            }
            guard !names.isEmpty else { continue }
            changed[row] = values
            if hasKey {
                patched[words] = Patched(digest: digests?[row] ?? SourceDigest(batch, row: row), rules: names)
            }
        }
        return changed.isEmpty ? batch : Self.rebuilt(batch, changed)
    }

    /// Whether a step changed something.
    private func apply(_ step: Step, to batch: ColumnBatch, _ row: Int, _ values: inout [Int: ColumnValue])
        throws(StagedChangesError) -> Bool
    {
        var hasChanged = false
        let before = values
        for (column, expression) in step.assignments {
            do throws(StagedChangesError) {
                let raw = try expression.evaluate { name throws(StagedChangesError) in
                    let index = fields.firstIndex { $0.name.lowercased() == name.lowercased() } ?? 0
                    return before[index] ?? batch.columns[index][row]
                }
                let value = try raw.converted(to: fields[column].type)
                if value != before[column] ?? batch.columns[column][row] {
                    values[column] = value
                    hasChanged = true
                }
            } catch {
                throw Self.naming(step.id, error, column: fields[column].name)
            }
        }
        return hasChanged
    }

    private static func rebuilt(_ batch: ColumnBatch, _ changed: [Int: [Int: ColumnValue]]) -> ColumnBatch {
        let columns = batch.columns.enumerated().map { index, column in
            let rows = changed.filter { $0.value[index] != nil }.map(\.key).sorted()
            guard !rows.isEmpty else { return column }
            var builder = ColumnBuilder(column.type)
            var copied = 0
            for row in rows {
                builder.append(contentsOf: column, rows: copied..<row)
                builder.append(changed[row]?[index] ?? .null)
                copied = row + 1
            }
            builder.append(contentsOf: column, rows: copied..<column.count)
            return builder.finish()
        }
        return ColumnBatch(schema: batch.schema, columns: columns, rowCount: batch.rowCount)
    }

    private static func words(_ key: [String: ColumnValue], keys: [String], fields: [Field])
        throws(StagedChangesError) -> [UInt64]
    {
        var columns: [Column] = []
        for name in keys {
            guard let value = key[name], let field = fields.first(where: { $0.name == name }) else {
                throw StagedChangesError(
                    .invalidRule,
                    column: name,
                    message: "the row's key needs a value for \(keys.joined(separator: ", "))"
                )
            }
            columns.append(.repeating(try value.converted(to: field.type), type: field.type, count: 1))
        }
        var words: [UInt64] = []
        guard RowKeyEncoder(columns).encode(row: 0, into: &words) == nil else {
            throw StagedChangesError(.invalidRule, message: "a key column has no value")
        }
        return words
    }

    private static func naming(_ rule: String, _ error: StagedChangesError, column: String? = nil)
        -> StagedChangesError
    {
        var named = error
        named.rule = rule
        named.column = error.column ?? column
        return named
    }
}
