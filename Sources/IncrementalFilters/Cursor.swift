public import ColumnBatches
public import SourceConnectors

/// The column by which a task finds changed rows, and what is known of it.
public struct Cursor: Sendable, Hashable {
    /// The column's name in the source.
    public var column: String
    /// `timestamp`, `timestampNTZ`, or a type of whole numbers for a counter.
    public var type: ColumnType
    /// Digits after the second that the column keeps.
    public var fractionalDigits: Int
    /// Whether an index starts with the column.
    public var isIndexed: Bool
    /// Whether the server itself sets the column: on every insert and update, a counter on every insert.
    public var isServerSet: Bool
    /// Whether only rows that are new count: what becomes of them later is of no matter to the task.
    public var tellsNewRowsOnly: Bool

    /// Makes a cursor of what a source says of a column.
    ///
    /// - Parameters:
    ///   - candidate: What the source says.
    ///   - tellsNewRowsOnly: Whether only rows that are new count.
    public init(_ candidate: CursorCandidate, tellsNewRowsOnly: Bool = false) {
        self.tellsNewRowsOnly = tellsNewRowsOnly
        column = candidate.column
        type = candidate.type
        fractionalDigits = candidate.fractionalDigits
        isIndexed = candidate.isIndexed
        isServerSet = candidate.isServerSet
    }

    /// Whether the column counts rows as they are inserted, rather than telling a time.
    public var isCounter: Bool { type.isCounter }

    /// The step of the column's values: for times in microseconds, 1 with six digits and 1,000,000 with none; for a counter 1.
    public var step: Int64 {
        var step: Int64 = 1
        if isCounter { return step }
        for _ in min(max(fractionalDigits, 0), 6)..<6 { step *= 10 }
        return step
    }

    /// A reading in the column's precision: what is written after it has no cursor before `quiet`.
    public func floor(_ reading: SourceReading) -> SourceReading {
        SourceReading(clock: reading.clock, quiet: floor(reading.quiet), seen: reading.seen)
    }

    /// The greatest value of the column's precision that is not above `value`.
    func floor(_ value: Int64) -> Int64 {
        let rest = value % step
        return value - (rest < 0 ? rest + step : rest)
    }
}
