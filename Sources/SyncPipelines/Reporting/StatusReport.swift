import DeltaTables
public import FoundationEssentials
import SyncLedgers

/// Up to where all tasks of a selection are in sync, for people and for programs.
public struct StatusReport: Sendable, Hashable, Codable {
    /// One task.
    public struct Task: Sendable, Hashable, Codable {
        /// The region.
        public var region: String
        /// The client's id.
        public var client: String
        /// `schema.table`.
        public var table: String
        /// The mark as an instant; nil when nothing was brought yet.
        public var mark: String?
        /// How old the mark is, in seconds.
        public var ageSeconds: Int?
        /// What the mark was worth at the last run.
        public var guarantee: String?
        /// What held the mark back at the last run.
        public var markHeldBy: String?
        /// When the last run ended.
        public var lastRunAt: String?
        /// What became of the task in it.
        public var lastOutcome: String?
        /// Why it failed.
        public var lastError: String?
        /// The run that works on it now.
        public var running: String?
        /// The change set that waits for a decision.
        public var waitingChangeSet: String?
        /// Rows that cannot be represented and are set aside.
        public var rowsQuarantined = 0
    }

    /// When it was asked.
    public var at: Date
    /// The tasks, in the order of the configuration.
    public var tasks: [Task]

    /// Makes a report.
    public init(_ statuses: [TaskStatus], at now: Date = Date()) {
        at = now
        tasks = statuses.map { status in
            Task(
                region: status.task.region,
                client: status.task.client,
                table: "\(status.task.schema).\(status.task.table)",
                mark: status.mark.map { CalendarText.instant($0) + "Z" },
                ageSeconds: status.mark.map { Int((now.microseconds - $0) / 1_000_000) },
                guarantee: status.guarantee,
                markHeldBy: status.markHeldBy,
                lastRunAt: status.lastRun.map { CalendarText.instant($0.finishedAt, digits: 0) + "Z" },
                lastOutcome: status.lastRun?.outcome,
                lastError: status.lastRun?.errorMessage,
                running: status.lease.map { "run \($0.run) on \($0.host), process \($0.process)" },
                waitingChangeSet: status.waitingChangeSet,
                rowsQuarantined: status.rowsQuarantined
            )
        }
    }

    /// The report as JSON with sorted keys.
    public var json: String { reportJSON }

    /// A line a task, then how many lag and the oldest mark.
    public var text: String {
        var lines: [String] = []
        for task in tasks {
            var parts = ["\(task.region)/\(task.client)/\(task.table)"]
            parts.append(task.mark ?? "never")
            if let age = task.ageSeconds { parts.append("\(Self.age(age)) old") }
            if let guarantee = task.guarantee { parts.append(guarantee) }
            if let holder = task.markHeldBy { parts.append("held by \(holder)") }
            if let running = task.running { parts.append("running: \(running)") }
            if let set = task.waitingChangeSet { parts.append("change set \(set) waits for a decision") }
            if task.rowsQuarantined > 0 { parts.append("\(task.rowsQuarantined) rows are set aside") }
            if let error = task.lastError { parts.append("last run failed: \(error)") }
            lines.append(parts.joined(separator: "  "))
        }
        let never = tasks.count { $0.mark == nil }
        let oldest =
            tasks.compactMap(\.ageSeconds).max().map { ", the oldest mark is \(Self.age($0)) old" } ?? ""
        lines.append(
            "\(tasks.count) tasks, \(never) never brought, \(tasks.count { $0.lastError != nil }) failed last\(oldest)"
        )
        return lines.joined(separator: "\n")
    }

    private static func age(_ seconds: Int) -> String {
        switch seconds {
        case ..<120: "\(seconds) s"
        case ..<7200: "\(seconds / 60) min"
        case ..<172_800: "\(seconds / 3600) h"
        default: "\(seconds / 86_400) days"
        }
    }
}
