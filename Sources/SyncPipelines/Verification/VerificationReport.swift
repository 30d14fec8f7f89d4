import ColumnBatches
public import Verification

/// What a verification found, task by task.
public struct VerificationReport: Sendable, Hashable, Codable {
    /// A row that differs.
    public struct Difference: Sendable, Hashable, Codable {
        /// What sets the row apart.
        public var kind: DifferenceKind
        /// The key: `id=7`, or `id=7, line=2`.
        public var key: String
        /// The columns that differ.
        public var columns: [String]
        /// The key that the lake knows the row under, where it was changed.
        public var formerKey: String?
    }

    /// What was found for one task.
    public struct Task: Sendable, Hashable, Codable {
        /// The region.
        public var region: String
        /// The client's id.
        public var client: String
        /// The schema.
        public var schema: String
        /// The table.
        public var table: String
        /// Rows in the source.
        public var sourceRows = 0
        /// Rows in the lake.
        public var lakeRows = 0
        /// Whether the digests of the lake's rows were known from an earlier verification.
        public var reusedDigests = false
        /// How many rows differ, by kind.
        public var counts: [String: Int] = [:]
        /// Buckets whose rows were not fetched, because too many differ.
        public var unreadBuckets = 0
        /// The first differences.
        public var differences: [Difference] = []
        /// Rows that were set right.
        public var repaired = 0
        /// The version of the lake table that was looked at.
        public var tableVersion: Int64 = 0
        /// How long it took, in seconds.
        public var seconds = 0.0
        /// Why the task could not be verified or repaired.
        public var error: TaskFailure?

        /// Rows that differ, those aside that the next run brings, that the table keeps or that the quarantine names.
        public var differing: Int {
            let harmless = [
                DifferenceKind.pending.rawValue, DifferenceKind.kept.rawValue,
                DifferenceKind.quarantined.rawValue,
            ]
            return counts.reduce(0) { $0 + (harmless.contains($1.key) ? 0 : $1.value) }
        }

        /// Whether source and lake are the same, but for what the next run brings and what is set aside; or are now.
        public var isEqual: Bool { error == nil && unreadBuckets == 0 && differing <= repaired }
    }

    /// The tasks, in the order of the configuration.
    public var tasks: [Task]
    /// Why the history of proofs could not be written.
    public var bookkeepingError: String?

    /// Whether everything is equal.
    public var isEqual: Bool { tasks.allSatisfy(\.isEqual) }

    /// The report for people: a line a task, below it what differs.
    public var text: String {
        var lines: [String] = []
        for task in tasks {
            let place = "\(task.region)/\(task.client) \(task.schema).\(task.table)"
            if let error = task.error {
                lines.append("FAILED     \(place): \(error.message)")
            } else {
                let found = task.counts.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }
                let rows = "\(task.sourceRows) rows in the source, \(task.lakeRows) in the lake"
                let repaired = task.repaired > 0 ? "; \(task.repaired) set right" : ""
                lines.append(
                    (task.isEqual ? "equal      " : "DIFFERENT  ") + "\(place): \(rows)"
                        + (found.isEmpty ? "" : "; " + found.joined(separator: ", ")) + repaired
                )
            }
            for difference in task.differences {
                let columns =
                    difference.columns.isEmpty ? "" : ": \(difference.columns.joined(separator: ", "))"
                let former = difference.formerKey.map { ", in the lake as \($0)" } ?? ""
                lines.append("    \(difference.kind.rawValue) \(difference.key)\(former)\(columns)")
            }
            if task.unreadBuckets > 0 {
                lines.append(
                    "    \(task.unreadBuckets) more buckets differ and were not read; "
                        + "load the table anew, or verify with --repair until it is equal"
                )
            }
        }
        if let bookkeepingError { lines.append("FAILED history of proofs: \(bookkeepingError)") }
        let equal = tasks.count { $0.isEqual }
        lines.append(
            "\(equal) of \(tasks.count) tables equal: \(tasks.reduce(0) { $0 + $1.sourceRows }) rows in the sources, "
                + "\(tasks.reduce(0) { $0 + $1.lakeRows }) in the lake"
        )
        return lines.joined(separator: "\n")
    }
}
