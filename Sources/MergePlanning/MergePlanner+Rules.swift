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
    ///
    /// Numbers between two rows that are near each other are decoded with them, which takes less time than passing over them.
    func forEachRow(
        of hits: [KeySearch.Hit],
        in reader: DataFileReader,
        _ group: Int,
        _ names: [String],
        _ body: (KeySearch.Hit, ColumnBatch, Int) -> Void
    ) async throws {
        let areNumbers = names.allSatisfy { schema.field($0).map { $0.type.storage.isNumber } ?? false }
        var ranges: [Range<Int>] = []
        for hit in hits {
            if let last = ranges.last, hit.position - last.upperBound <= (areNumbers ? Self.nearRows : 0) {
                ranges[ranges.count - 1] = last.lowerBound..<(hit.position + 1)
            } else {
                ranges.append(hit.position..<(hit.position + 1))
            }
        }
        guard !ranges.isEmpty else { return }
        var batches = try reader.batches(ofGroup: group, rows: ranges, columns: names, batchRows: 16_384)
        var left = hits[...]
        while let batch = try await batches.next() {
            var before = 0
            for range in batch.positions {
                while let hit = left.first, hit.position < range.upperBound {
                    body(hit, batch.rows, before + hit.position - range.lowerBound)
                    left = left.dropFirst()
                }
                before += range.count
            }
        }
    }

    /// Rows of numbers no further apart are read in one piece.
    private static let nearRows = 512
}

extension ColumnType.Storage {
    /// Whether values take the same few bytes each.
    fileprivate var isNumber: Bool {
        switch self {
        case .int32, .int64, .float, .double: true
        default: false
        }
    }
}
