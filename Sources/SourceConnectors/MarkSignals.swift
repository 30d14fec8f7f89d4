/// What a source knows of work that is under way, read before anything else of a window.
///
/// All instants are microseconds since 1970-01-01T00:00:00Z by the source's own clock.
public struct MarkSignals: Sendable, Hashable {
    /// The source's clock.
    public var now: Int64
    /// When the oldest statement still running began, or nil when none runs.
    public var oldestStatement: Int64?
    /// When the oldest transaction began that has written and not ended, or nil when there is none.
    public var oldestWriter: Int64?
    /// Reasons why the signals do not prove anything, such as a missing privilege; empty when they do.
    public var limitations: [String]
    /// A name for what holds the signals back, such as a thread's number.
    public var heldBy: String?
    /// What identifies the server, so that reads of one window can be shown to come from one server.
    public var server: String
    /// This program's own clock before and after the source's was read, in microseconds since 1970-01-01T00:00:00Z.
    ///
    /// Between two runs it tells by how much the source's clock was set back. Nil for clocks that are not real.
    public var observed: ClosedRange<Int64>?

    /// Whether nothing is under way, and that is certain.
    public var isClear: Bool { oldestStatement == nil && oldestWriter == nil && limitations.isEmpty }

    /// Makes signals.
    public init(
        now: Int64,
        oldestStatement: Int64? = nil,
        oldestWriter: Int64? = nil,
        limitations: [String] = [],
        heldBy: String? = nil,
        server: String = "",
        observed: ClosedRange<Int64>? = nil
    ) {
        self.now = now
        self.oldestStatement = oldestStatement
        self.oldestWriter = oldestWriter
        self.limitations = limitations
        self.heldBy = heldBy
        self.server = server
        self.observed = observed
    }
}
