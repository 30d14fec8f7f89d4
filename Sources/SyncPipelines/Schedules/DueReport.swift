public import FoundationEssentials
import SyncLedgers

/// Which tasks are due, and why.
public struct DueReport: Sendable, Hashable, Codable {
    /// One task.
    public struct Task: Sendable, Hashable, Codable {
        /// The region.
        public var region: String
        /// The client's id.
        public var client: String
        /// The schema.
        public var schema: String
        /// The table.
        public var table: String
        /// The schedule as people read it; nil without one.
        public var schedule: String?
        /// The time zone that the windows follow.
        public var zone: String?
        /// Whether a run is to bring the task now.
        public var isDue: Bool
        /// Why it is due, or why not.
        public var reason: String
        /// When the last window opened.
        public var openedAt: Date?
        /// When the answer may change: the next window, or another try after a failure.
        public var nextAt: Date?
    }

    /// The instant that was asked about.
    public var at: Date
    /// The regions that were asked about.
    public var regions: String
    /// That the clients are those of an earlier answer of the roster's provider, and why.
    public var rosterNote: String?
    /// The tasks, in the order of the configuration.
    public var tasks: [Task]

    /// The tasks that are due.
    public var due: [Task] { tasks.filter(\.isDue) }

    /// When the next task can become due, or nil when none ever does.
    public var nextAt: Date? { tasks.compactMap(\.nextAt).min() }

    /// The report as JSON with sorted keys; instants as ISO 8601.
    public var json: String { reportJSON }

    /// A line a task, those that are due first, then how many are and what comes next.
    public var text: String {
        var lines = (due + tasks.filter { !$0.isDue }).map { task in
            let plan = task.schedule.map { "  \($0), \(task.zone ?? "UTC")" } ?? ""
            let next = task.isDue ? "" : task.nextAt.map { "; next \(Self.instant($0))" } ?? ""
            return
                "\(task.isDue ? "due" : "-  ")  \(task.region)/\(task.client) \(task.schema).\(task.table)\(plan): "
                + task.reason + next
        }
        if let rosterNote { lines.append("note: \(rosterNote)") }
        let next = nextAt.map { ", something changes next at \(Self.instant($0))" } ?? ""
        lines.append("\(due.count) of \(tasks.count) tasks are due\(next)")
        return lines.joined(separator: "\n")
    }

    private static func instant(_ date: Date) -> String { date.formatted(.iso8601) }
}
