public import ColumnBatches
public import SourceConnectors

/// The column by which a task finds changed rows, and what is known of it.
public struct Cursor: Sendable, Hashable {
    /// The column's name in the source.
    public var column: String
    /// `timestamp` or `timestampNTZ`.
    public var type: ColumnType
    /// Digits after the second that the column keeps.
    public var fractionalDigits: Int
    /// Whether an index starts with the column.
    public var isIndexed: Bool
    /// Whether the server itself sets the column on every insert and update.
    public var isServerSet: Bool

    /// Makes a cursor of what a source says of a column.
    public init(_ candidate: CursorCandidate) {
        column = candidate.column
        type = candidate.type
        fractionalDigits = candidate.fractionalDigits
        isIndexed = candidate.isIndexed
        isServerSet = candidate.isServerSet
    }

    /// The step of the column's values in microseconds: 1 with six digits, 1,000,000 with none.
    public var step: Int64 {
        var step: Int64 = 1
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
