import ColumnBatches
import DeltaLog
import DeltaTables

/// What is looked at in rows that were found.
extension MergePlanner {
    /// Those of the hits whose row is not marked already.
    func unmarked(
        _ hits: [KeySearch.Hit],
        _ column: String,
        in reader: DataFileReader,
        _ group: Int
    ) async throws -> [KeySearch.Hit] {
        var left: [KeySearch.Hit] = []
        try await forEachRow(of: hits, in: reader, group, [column]) { hit, rows, row in
            if rows.columns[0].isNull(row) { left.append(hit) }
        }
        return left
    }

    /// The hits whose version holds, with the time at which it began; those that ended are told to the state.
    func current(
        _ hits: [KeySearch.Hit],
        _ rule: HistoryRule,
        in reader: DataFileReader,
        _ group: Int,
        _ state: inout RuleState
    ) async throws -> [(hit: KeySearch.Hit, began: Int64)] {
        var current: [(KeySearch.Hit, Int64)] = []
        try await forEachRow(of: hits, in: reader, group, rule.columns) { hit, rows, row in
            if let ended = Self.time(rows.columns[1], row) {
                state.ended(hit.number, at: ended)
            } else {
                current.append((hit, Self.time(rows.columns[0], row) ?? .min))
            }
        }
        return current
    }

    private static func time(_ column: Column, _ row: Int) -> Int64? {
        guard !column.isNull(row), case .int64(let times) = column.storage else { return nil }
        return times[row]
    }

    /// Reads some columns of the rows that were found, one row after the other.
    func forEachRow(
        of hits: [KeySearch.Hit],
        in reader: DataFileReader,
        _ group: Int,
        _ names: [String],
        _ body: (KeySearch.Hit, ColumnBatch, Int) -> Void
    ) async throws {
        guard !hits.isEmpty else { return }
        var next = 0
        var batches = try reader.batches(
            ofGroup: group,
            rows: hits.map { $0.position..<($0.position + 1) },
            columns: names,
            batchRows: 16_384
        )
        while let batch = try await batches.next() {
            for row in 0..<batch.rows.rowCount {
                body(hits[next], batch.rows, row)
                next += 1
            }
        }
    }
}
