/// What a rule of a table says about a row: the part of SQL that constraints are mostly made of.
///
/// Comparisons, `AND`, `OR`, `NOT`, `IS NULL`, `IN`, `BETWEEN`, `LIKE`, sums and products, and a few functions. A rule that
/// says more is not read, and the table not written to.
package indirect enum SQLExpression: Sendable, Hashable {
    /// How two values are compared.
    package enum Comparison: Sendable, Hashable {
        case equal, notEqual, less, lessOrEqual, greater, greaterOrEqual
        /// Equal, where two missing values are.
        case same
    }

    /// How two numbers become one.
    package enum Operator: Sendable, Hashable {
        case plus, minus, times, modulo
    }

    /// A function of one value.
    package enum Function: String, Sendable, Hashable, CaseIterable {
        case length, lower, upper, trim, abs
    }

    /// A value that is written out.
    package enum Literal: Sendable, Hashable {
        case null
        case boolean(Bool)
        /// A number as it is written.
        case number(String)
        case string(String)
        case date(String)
        case timestamp(String)
    }

    /// A column, by the names from the top down.
    case column([String])
    case literal(Literal)
    case compare(SQLExpression, Comparison, SQLExpression)
    case arithmetic(SQLExpression, Operator, SQLExpression)
    case negative(SQLExpression)
    case and(SQLExpression, SQLExpression)
    case or(SQLExpression, SQLExpression)
    case not(SQLExpression)
    case isNull(SQLExpression)
    case isIn(SQLExpression, [SQLExpression])
    /// A text that fits a pattern of `%` and `_`.
    case like(SQLExpression, String)
    case call(Function, SQLExpression)

    /// The columns that are looked at.
    package var columns: Set<[String]> {
        switch self {
        case .column(let path): [path]
        case .literal: []
        case .compare(let left, _, let right), .arithmetic(let left, _, let right), .and(let left, let right),
            .or(let left, let right):
            left.columns.union(right.columns)
        case .negative(let part), .not(let part), .isNull(let part), .like(let part, _), .call(_, let part):
            part.columns
        case .isIn(let part, let values): values.reduce(into: part.columns) { $0.formUnion($1.columns) }
        }
    }
}
