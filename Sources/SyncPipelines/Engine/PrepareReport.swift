/// What `prepare` found and did, table by table.
public struct PrepareReport: Sendable, Hashable, Codable {
    /// What became of a lake table.
    public enum Outcome: String, Sendable, Hashable, Codable {
        /// The table was made.
        case created
        /// Columns were added.
        case extended
        /// The table was as it must be.
        case unchanged
        /// The table could not be prepared; the message says why.
        case failed
    }

    /// One lake table.
    public struct Table: Sendable, Hashable, Codable {
        /// The schema and the table, `shop.orders`.
        public var table: String
        /// What became of it.
        public var outcome: Outcome
        /// The columns with their types, in the order of the lake table.
        public var columns: [String]
        /// The columns that were added.
        public var addedColumns: [String]
        /// The key columns and why these, or nil when no client could be read.
        public var keys: String?
        /// How changed rows are found, such as `cursor update_timestamp`, or nil when no client could be read.
        public var changes: String?
        /// What users should know.
        public var warnings: [String]
        /// Why the table could not be prepared.
        public var error: String?
        /// The path of the bronze table, where there is one.
        public var bronze: String?
    }

    /// The tables, in the order of the configuration.
    public var tables: [Table]

    /// Whether every table is prepared.
    public var succeeded: Bool { tables.allSatisfy { $0.outcome != .failed } }

    /// The report for people: a paragraph a table.
    public var text: String {
        var lines: [String] = []
        for table in tables {
            lines.append("\(table.table): \(table.outcome.rawValue)")
            if let error = table.error { lines.append("  error: \(error)") }
            if !table.addedColumns.isEmpty && table.outcome == .extended {
                lines.append("  added: \(table.addedColumns.joined(separator: ", "))")
            }
            if let keys = table.keys { lines.append("  keys: \(keys)") }
            if let changes = table.changes { lines.append("  changes: \(changes)") }
            if let bronze = table.bronze { lines.append("  bronze: \(bronze)") }
            for warning in table.warnings { lines.append("  note: \(warning)") }
        }
        return lines.joined(separator: "\n")
    }
}
