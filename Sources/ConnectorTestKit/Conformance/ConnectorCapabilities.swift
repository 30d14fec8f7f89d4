public import SourceConnectors

/// What a connector and the sources of its test bed can do; properties that need more are excused.
public struct ConnectorCapabilities: Sendable, Hashable {
    /// How a test bed can change its source.
    public enum Mutation: Int, Sendable, Hashable, Comparable {
        /// Not at all: the source holds rows that `contents` tells.
        case none
        /// Row by row, each change committed at once.
        case rows
        /// In transactions with savepoints.
        case transactions

        /// By how much is possible.
        public static func < (left: Mutation, right: Mutation) -> Bool { left.rawValue < right.rawValue }
    }

    /// Of what the cursor tells the time, or what it counts.
    public enum CursorKind: Sendable, Hashable {
        /// Instants.
        case instant
        /// A wall clock without zone.
        case wallClock
        /// A counter of which every row that is written, new or changed, takes the next number.
        case counter
    }

    /// How the test bed changes its source.
    public var mutation: Mutation = .none
    /// Whether reads between two ends of a snapshot see one state of the source.
    public var hasSnapshots = true
    /// Whether `uncommitted` reads show what is not committed yet.
    public var readsUncommitted = false
    /// Whether `signals` tell of every transaction that has written, so that an uncommitted read would add nothing.
    public var tellsWriters = false
    /// What the cursor is; nil when tables have none.
    public var cursor: CursorKind? = .instant
    /// Digits after the second that cursors keep; 0 for counters.
    public var fractionalDigits = 6
    /// Whether rows may lack a cursor value.
    public var hasRowsWithoutCursor = true
    /// Whether the clock that `signals` tells is the one that sets cursors.
    public var tellsClock = true
    /// Whether reads are ordered as a query asks.
    public var ordersRows = true
    /// Whether sessions read a table in ranges of its key, and by several readers: whether they are a `RangedSession`.
    public var cutsKeys = false
    /// The filters that reads apply.
    public var filters: Set<RowFilter.Comparison> = []
    /// Whether an empty text is told from a missing one.
    public var tellsEmptyFromMissing = true
    /// Whether tables and columns may have any name.
    public var takesOddNames = true
    /// Whether the test bed has statements that take long: `beginLong`, `endLong`.
    public var hasLongStatements = false
    /// Whether the test bed carries out `pass` and `stepClock` by a clock of its own.
    public var hasVirtualClock = false
    /// Whether the test bed can change its table's columns: `SourceFixture.change`.
    public var changesTables = false
    /// What the test bed can make go wrong.
    public var faults: Set<SourceFault> = []
    /// How long a session may take to end once it is cancelled.
    public var cancellationBound: Duration = .seconds(20)
    /// The most rows that a connector may take from its source beyond those that were asked for.
    public var rowsReadAhead = 2_000

    /// Makes the capabilities of a source that only reads.
    public init() {}

    /// The step of cursors: for times in microseconds, for counters 1.
    var cursorStep: Int64 {
        var step: Int64 = 1
        guard cursor != .counter else { return step }
        for _ in min(max(fractionalDigits, 0), 6)..<6 { step *= 10 }
        return step
    }
}
