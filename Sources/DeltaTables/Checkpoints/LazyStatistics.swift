import ColumnBatches
import DeltaLog
import ParquetFiles
import Synchronization

/// The statistics of a checkpoint's files, read a row group at a time when someone asks for one of them.
///
/// Opening a table thus reads no statistics, and a reader of one partition pays for the row groups it meets.
final class LazyStatistics: CheckpointStatistics {
    private struct Group {
        var column: Column
        var isParsed: Bool
    }

    private struct Cache {
        var groups: [Int: Group] = [:]
        var byteCount = 0
    }

    private let reader: ParquetReader
    private let starts: [Int]
    private let names: [String]
    private let cache = Mutex(Cache())
    /// Decoded groups are kept up to about this many bytes.
    private static let cacheBytes = 96 << 20

    /// Makes a source of a checkpoint; nil when it holds no statistics.
    init?(_ reader: ParquetReader) {
        let add = reader.footer.fields.first { $0.name == "add" }?.children.map(\.name) ?? []
        names = ["stats", "stats_parsed"].filter { add.contains($0) }.map { "add.\($0)" }
        guard !names.isEmpty else { return nil }
        self.reader = reader
        var starts = [0]
        for group in reader.rowGroups { starts.append(starts[starts.count - 1] + group.rowCount) }
        self.starts = starts
    }

    /// The statistics of a row as text.
    func text(row: Int) -> String? {
        guard row >= 0, row < starts[starts.count - 1] else { return nil }
        var (low, high) = (0, starts.count - 1)
        while high - low > 1 {
            let middle = (low + high) / 2
            if starts[middle] <= row { low = middle } else { high = middle }
        }
        let index = low
        return cache.withLock { cache in
            if cache.groups[index] == nil {
                let group = load(index)
                if cache.byteCount > Self.cacheBytes { cache = Cache() }
                cache.groups[index] = group
                cache.byteCount += group.column.byteCount
            }
            guard let group = cache.groups[index] else { return nil }
            return text(group, row - starts[index])
        }
    }

    /// Statistics are hints: what cannot be read is not there.
    private func load(_ index: Int) -> Group {
        for name in names {
            guard
                var batches = try? reader.blockingBatches(
                    columns: [name],
                    rowGroups: [index],
                    batchRows: max(1, reader.rowGroups[index].rowCount)
                ), let batch = try? batches.next(), let column = batch.columns.first,
                case .structure(let values) = column.storage, let stats = values.fields.first,
                stats.nullCount < stats.count
            else { continue }
            return Group(column: stats.decoded, isParsed: name.hasSuffix("stats_parsed"))
        }
        return Group(column: .nulls(.string, count: reader.rowGroups[index].rowCount), isParsed: false)
    }

    private func text(_ group: Group, _ row: Int) -> String? {
        guard row < group.column.count, !group.column.isNull(row) else { return nil }
        if group.isParsed { return StatisticsText.json(group.column, row) }
        if case .string(let text) = group.column[row] { return text }
        return nil
    }
}
