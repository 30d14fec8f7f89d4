/// The properties of a table that this package acts on, with their defaults; all others stay as they are.
public struct TableProperties: Sendable, Hashable {
    private let values: [String: String]

    /// Reads the properties of a table.
    public init(_ metadata: TableMetadata) {
        values = metadata.configuration
    }

    /// Rows can be added, but neither changed nor removed.
    public var isAppendOnly: Bool { boolean("delta.appendOnly", false) }
    /// Whether removed rows are marked in deletion vectors instead of rewriting files.
    public var usesDeletionVectors: Bool { boolean("delta.enableDeletionVectors", false) }
    /// Whether commits record which rows they change.
    public var recordsChanges: Bool { boolean("delta.enableChangeDataFeed", false) }
    /// Whether each version has an instant of its own in its commit.
    public var hasInCommitTimestamps: Bool { boolean("delta.enableInCommitTimestamps", false) }
    /// How many versions lie between two checkpoints.
    public var checkpointInterval: Int64 {
        values["delta.checkpointInterval"].flatMap { Int64($0) }.flatMap { $0 > 0 ? $0 : nil } ?? 20
    }
    /// Whether checkpoints have sidecars and names of their own.
    public var usesV2Checkpoints: Bool { values["delta.checkpointPolicy"] == "v2" }
    /// Whether checkpoints keep statistics as text.
    public var writesStatsAsJSON: Bool { boolean("delta.checkpoint.writeStatsAsJson", true) }
    /// Whether checkpoints keep statistics as columns.
    public var writesStatsAsStruct: Bool { boolean("delta.checkpoint.writeStatsAsStruct", false) }
    /// How long files that have left the table are kept, in milliseconds.
    public var deletedFileRetention: Int64 {
        interval("delta.deletedFileRetentionDuration") ?? 7 * Self.day
    }
    /// How long versions can be travelled to, in milliseconds.
    public var logRetention: Int64 { interval("delta.logRetentionDuration") ?? 30 * Self.day }
    /// How many columns have statistics; negative for all.
    public var indexedColumns: Int { values["delta.dataSkippingNumIndexedCols"].flatMap { Int($0) } ?? 32 }

    /// The columns that have statistics, where the table names them; instead of the first ones.
    public var statisticsColumns: [String]? {
        values["delta.dataSkippingStatsColumns"].map { text in
            text.split(separator: ",").map { part in
                var name = part.drop { $0 == " " }
                while name.last == " " { name.removeLast() }
                if name.first == "`", name.last == "`", name.count >= 2 { name = name.dropFirst().dropLast() }
                return String(name)
            }
        }
    }

    static let day: Int64 = 86_400_000

    private func boolean(_ name: String, _ standard: Bool) -> Bool {
        values[name].map { $0.lowercased() == "true" } ?? standard
    }

    /// An interval such as `interval 7 days`, in milliseconds; nil where it is missing or cannot be read.
    private func interval(_ name: String) -> Int64? {
        guard var words = values[name]?.lowercased().split(separator: " ").map(String.init) else {
            return nil
        }
        if words.first == "interval" { words.removeFirst() }
        guard !words.isEmpty, words.count.isMultiple(of: 2) else { return nil }
        var sum: Int64 = 0
        for index in stride(from: 0, to: words.count, by: 2) {
            var unit = words[index + 1]
            if unit.hasSuffix("s") { unit.removeLast() }
            let units: [String: Int64] = [
                "millisecond": 1, "second": 1000, "minute": 60_000, "hour": 3_600_000, "day": Self.day,
                "week": 7 * Self.day,
            ]
            guard let count = Int64(words[index]), count >= 0, let scale = units[unit] else { return nil }
            let (product, overflow) = count.multipliedReportingOverflow(by: scale)
            let (next, more) = sum.addingReportingOverflow(product)
            guard !overflow, !more else { return nil }
            sum = next
        }
        return sum
    }
}
