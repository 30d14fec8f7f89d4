/// How a test bed may change the kit's table while it holds rows.
public enum TableChange: String, Sendable, Hashable, Codable, CaseIterable {
    /// A text column `added` comes, after the others; every row lacks it.
    case addColumn
    /// The column of `TestTable.amount` goes.
    case dropAmount
}
