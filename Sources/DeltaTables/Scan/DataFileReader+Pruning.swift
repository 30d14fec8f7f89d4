import ColumnBatches
import DeltaLog
import ParquetFiles

extension DataFileReader {
    /// Row groups of fewer rows are read whole, as to ask for their pages would cost more than it saves.
    private static let smallestPrunedGroup = 4096

    /// The row groups that may hold a row for which a predicate is true, by the statistics of the file.
    func rowGroups(for predicate: Predicate?) -> [Int] {
        guard let predicate else { return Array(0..<rowGroupCount) }
        return footer.rowGroups.indices.filter { mayMatch(predicate, footer.rowGroups[$0]) }
    }

    /// The rows among which are all for which a predicate is true, by the statistics of row groups and pages.
    func pieces(for predicate: Predicate?) async throws -> [Piece] {
        var pieces: [Piece] = []
        for group in rowGroups(for: predicate) {
            let whole = piece(group)
            guard let predicate, whole.rows.count >= Self.smallestPrunedGroup else {
                pieces.append(whole)
                continue
            }
            var known: [String: [ParquetPage]] = [:]
            for name in predicate.columns {
                known[name] = try await usablePages(of: name, group: group)
            }
            let all = RowRanges([0..<whole.rows.count])
            let start = whole.rows.lowerBound
            for range in rows(for: predicate, known, all: all).ranges {
                pieces.append(
                    Piece(group: group, rows: (start + range.lowerBound)..<(start + range.upperBound))
                )
            }
        }
        return pieces
    }

    private func rows(for predicate: Predicate, _ pages: [String: [ParquetPage]], all: RowRanges) -> RowRanges
    {
        func choose(_ column: String, _ isWanted: (ParquetPage) -> Bool) -> RowRanges {
            guard let pages = pages[column] else { return all }
            return RowRanges(pages.filter(isWanted).map(\.rows)).intersection(all)
        }
        switch predicate {
        case .and(let parts):
            return parts.reduce(all) { $0.intersection(rows(for: $1, pages, all: all)) }
        case .or(let parts):
            return RowRanges(parts.flatMap { rows(for: $0, pages, all: all).ranges })
        case .not(.isNull(let column)): return choose(column) { !$0.isAllMissing }
        case .not: return all
        case .isNull(let column): return choose(column) { $0.isAllMissing || $0.statistics.nullCount != 0 }
        case .isIn(let column, let values):
            return RowRanges(
                values.flatMap { rows(for: .compare(column, .equal, $0), pages, all: all).ranges }
            )
        case .compare(let column, let comparison, let value):
            let isReal = schema(of: column).map { $0 == .float || $0 == .double } ?? true
            return choose(column) {
                !$0.isAllMissing && (isReal || Self.mayHold(comparison, value, $0.statistics))
            }
        }
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
            return Self.mayHold(comparison, value, chunk.statistics)
        }
    }

    /// Whether values within bounds may compare so.
    private static func mayHold(
        _ comparison: Predicate.Comparison,
        _ value: ColumnValue,
        _ statistics: ParquetStatistics
    ) -> Bool {
        let low = statistics.min.flatMap { ValueOrder.compare($0, value) }
        let high = statistics.max.flatMap { ValueOrder.compare($0, value) }
        switch comparison {
        case .equal: return (low ?? 0) <= 0 && (high ?? 0) >= 0
        case .notEqual: return true
        case .less: return (low ?? -1) < 0
        case .lessOrEqual: return (low ?? 0) <= 0
        case .greater: return (high ?? 1) > 0
        case .greaterOrEqual: return (high ?? 0) >= 0
        }
    }

    /// The chunk of a column whose type in the file is that of the table.
    private func chunk(_ name: String, _ group: ParquetRowGroup) -> ParquetColumnChunk? {
        guard let position = storedPosition(of: name) else { return nil }
        return group.chunks.first { $0.path == [footer.fields[position].name] }
    }

    /// The type of a column that the file holds as the table does.
    private func schema(of name: String) -> ColumnType? {
        storedPosition(of: name).map { footer.schema.fields[$0].type }
    }
}
