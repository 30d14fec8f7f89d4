/// What a run may do without a plan that showed it.
public struct Guardrails: Sendable, Hashable {
    /// Rows of one partition that a run may delete, whatever their share.
    public var deletedRows: Int
    /// The share of a partition's rows that a run may delete, 0 to 1.
    public var deletedShare: Double

    /// Makes guardrails; a run passes them only where it would pass both.
    public init(deletedRows: Int = 100, deletedShare: Double = 0.2) {
        self.deletedRows = deletedRows
        self.deletedShare = deletedShare
    }

    /// The most rows that may go from a partition.
    func deletions(ofRows rows: Int) -> Int {
        max(deletedRows, Int(deletedShare * Double(rows)))
    }
}

extension Guardrails {
    /// Reads the guardrails of a configuration.
    init(_ node: ConfigurationNode) throws(SyncError) {
        let members = try node.members(["deletedRows", "deletedPercent"])
        self.init()
        if let node = members.present("deletedRows") { deletedRows = try node.integer(in: 0...Int.max) }
        if let node = members.present("deletedPercent") {
            deletedShare = Double(try node.integer(in: 0...100)) / 100
        }
    }
}

/// What a plan that somebody looked at lets one task do beyond the guardrails.
struct TaskAllowance: Sendable, Hashable {
    /// Whether the task may be another than before: other filters, keys or columns.
    var mayRedefine = false
    /// Rows that may go, where that is more than the guardrails say.
    var deletions = 0
    /// Whether everything is read again, whatever the mark says.
    var rereads = false
    /// Only rows whose cursor lies in this range are read, in microseconds since 1970-01-01T00:00:00Z; the mark stays.
    var range: Range<Int64>?
    /// Only rows that are set aside are read, to bring what can be represented by now; the mark stays.
    var replaysQuarantine = false
}
