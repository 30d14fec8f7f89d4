import ColumnBatches
import DeltaLog
import DeltaTables
import ParquetFiles

/// Finds the rows of files whose keys are in a change set, and what need not be read for that.
///
/// Whole numbers, dates, times and short decimals are compared one by one with the bounds of files, row groups and pages;
/// texts by the least and the greatest of them.
struct KeySearch {
    /// A row of a file with a key of the change set.
    struct Hit {
        /// The position in the file.
        var position: Int
        /// The number of the change.
        var number: Int
    }

    /// What is known of the changes' values in one key column.
    private enum Values {
        /// The distinct values, ascending.
        case numbers([Int64])
        case texts(min: [UInt8], max: [UInt8])
        case any
    }

    let columns: [String]
    private let fields: [Field]
    private let keys: RowKeyTable
    private let values: [Values]
    private let probe: NumberProbe?
    /// Bloom filters err too often for more keys than this.
    private static let filteredKeys = 256
    /// A chunk of a key column that is smaller is read whole, without a look at its pages.
    private static let smallChunkBytes = 128 << 10

    init(_ changes: ChangeSet, schema: TableSchema) {
        columns = changes.keyColumns
        fields = changes.keyColumns.compactMap { schema.field($0) }
        keys = changes.keys
        var values: [Values] = []
        var probe: NumberProbe?
        for (position, field) in fields.enumerated() {
            switch field.type.storage {
            case .int32, .int64:
                let words = changes.keys.words(at: position, of: fields).map { Int64(bitPattern: $0) }
                var numbers = words.sorted()
                var kept = 0
                for index in numbers.indices where index == 0 || numbers[index] != numbers[kept - 1] {
                    numbers[kept] = numbers[index]
                    kept += 1
                }
                numbers.removeLast(numbers.count - kept)
                if fields.count == 1 { probe = NumberProbe(words, sorted: numbers) }
                values.append(.numbers(numbers))
            case .bytes where field.type == .string:
                let texts = changes.keys.texts(at: position, of: fields)
                let min = texts.min { $0.lexicographicallyPrecedes($1) } ?? []
                let max = texts.max { $0.lexicographicallyPrecedes($1) } ?? []
                values.append(.texts(min: min, max: max))
            default: values.append(.any)
            }
        }
        self.values = values
        self.probe = probe
    }

    /// Whether a file may hold one of the keys, by what the log says of it.
    func mayHold(_ file: AddFile, schema: TableSchema) -> Bool {
        guard let bounds = FileBounds(file, schema: schema) else { return true }
        return columns.indices.allSatisfy { position in
            bounds[columns[position]].map { mayHold(position, $0.min, $0.max) } ?? true
        }
    }

    private func mayHold(_ position: Int, _ min: ColumnValue?, _ max: ColumnValue?) -> Bool {
        switch (values[position], min, max) {
        case (.numbers(let numbers), let min?, let max?):
            guard let low = min.stored, let high = max.stored else { return true }
            var (first, end) = (0, numbers.count)
            while first < end {
                let middle = (first + end) / 2
                if numbers[middle] < low { first = middle + 1 } else { end = middle }
            }
            return first < numbers.count && numbers[first] <= high
        case (.texts(let least, let greatest), .string(let low)?, .string(let high)?):
            return !greatest.lexicographicallyPrecedes(low.utf8)
                && !high.utf8.lexicographicallyPrecedes(least)
        default: return true
        }
    }

    /// Where in a row group the keys may be; nil stands for anywhere.
    func places(in reader: DataFileReader, group: Int) async throws -> [Range<Int>]? {
        let chunks = columns.map { reader.chunk(of: $0, group: group) }
        for (position, chunk) in chunks.enumerated() {
            guard let chunk else { continue }
            if !mayHold(position, chunk.statistics.min, chunk.statistics.max) { return [] }
            if chunk.hasBloomFilter, keys.count <= Self.filteredKeys,
                let filter = try await reader.bloomFilter(of: columns[position], group: group),
                !(0..<keys.count).contains(where: { mayHold(filter, position, $0) })
            {
                return []
            }
        }
        let start = reader.positions(ofGroup: group).lowerBound
        for (position, chunk) in chunks.enumerated() {
            guard let chunk, chunk.hasPageIndex, chunk.compressedSize > Self.smallChunkBytes,
                let pages = try await reader.usablePages(of: columns[position], group: group)
            else { continue }
            let wanted = pages.filter {
                !$0.isAllMissing && mayHold(position, $0.statistics.min, $0.statistics.max)
            }
            if wanted.count < pages.count {
                return wanted.map { (start + $0.rows.lowerBound)..<(start + $0.rows.upperBound) }
            }
        }
        return nil
    }

    private func mayHold(_ filter: ParquetBloomFilter, _ position: Int, _ number: Int) -> Bool {
        guard let value = keys.value(at: position, of: number, fields) else { return true }
        return filter.mightContain(value)
    }

    /// The rows of a batch whose keys are in the change set.
    ///
    /// - Parameters:
    ///   - rows: The key columns.
    ///   - positions: Where the rows are in the file.
    ///   - gone: Rows that have left the table.
    ///   - hits: Takes what is found.
    func find(
        in rows: ColumnBatch,
        at positions: [Range<Int>],
        without gone: DeletionVector?,
        into hits: inout [Hit]
    ) {
        let first = hits.count
        var found: [(row: Int, number: Int)] = []
        if let probe, let column = rows.columns.first {
            probe.find(in: column, into: &found)
        } else {
            let encoder = RowKeyEncoder(rows.columns)
            var words: [UInt64] = []
            for row in 0..<rows.rowCount where encoder.encode(row: row, into: &words) == nil {
                if let number = keys.find(words) { found.append((row, number)) }
            }
        }
        var ranges = positions[...]
        var before = 0
        for (row, number) in found {
            while let range = ranges.first, row - before >= range.count {
                before += range.count
                ranges = ranges.dropFirst()
            }
            guard let range = ranges.first else { break }
            hits.append(Hit(position: range.lowerBound + row - before, number: number))
        }
        guard let gone, gone.count > 0 else { return }
        hits.replaceSubrange(
            first...,
            with: hits[first...].filter {
                gone.rows(in: UInt64($0.position)..<UInt64($0.position + 1)).isEmpty
            }
        )
    }
}

extension ColumnValue {
    /// The whole number by which columns with 32-bit and 64-bit storage hold the value.
    fileprivate var stored: Int64? {
        switch self {
        case .integer(let number), .timestamp(let number), .timestampNTZ(let number): number
        case .date(let days): Int64(days)
        case .decimal(let unscaled, _): Int64(exactly: unscaled)
        default: nil
        }
    }
}
