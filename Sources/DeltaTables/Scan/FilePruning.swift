import ColumnBatches
import DeltaLog

/// Tells, by what the log says of a file, whether it may hold a row that is wanted.
///
/// Each predicate is asked two things: may it be true, and may it be something else than true; `not` swaps false and
/// true. What the log does not say may be anything.
struct FilePruning {
    /// What is known of a column in a file.
    struct Facts {
        var min: ColumnValue?
        var max: ColumnValue?
        var mayBeNull = true
        var mayBePresent = true
    }

    let predicate: Predicate
    let schema: TableSchema

    /// Whether a file may hold a row for which the predicate is true.
    func mayMatch(_ file: AddFile) -> Bool {
        let values = partitionValues(file)
        if predicate.columns.isSubset(of: values.keys) {
            return predicate.evaluate { values[$0] ?? .null } == true
        }
        let statistics = file.stats.flatMap { FileStatistics(json: $0) }
        return mayBe(true, predicate) { facts($0, values, statistics) }
    }

    private func partitionValues(_ file: AddFile) -> [String: ColumnValue] {
        var values: [String: ColumnValue] = [:]
        for name in schema.partitionColumns {
            guard let column = schema.column(name) else { continue }
            values[name] = PartitionValueText.value(
                file.partitionValues[column.physicalName] ?? nil,
                type: column.type
            )
        }
        return values
    }

    private func facts(
        _ name: String,
        _ values: [String: ColumnValue],
        _ statistics: FileStatistics?
    ) -> Facts {
        if let value = values[name] {
            return Facts(min: value, max: value, mayBeNull: value == .null, mayBePresent: value != .null)
        }
        return facts(name, statistics)
    }

    /// What the statistics of a file tell of a column that it holds.
    func facts(_ name: String, _ statistics: FileStatistics?) -> Facts {
        var facts = Facts()
        guard let statistics, let path = schema.path(to: name), let type = path.last?.type, !type.isNested
        else {
            return facts
        }
        let known = statistics.leaf(path.map(\.physicalName))
        if let count = known.nullCount {
            // Rows may have left since; then a count tells only when none or all were missing.
            facts.mayBeNull = count > 0
            facts.mayBePresent = count < statistics.numRecords
        }
        facts.min = known.min.flatMap { bound($0, type, isMaximum: false) }
        facts.max = known.max.flatMap { bound($0, type, isMaximum: true) }
        return facts
    }

    /// A bound, widened by what writers cut off.
    private func bound(_ value: StatisticsValue, _ type: ColumnType, isMaximum: Bool) -> ColumnValue? {
        let text: String
        switch value {
        case .number(let number): text = number
        case .string(let string): text = string
        }
        switch type {
        case .boolean, .binary: return nil
        case .string: return .string(text)
        case .timestamp, .timestampNTZ:
            guard let time = CalendarText.microseconds(text) else { return nil }
            // Milliseconds are cut towards the past.
            let widened = isMaximum ? time.addingReportingOverflow(999).partialValue : time
            return type == .timestamp ? .timestamp(widened) : .timestampNTZ(widened)
        case .float, .double:
            // NaN has no bound of its own and is greater than all.
            return isMaximum ? nil : PartitionValueText.value(text, type: type)
        default: return PartitionValueText.value(text, type: type)
        }
    }

    /// Whether a predicate may come out as a value for a row of a file.
    private func mayBe(_ wanted: Bool, _ predicate: Predicate, _ facts: (String) -> Facts) -> Bool {
        switch predicate {
        case .compare(let column, let comparison, let value):
            if value == .null { return false }
            let facts = facts(column)
            guard facts.mayBePresent else { return false }
            return mayHold(wanted ? comparison : comparison.opposite, value, facts)
        case .isNull(let column): return wanted ? facts(column).mayBeNull : facts(column).mayBePresent
        case .isIn(let column, let values):
            let facts = facts(column)
            guard facts.mayBePresent else { return false }
            return !wanted || values.contains { $0 != .null && mayHold(.equal, $0, facts) }
        case .and(let parts):
            return wanted
                ? parts.allSatisfy { mayBe(true, $0, facts) } : parts.contains { mayBe(false, $0, facts) }
        case .or(let parts):
            return wanted
                ? parts.contains { mayBe(true, $0, facts) } : parts.allSatisfy { mayBe(false, $0, facts) }
        case .not(let part): return mayBe(!wanted, part, facts)
        }
    }

    private func mayHold(_ comparison: Predicate.Comparison, _ value: ColumnValue, _ facts: Facts) -> Bool {
        let low = facts.min.flatMap { ValueOrder.compare($0, value) }
        let high = facts.max.flatMap { ValueOrder.compare($0, value) }
        switch comparison {
        case .equal: return (low ?? 0) <= 0 && (high ?? 0) >= 0
        case .notEqual: return !(low == 0 && high == 0)
        case .less: return (low ?? -1) < 0
        case .lessOrEqual: return (low ?? 0) <= 0
        case .greater: return (high ?? 1) > 0
        case .greaterOrEqual: return (high ?? 0) >= 0
        }
    }
}

extension FileStatistics {
    /// What is known of a column, or of a leaf of a structure.
    fileprivate func leaf(_ path: [String]) -> LeafStatistics {
        guard path.count == 1 else { return leaves[path] ?? LeafStatistics() }
        var leaf = LeafStatistics()
        leaf.min = minValues[path[0]]
        leaf.max = maxValues[path[0]]
        leaf.nullCount = nullCount[path[0]]
        return leaf
    }
}

extension Predicate.Comparison {
    fileprivate var opposite: Predicate.Comparison {
        switch self {
        case .equal: .notEqual
        case .notEqual: .equal
        case .less: .greaterOrEqual
        case .lessOrEqual: .greater
        case .greater: .lessOrEqual
        case .greaterOrEqual: .less
        }
    }
}
