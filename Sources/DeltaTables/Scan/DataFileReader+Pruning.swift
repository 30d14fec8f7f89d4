import ColumnBatches
import DeltaLog
import ParquetFiles

extension DataFileReader {
    /// The row groups that may hold a row for which a predicate is true, by the statistics of the file.
    func rowGroups(for predicate: Predicate?) -> [Int] {
        guard let predicate else { return Array(0..<rowGroupCount) }
        return footer.rowGroups.indices.filter { mayMatch(predicate, footer.rowGroups[$0]) }
    }

    private func mayMatch(_ predicate: Predicate, _ group: ParquetRowGroup) -> Bool {
        switch predicate {
        case .and(let parts): return parts.allSatisfy { mayMatch($0, group) }
        case .or(let parts): return parts.contains { mayMatch($0, group) }
        case .not: return true
        case .isNull(let column): return chunk(column, group).map { $0.statistics.nullCount != 0 } ?? true
        case .isIn(let column, let values):
            return values.contains { mayMatch(.compare(column, .equal, $0), group) }
        case .compare(let column, let comparison, let value):
            // NaN is in no bounds, and greater than all.
            guard let chunk = chunk(column, group), chunk.type != .float, chunk.type != .double else {
                return true
            }
            let low = chunk.statistics.min.flatMap { ValueOrder.compare($0, value) }
            let high = chunk.statistics.max.flatMap { ValueOrder.compare($0, value) }
            switch comparison {
            case .equal: return (low ?? 0) <= 0 && (high ?? 0) >= 0
            case .notEqual: return true
            case .less: return (low ?? -1) < 0
            case .lessOrEqual: return (low ?? 0) <= 0
            case .greater: return (high ?? 1) > 0
            case .greaterOrEqual: return (high ?? 0) >= 0
            }
        }
    }

    /// The chunk of a column whose type in the file is that of the table.
    private func chunk(_ name: String, _ group: ParquetRowGroup) -> ParquetColumnChunk? {
        guard let position = storedPosition(of: name) else { return nil }
        return group.chunks.first { $0.path == [footer.fields[position].name] }
    }
}
