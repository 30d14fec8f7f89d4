/// How a verification goes about its work.
public struct VerificationOptions: Sendable, Hashable {
    /// Whether differences are set right: rows of the source are merged, and rows that the source no longer has go.
    public var repairs = false
    /// The greatest share of a client's rows that a repair may remove, 0 to 1; more is refused.
    public var removableShare = 0.2
    /// The most rows of each side that are compared in memory at once.
    public var rowsAtOnce = 200_000
    /// How often rows are fetched to be compared; differences beyond are counted by bucket only.
    public var passes = 8
    /// The most differences of each kind that a report lists for a task; all are counted.
    public var listedDifferences = 20

    /// Makes the options that suit nearly every table.
    public init() {}
}
