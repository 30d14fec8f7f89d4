/// What a task is: one table of one client in one region.
public struct TaskIdentity: Sendable, Hashable, CustomStringConvertible {
    /// The region.
    public var region: String
    /// The client's id.
    public var client: String
    /// The schema that the table belongs to, as the configuration names it.
    public var schema: String
    /// The table.
    public var table: String

    /// Makes an identity.
    public init(region: String, client: String, schema: String, table: String) {
        self.region = region
        self.client = client
        self.schema = schema
        self.table = table
    }

    /// `region/client/schema.table`.
    public var description: String { "\(region)/\(client)/\(schema).\(table)" }
}

/// The names under which a task's state is kept in the log of its table: application transactions.
///
/// All name the table and the task, the run's and the mark's its definition as well. A task whose definition changed (filter,
/// columns, mapping, keys or cursor) has other names and so no mark: it reads everything once more.
public struct TaskTransactions: Sendable, Hashable {
    /// The rising number of the task's runs; a commit that finds it as high as its own is a repetition.
    public let run: String
    /// The task's mark, in the cursor's own scale.
    public let mark: String
    /// The digest of the definition that both names carry.
    public let definition: String

    /// Makes the names for a task.
    ///
    /// - Parameters:
    ///   - task: The task.
    ///   - tableID: The id in the Delta table's metadata.
    ///   - definition: Everything that decides which rows and values the task brings, in a stable order.
    public init(task: TaskIdentity, tableID: String, definition: [String]) {
        let digest = Self.digest(definition)
        let parts = [tableID, task.region, task.client, task.schema, task.table].map(Self.escape)
        let base = "tributary/" + parts.joined(separator: "/") + "/" + digest
        run = base + "/run"
        mark = base + "/mark"
        self.definition = digest
    }

    /// Under this name is a number for the partition's files as the task's last commit left them.
    ///
    /// With other files than these, somebody else was there. It is the same name for all definitions.
    public var files: String { taskPrefix + "files" }

    /// Under this name is when the task's rows were last searched for ones that the source no longer has, by the source's clock.
    public var deletes: String { taskPrefix + "deletes" }

    /// Under these names is up to where the source's history was read, in the task's definition: what tells the table from
    /// another of its name, and the end of the latest version before the mark in microseconds since 1970-01-01T00:00:00Z;
    /// 0 for what is not known.
    public var history: (origin: String, end: String) {
        let base = mark.dropLast("mark".count)
        return (base + "history/origin", base + "history/end")
    }

    /// Under these names is what the source told when the mark was made: its clock, since when the oldest statement
    /// ran, and this program's clock at that moment, all in microseconds since 1970-01-01T00:00:00Z.
    public var reading: (clock: String, quiet: String, seen: String) {
        (taskPrefix + "clock", taskPrefix + "quiet", taskPrefix + "seen")
    }

    /// Under these names is what was read of a counter when the mark was made: the source's clock in microseconds since
    /// 1970-01-01T00:00:00Z, the counter, and the least number that was still to be written.
    ///
    /// They carry the definition: another cursor has other numbers. Marks of a time have none of them.
    public var counter: (clock: String, next: String, floor: String) {
        let base = mark.dropLast("mark".count)
        return (base + "counter/clock", base + "counter/next", base + "counter/floor")
    }

    /// What the names of the task's transactions begin with, whatever its definition.
    public var taskPrefix: String {
        String(mark.dropLast("/mark".count).dropLast(definition.count))
    }

    /// The names as they were made before.
    public init(run: String, mark: String, definition: String) {
        self.run = run
        self.mark = mark
        self.definition = definition
    }

    /// FNV-1a over the parts, each closed by a byte that no UTF-8 text holds.
    private static func digest(_ parts: [String]) -> String {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for part in parts {
            for byte in part.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
            hash = (hash ^ 0xFF) &* 0x100_0000_01B3
        }
        let digits = String(hash, radix: 16)
        return String(repeating: "0", count: 16 - digits.utf8.count) + digits
    }

    /// Keeps the parts apart: a slash in a name is not one between names.
    private static func escape(_ part: String) -> String {
        part.utf8.reduce(into: "") { text, byte in
            switch byte {
            case UInt8(ascii: "/"): text += "%2F"
            case UInt8(ascii: "%"): text += "%25"
            default: text.unicodeScalars.append(Unicode.Scalar(byte))
            }
        }
    }
}
