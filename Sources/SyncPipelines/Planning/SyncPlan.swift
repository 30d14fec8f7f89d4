public import FoundationEssentials

/// What a run would do, found out from metadata alone.
public struct SyncPlan: Sendable, Hashable, Codable {
    /// What a task would do.
    public enum Action: String, Sendable, Hashable, Codable, CaseIterable {
        /// All rows come into an empty partition.
        case firstLoad
        /// What changed since the mark is merged.
        case increment
        /// The whole table is read and compared.
        case compare
        /// All rows are read again: the task is another than before, or its rows were removed.
        case backfill
        /// The task's rows and marks leave the lake.
        case reset
        /// The task's rows and marks come from another region.
        case move
        /// Nothing: something is in the way.
        case blocked
    }

    /// One lake table.
    public struct Table: Sendable, Hashable, Codable {
        /// `schema.table`.
        public var table: String
        /// What `prepare` would do: `created`, `extended`, `unchanged` or `failed`.
        public var preparation: String
        /// The columns that would be created or added, with their types.
        public var columns: [String]
        /// What identifies a row, and why.
        public var keys: String?
        /// How changed rows are found.
        public var changes: String?
        /// How changes meet the lake's rows, and what becomes of rows that are gone, where that is not the usual way.
        public var writes: String?
        /// How the clients' tables differ from one another: how many are alike, then each way to be otherwise.
        public var shapes: [String] = []
        /// What is in the way.
        public var problem: String?
        /// The path of the bronze table, where there is one.
        public var bronze: String?
    }

    /// One table of one client.
    public struct Task: Sendable, Hashable, Codable {
        /// The region.
        public var region: String
        /// The client's id.
        public var client: String
        /// `schema.table`.
        public var table: String
        /// What it would do.
        public var action: Action
        /// The mark in the lake, in microseconds since 1970-01-01T00:00:00Z; of a counter, its number.
        public var mark: Int64?
        /// What the mark would be worth after the run.
        public var guarantee: String?
        /// What would hold the mark back.
        public var heldBy: String?
        /// The digest of the task's definition.
        public var definition: String?
        /// Rows that the source would send: its own estimate, or what the last run read.
        public var expectedRows: Int?
        /// The least chunks of a first load, each committed by itself, by the source's estimate; nil for a load in one commit.
        public var expectedChunks: Int?
        /// Bytes of files that would be written, by what was measured: the task's last run, or the table's rows; else nil.
        public var expectedBytes: Int?
        /// Rows that would leave the lake, by the source's estimate.
        public var predictedDeletes: Int?
        /// Why the task needs a plan: what it may not do without one.
        public var destructive: [String]
        /// What people should know.
        public var lints: [PlanLint]
        /// What is otherwise in the client's table than it was when it was last brought.
        public var drift: [SchemaDrift] = []
        /// What is in the way.
        public var problem: String?
    }

    /// One server.
    public struct Host: Sendable, Hashable, Codable {
        /// Host and port, or the socket.
        public var host: String
        /// The tasks that read from it.
        public var tasks: Int
        /// The most connections that the run opens to it at once.
        public var connections: Int
    }

    /// A name for what the plan decides; the same decisions have the same name.
    public var id = ""
    /// When it was made.
    public var madeAt: Date
    /// The regions that it is about.
    public var regions: String
    /// The client that it is about, if only one.
    public var client: String?
    /// The table that it is about, if only one.
    public var table: String?
    /// What is planned instead of a run; nil for a run.
    public var operation: LakeOperation?
    /// The lake tables.
    public var tables: [Table]
    /// The tasks, in the order of the configuration.
    public var tasks: [Task]
    /// The servers.
    public var hosts: [Host]

    /// Whether a run would do something that needs this plan.
    public var isDestructive: Bool { tasks.contains { !$0.destructive.isEmpty } }

    /// Whether nothing is in the way.
    public var isClear: Bool {
        tables.allSatisfy { $0.problem == nil } && tasks.allSatisfy { $0.problem == nil }
    }

    /// The plan as JSON with sorted keys; instants as ISO 8601.
    public var json: String { reportJSON }

    /// The lines that decide: what differs between them makes another plan.
    var decisions: [String] {
        var lines = ["regions \(regions) client \(client ?? "all") table \(table ?? "all")"]
        if let operation {
            lines.append(operation.description)
            lines += tasks.map {
                "\($0.region)/\($0.client)/\($0.table): \($0.destructive.joined(separator: "; "))"
            }
        }
        for table in tables {
            lines.append(
                "\(table.table): \(table.preparation) \(table.columns.joined(separator: ", ")); keys \(table.keys ?? "unknown")"
                    + (table.writes.map { "; \($0)" } ?? "")
            )
        }
        for task in tasks {
            let mark = task.mark.map { "\($0)" } ?? "none"
            lines.append(
                "\(task.region)/\(task.client)/\(task.table): \(task.action.rawValue), mark \(mark), definition "
                    + "\(task.definition ?? "unknown")"
            )
        }
        return lines
    }

    /// The name that the decisions give.
    var derivedID: String {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for line in decisions {
            for byte in line.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
            hash = (hash ^ 0xFF) &* 0x100_0000_01B3
        }
        let digits = String(hash, radix: 16)
        return String(repeating: "0", count: 16 - digits.utf8.count) + digits
    }
}

/// Something that people should know before a run.
public struct PlanLint: Sendable, Hashable, Codable {
    /// A stable name, such as `cursor.notIndexed`.
    public var code: String
    /// What it is and what to do.
    public var message: String

    init(_ code: String, _ message: String) {
        self.code = code
        self.message = message
    }
}
