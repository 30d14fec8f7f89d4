import ColumnBatches
import DeltaLog
import ParquetFiles

extension FileStatistics {
    /// The statistics of a file as the log keeps them.
    ///
    /// Texts are cut to 32 characters, a maximum being raised so that it stays one; instants have milliseconds, cut
    /// towards the past. Booleans and bytes have no bounds.
    ///
    /// - Parameters:
    ///   - summary: What was written.
    ///   - choice: Which columns have statistics.
    init(_ summary: ParquetFileSummary, _ choice: StatisticsChoice = StatisticsChoice()) {
        self.init(numRecords: Int64(summary.rowCount))
        for (place, column) in summary.columns.enumerated()
        where column.path.count == 1 && choice.includes(column.name, at: place) {
            if let count = column.nullCount { nullCount[column.name] = Int64(count) }
            if let min = column.min, let value = Self.bound(min, isMaximum: false) {
                minValues[column.name] = value
            }
            if let max = column.max, let value = Self.bound(max, isMaximum: true) {
                maxValues[column.name] = value
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
