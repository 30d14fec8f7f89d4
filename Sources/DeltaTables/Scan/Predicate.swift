public import ColumnBatches

/// Which rows are wanted.
///
///     let recent: Predicate = .and([.equal("region", .string("eu")), .greaterOrEqual("id", .integer(1000))])
///
/// Comparisons with a missing value are neither true nor false; a row is wanted when the whole is true. Texts are compared
/// by their bytes, and NaN is greater than every number. A part of a structure is named with points, as in `address.zip`;
/// it is missing where the structure is.
public indirect enum Predicate: Sendable, Hashable {
    /// How two values are compared.
    public enum Comparison: Sendable, Hashable {
        /// The same value.
        case equal
        /// Another value.
        case notEqual
        /// A smaller value.
        case less
        /// A smaller value or the same.
        case lessOrEqual
        /// A greater value.
        case greater
        /// A greater value or the same.
        case greaterOrEqual
    }

    /// A column's value compared with another.
    case compare(String, Comparison, ColumnValue)
    /// The column has no value.
    case isNull(String)
    /// The column's value is one of these.
    case isIn(String, [ColumnValue])
    /// All of these.
    case and([Predicate])
    /// One of these.
    case or([Predicate])
    /// The opposite.
    case not(Predicate)

    /// The column has this value.
    public static func equal(_ column: String, _ value: ColumnValue) -> Predicate {
        .compare(column, .equal, value)
    }

    /// The column has a smaller value.
    public static func less(_ column: String, _ value: ColumnValue) -> Predicate {
        .compare(column, .less, value)
    }

    /// The column has a greater value.
    public static func greater(_ column: String, _ value: ColumnValue) -> Predicate {
        .compare(column, .greater, value)
    }

    /// The column has a greater value or this one.
    public static func greaterOrEqual(_ column: String, _ value: ColumnValue) -> Predicate {
        .compare(column, .greaterOrEqual, value)
    }

    /// The column has a value.
    public static func isNotNull(_ column: String) -> Predicate { .not(.isNull(column)) }

    /// The columns that are looked at.
    public var columns: Set<String> {
        switch self {
        case .compare(let column, _, _), .isNull(let column), .isIn(let column, _): [column]
        case .and(let parts), .or(let parts): parts.reduce(into: []) { $0.formUnion($1.columns) }
        case .not(let part): part.columns
        }
    }

    /// Whether the predicate is true, false, or neither, for values by column.
    func evaluate(_ value: (String) -> ColumnValue) -> Bool? {
        switch self {
        case .compare(let column, let comparison, let wanted):
            guard let order = ValueOrder.compare(value(column), wanted) else { return nil }
            return comparison.holds(order)
        case .isNull(let column): return value(column) == .null
        case .isIn(let column, let wanted):
            let found = value(column)
            if found == .null { return nil }
            if wanted.contains(where: { ValueOrder.compare(found, $0) == 0 }) { return true }
            return wanted.contains(.null) ? nil : false
        case .and(let parts):
            var isKnown = true
            for part in parts {
                switch part.evaluate(value) {
                case false?: return false
                case nil: isKnown = false
                case true?: break
                }
            }
            return isKnown ? true : nil
        case .or(let parts):
            var isKnown = true
            for part in parts {
                switch part.evaluate(value) {
                case true?: return true
                case nil: isKnown = false
                case false?: break
                }
            }
            return isKnown ? false : nil
        case .not(let part): return part.evaluate(value).map { !$0 }
        }
    }

    /// The positions of the rows of a batch for which the predicate is true.
    ///
    /// - Precondition: the batch has every column that is looked at.
    func rows(of batch: ColumnBatch) -> [Int] {
        var columns: [String: (Int) -> ColumnValue] = [:]
        for name in self.columns { columns[name] = batch.values(of: name) }
        return (0..<batch.rowCount).filter { row in evaluate { columns[$0]?(row) ?? .null } == true }
    }
}

extension Predicate.Comparison {
    func holds(_ order: Int) -> Bool {
        switch self {
        case .equal: order == 0
        case .notEqual: order != 0
        case .less: order < 0
        case .lessOrEqual: order <= 0
        case .greater: order > 0
        case .greaterOrEqual: order >= 0
        }
    }
}
