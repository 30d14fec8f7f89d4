public import FoundationEssentials
import SourceConnectors

/// What a run did, task by task.
public struct RunReport: Sendable, Hashable, Codable {
    /// A name that only this run has.
    public var runID: String
    /// When the run began.
    public var startedAt: Date
    /// When it ended.
    public var finishedAt: Date
    /// The regions it was about.
    public var regions: String
    /// The tasks, in the order of the configuration.
    public var tasks: [TaskReport]
    /// Tasks that did not start because the run was cancelled.
    public var tasksNotStarted = 0
    /// That the clients are those of an earlier answer of the roster's provider, and why.
    public var rosterNote: String?
    /// Why the ledger or the history could not be written; the data is complete without them.
    public var bookkeepingError: String?

    /// Makes a report.
    public init(runID: String, startedAt: Date, finishedAt: Date, regions: String, tasks: [TaskReport]) {
        self.runID = runID
        self.startedAt = startedAt
        self.finishedAt = finishedAt
        self.regions = regions
        self.tasks = tasks
    }

    /// Whether every task ended well, and the ledger with them.
    public var succeeded: Bool {
        bookkeepingError == nil && tasksNotStarted == 0 && tasks.allSatisfy { $0.outcome != .failed }
    }

    /// The report as JSON with sorted keys; instants as ISO 8601.
    public var json: String { reportJSON }

    /// The report for people: a line a task, the failed ones last with their cures, then the totals.
    public var text: String {
        var lines = [
            Self.line([
                "region", "client", "table", "outcome", "read", "new", "changed", "gone", "seconds", "mark",
            ])
        ]
        for task in tasks where task.outcome != .failed {
            lines.append(
                Self.line([
                    task.region, task.client, "\(task.schema).\(task.table)", task.outcome.rawValue,
                    "\(task.rowsRead)",
                    "\(task.rowsInserted)", "\(task.rowsUpdated)", "\(task.rowsDeleted)",
                    Self.tenths(task.seconds),
                    [task.guarantee, task.markHeldBy.map { "held by \($0)" }].compactMap(\.self).joined(
                        separator: ", "
                    ),
                ])
            )
            if let load = task.load {
                lines.append(
                    "    load: \(load.chunks) chunks by \(load.connections) connections; \(load.consistency)"
                )
            }
            if task.rowsQuarantined > 0 {
                lines.append(
                    "    quarantine: \(task.rowsQuarantined) rows cannot be represented and are set aside"
                )
            }
            lines += task.warnings.map { "    note: \($0)" }
            lines += task.values.map { "    values: \($0.count) of column \($0.column) by \($0.rule)" }
            lines += task.drift.map { "    drift: \($0.text) (\($0.action.rawValue))" }
        }
        for task in tasks where task.outcome == .failed {
            let place = "\(task.region)/\(task.client) \(task.schema).\(task.table)"
            lines.append("FAILED \(place) after \(task.attempts) attempts: \(task.error?.message ?? "")")
            lines += task.drift.map { "    drift: \($0.text)" }
        }
        if let rosterNote { lines.append("note: \(rosterNote)") }
        if let bookkeepingError { lines.append("FAILED ledger: \(bookkeepingError)") }
        if tasksNotStarted > 0 { lines.append("CANCELLED: \(tasksNotStarted) tasks did not start") }
        let failed = tasks.count { $0.outcome == .failed }
        let quarantined = tasks.reduce(0) { $0 + $1.rowsQuarantined }
        let seconds = Self.tenths(finishedAt.timeIntervalSince(startedAt))
        lines.append(
            "\(tasks.count - failed) of \(tasks.count) tasks ended well in \(seconds) s: "
                + "\(tasks.reduce(0) { $0 + $1.rowsRead }) rows read, \(tasks.reduce(0) { $0 + $1.rowsInserted }) new, "
                + "\(tasks.reduce(0) { $0 + $1.rowsUpdated }) changed, \(tasks.reduce(0) { $0 + $1.rowsDeleted }) gone, "
                + (quarantined > 0 ? "\(quarantined) set aside, " : "")
                + "\(tasks.reduce(0) { $0 + $1.bytesWritten }) bytes written"
        )
        return lines.joined(separator: "\n")
    }

    private static let widths = [8, 12, 28, 10, 9, 9, 9, 7, 8]

    private static func line(_ cells: [String]) -> String {
        var line = ""
        for (cell, width) in zip(cells, widths) {
            line += cell + String(repeating: " ", count: max(1, width - cell.count))
        }
        return line + (cells.count > widths.count ? cells[widths.count] : "")
    }

    private static func tenths(_ seconds: Double) -> String {
        let tenths = Int((seconds * 10).rounded())
        return "\(tenths / 10).\(tenths % 10)"
    }
}

extension Date {
    /// Microseconds since 1970-01-01T00:00:00Z.
    var microseconds: Int64 { Int64(timeIntervalSince1970 * 1_000_000) }
}
