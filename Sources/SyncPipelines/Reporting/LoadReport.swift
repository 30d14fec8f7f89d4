/// How a large table was loaded: by which connections, in how many pieces, and whether they show one state of the source.
public struct LoadReport: Sendable, Hashable, Codable {
    /// Whether all rows show one committed state of the source; else the next run brings what differs.
    public var isOneInstant: Bool
    /// How that is known, or why it is not so: `one instant: …` or `not one instant: …`.
    public var consistency: String
    /// The connections that read at once.
    public var connections: Int
    /// The chunks that were read, each committed by itself.
    public var chunks: Int
    /// The rows that earlier attempts had committed, which were not read again.
    public var rowsBefore: Int

    /// Makes a report.
    public init(isOneInstant: Bool, consistency: String, connections: Int, chunks: Int, rowsBefore: Int) {
        self.isOneInstant = isOneInstant
        self.consistency = consistency
        self.connections = connections
        self.chunks = chunks
        self.rowsBefore = rowsBefore
    }
}
