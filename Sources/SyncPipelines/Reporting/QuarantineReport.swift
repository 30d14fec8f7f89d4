import DeltaTables
public import SyncLedgers

/// The rows that are set aside because they cannot be represented, for people and for programs.
public struct QuarantineReport: Sendable, Hashable, Codable {
    /// One row.
    public struct Entry: Sendable, Hashable, Codable {
        /// The region.
        public var region: String
        /// The client's id.
        public var client: String
        /// The schema.
        public var schema: String
        /// The table.
        public var table: String
        /// The row's key as a JSON object, by the columns' names in the source.
        public var key: String
        /// The columns whose values cannot be represented.
        public var column: String
        /// The rule that the first of them is against.
        public var rule: String
        /// What is wrong and what to do.
        public var reason: String
        /// The run that wrote the entry last.
        public var runID: String
        /// When the row was first set aside, as an instant.
        public var firstSeen: String
        /// When the entry was last written, as an instant.
        public var lastSeen: String
        /// Whether the lake has a version of the row from before.
        public var lakeHasOlderVersion: Bool
    }

    /// The rows, in the order of their tasks and keys.
    public var entries: [Entry]

    /// Makes a report of some entries.
    public init(_ entries: [QuarantineEntry]) {
        self.entries = entries.map { entry in
            Entry(
                region: entry.task.region,
                client: entry.task.client,
                schema: entry.task.schema,
                table: entry.task.table,
                key: entry.key,
                column: entry.column,
                rule: entry.rule,
                reason: entry.reason,
                runID: entry.runID,
                firstSeen: CalendarText.instant(entry.firstSeen, digits: 0) + "Z",
                lastSeen: CalendarText.instant(entry.lastSeen, digits: 0) + "Z",
                lakeHasOlderVersion: entry.lakeHasOlderVersion
            )
        }
    }

    /// The report as JSON with sorted keys.
    public var json: String { reportJSON }

    /// A line a row with what is wrong below it, then how many there are.
    public var text: String {
        var lines: [String] = []
        for entry in entries {
            let older = entry.lakeHasOlderVersion ? "; the lake has an older version" : ""
            lines.append(
                "\(entry.region)/\(entry.client) \(entry.schema).\(entry.table) \(entry.key) since \(entry.firstSeen)\(older)"
            )
            lines.append("    column \(entry.column), \(entry.rule): \(entry.reason)")
        }
        let tables = Set(entries.map { [$0.region, $0.client, $0.schema, $0.table] }).count
        lines.append("\(entries.count) rows of \(tables) tables are set aside")
        return lines.joined(separator: "\n")
    }
}
