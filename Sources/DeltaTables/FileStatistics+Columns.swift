import ColumnBatches
import DeltaLog
import ParquetFiles

extension FileStatistics {
    /// The statistics of a file as the log keeps them.
    ///
    /// Texts are cut to 32 characters, a maximum being raised so that it stays one; instants have milliseconds, cut
    /// towards the past. Booleans and bytes have no bounds. What repeats within a row has no statistics.
    ///
    /// - Parameters:
    ///   - summary: What was written.
    ///   - columns: The columns of the file.
    ///   - choice: Which columns have statistics.
    init(_ summary: ParquetFileSummary, of columns: [TableColumn], _ choice: StatisticsChoice) {
        self.init(numRecords: Int64(summary.rowCount))
        let plain = Set(columns.flatMap(\.plainPaths))
        for (place, column) in summary.columns.enumerated()
        where plain.contains(column.path) && choice.includes(column.path, at: place) {
            var leaf = LeafStatistics()
            leaf.nullCount = column.nullCount.map { Int64($0) }
            leaf.min = column.min.flatMap { Self.bound($0, isMaximum: false) }
            leaf.max = column.max.flatMap { Self.bound($0, isMaximum: true) }
            if column.path.count > 1 {
                leaves[column.path] = leaf
            } else {
                minValues[column.name] = leaf.min
                maxValues[column.name] = leaf.max
                nullCount[column.name] = leaf.nullCount
            }
        }
    }

    private static func bound(_ value: ColumnValue, isMaximum: Bool) -> StatisticsValue? {
        switch value {
        case .null, .boolean, .binary, .unsigned, .time, .list, .structure, .map: nil
        case .integer(let number): .number(String(number))
        case .decimal(let unscaled, let scale): .number(PartitionValueText.decimal(unscaled, scale: scale))
        case .float(let number): number.isFinite ? .number("\(number)") : nil
        case .double(let number): number.isFinite ? .number("\(number)") : nil
        case .date(let days): .string(CalendarText.date(Int64(days)))
        case .timestamp(let time): .string(CalendarText.instant(time, digits: 3) + "Z")
        case .timestampNTZ(let time): .string(CalendarText.instant(time, digits: 3))
        case .string(let text): (isMaximum ? maximum(text) : minimum(text)).map { .string($0) }
        }
    }

    private static func minimum(_ text: String) -> String? {
        String(String.UnicodeScalarView(text.unicodeScalars.prefix(32)))
    }

    /// A text that is not below any text with the same first 32 characters.
    private static func maximum(_ text: String) -> String? {
        let scalars = Array(text.unicodeScalars)
        guard scalars.count > 32 else { return text }
        var prefix = Array(scalars.prefix(32))
        for next in scalars[32..<min(scalars.count, 64)] {
            if next.value < 0x7F {
                prefix.append("\u{7F}")
                return String(String.UnicodeScalarView(prefix))
            }
            if next.value < 0x10FFFF {
                prefix.append("\u{10FFFF}")
                return String(String.UnicodeScalarView(prefix))
            }
            prefix.append(next)
        }
        return nil
    }
}

extension TableColumn {
    /// The names in files, from the column down, of what holds one value a row: the column, or the leaves of a structure.
    fileprivate var plainPaths: [[String]] {
        switch kind {
        case .plain: [[physicalName]]
        case .structure: children.flatMap(\.plainPaths).map { [physicalName] + $0 }
        case .list, .map, .variant, .void: []
        }
    }
}
