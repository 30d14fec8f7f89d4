/// A value of a batch that its column cannot hold; the row has a missing value in its place and is to be set aside.
public struct RowDefect: Sendable, Hashable {
    /// The position of the row in the batch.
    public var row: Int
    /// The column.
    public var column: String
    /// The rule that the value is against, such as `impossibleDates: fail`.
    public var rule: String
    /// What is wrong and what to do about it; names no value.
    public var reason: String

    /// Makes a defect.
    public init(row: Int, column: String, rule: String, reason: String) {
        self.row = row
        self.column = column
        self.rule = rule
        self.reason = reason
    }
}
