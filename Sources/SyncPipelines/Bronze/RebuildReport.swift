/// What rebuilding lake tables from their bronze tables found and did, task by task.
public struct RebuildReport: Sendable, Hashable, Codable {
    /// One table of one client.
    public struct Task: Sendable, Hashable, Codable {
        /// The region.
        public var region: String
        /// The client's id.
        public var client: String
        /// `schema.table`.
        public var table: String
        /// The landings that make up the rows.
        public var landings = 0
        /// The rows that they make.
        public var rows = 0
        /// Rows that the lake table lacked.
        public var rowsMissing = 0
        /// Rows that the lake table had otherwise.
        public var rowsChanged = 0
        /// Rows that only the lake table had.
        public var rowsExtra = 0
        /// The version that has the rebuilt rows; nil where nothing was written.
        public var version: Int64?
        /// What people should know.
        public var notes: [String] = []
        /// Why it could not be rebuilt.
        public var error: String?

        /// Whether the lake table held exactly the rows that bronze makes.
        public var wasEqual: Bool { error == nil && rowsMissing + rowsChanged + rowsExtra == 0 }
    }

    /// The tasks, in the order of the configuration.
    public var tasks: [Task]

    /// Whether every lake table now holds what its bronze table makes.
    public var succeeded: Bool { tasks.allSatisfy { $0.wasEqual || ($0.error == nil && $0.version != nil) } }

    /// The report as JSON with sorted keys.
    public var json: String { reportJSON }

    /// The report for people: a line a task.
    public var text: String {
        var lines: [String] = []
        for task in tasks {
            let name = "\(task.region)/\(task.client) \(task.table)"
            if let error = task.error {
                lines.append("FAILED \(name): \(error)")
                continue
            }
            let found = "\(task.rows) rows of \(task.landings) landings"
            let differs =
                "\(task.rowsMissing) missing, \(task.rowsChanged) changed, \(task.rowsExtra) too many"
            switch (task.wasEqual, task.version) {
            case (true, _): lines.append("equal    \(name): \(found)")
            case (false, let version?):
                lines.append("rebuilt  \(name): \(found); \(differs); version \(version)")
            case (false, nil): lines.append("differs  \(name): \(found); \(differs); nothing was written")
            }
            lines += task.notes.map { "  note: \($0)" }
        }
        return lines.joined(separator: "\n")
    }
}
