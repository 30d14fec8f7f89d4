public import ColumnBatches
public import SourceConnectors

/// The column by which a task finds changed rows, and what is known of it.
///
/// It may be several columns: the value of a row is that of the first one which is not null.
public struct Cursor: Sendable, Hashable {
    /// The names of the columns in the source, at least one.
    public var columns: [String]
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
    /// The expression whose value it is, and whose `column` stands for it; nil for columns.
    public let expression: CursorExpression?

    /// Makes a cursor of what a source says of a column.
    ///
    /// - Parameters:
    ///   - candidate: What the source says.
    ///   - tellsNewRowsOnly: Whether only rows that are new count.
    public init(_ candidate: CursorCandidate, tellsNewRowsOnly: Bool = false) {
        self.tellsNewRowsOnly = tellsNewRowsOnly
        expression = candidate.expression
        columns = [candidate.column]
        type = candidate.type
        fractionalDigits = candidate.fractionalDigits
        isIndexed = candidate.isIndexed
        isServerSet = candidate.isServerSet
    }

    /// Makes a cursor of several columns of one type: the value of a row is that of the first one which is not null.
    ///
    /// It is worth what the weakest column is. The server sets it when it sets the first column on every update, and one
    /// of them on every insert: a row is then told by its insert until it is updated.
    ///
    /// - Parameters:
    ///   - first: What the source says of the first column.
    ///   - further: What it says of the others, in order.
    ///   - tellsNewRowsOnly: Whether only rows that are new count.
    public init(_ first: CursorCandidate, orElse further: [CursorCandidate], tellsNewRowsOnly: Bool = false) {
        self.init(first, tellsNewRowsOnly: tellsNewRowsOnly)
        let all = [first] + further
        columns = all.map(\.column)
        fractionalDigits = all.map(\.fractionalDigits).min() ?? fractionalDigits
        isIndexed = all.allSatisfy(\.isIndexed)
        isServerSet = first.isSetOnUpdate && all.contains(where: \.isSetOnInsert)
    }

    /// The first column.
    public var column: String { columns[0] }

    /// The columns in words: `updated_at, created_at`.
    public var name: String { columns.joined(separator: ", ") }

    /// Whether the cursor is more than one column.
    public var isCombined: Bool { columns.count > 1 }

    /// Whether the cursor is one column of the table, neither several nor an expression.
    public var isColumn: Bool { !isCombined && expression == nil }

    /// The window from a bound on, in the cursor's scale.
    public func window(from bound: Int64, includesNulls: Bool = true) -> CursorWindow {
        CursorWindow(
            column: column,
            further: Array(columns.dropFirst()),
            type: type,
            lowerBound: bound,
            includesNulls: includesNulls
        )
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
