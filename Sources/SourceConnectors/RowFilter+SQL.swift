package import ColumnBatches

extension RowFilter {
    /// The filter as a condition in SQL, with a question mark for each of its values.
    ///
    /// - Parameters:
    ///   - column: The column's name, quoted.
    ///   - table: The table that errors name.
    ///   - hint: What to write instead of a value that cannot be bound.
    ///   - bind: Takes a value as the next parameter; false for one that has no type in the source.
    /// - Returns: The condition.
    /// - Throws: `SourceError` for a value that cannot be bound, and for as many values as the comparison does not take.
    package func sql(
        column: String,
        in table: TableName,
        hint: String,
        bind: (ColumnValue) -> Bool
    ) throws(SourceError) -> String {
        func refuse(_ message: String) -> SourceError {
            SourceError(.invalid, table: table, column: self.column, message: message)
        }
        for value in values where !bind(value) { throw refuse("\(value) cannot be compared with; \(hint)") }
        switch comparison {
        case .isNull, .isNotNull:
            guard values.isEmpty else { throw refuse("\(comparison.rawValue) takes no value") }
            return comparison == .isNull ? "\(column) IS NULL" : "\(column) IS NOT NULL"
        case .oneOf, .noneOf:
            guard !values.isEmpty else { throw refuse("\(comparison.rawValue) takes at least one value") }
            let places = Array(repeating: "?", count: values.count).joined(separator: ", ")
            return "\(column) \(comparison == .oneOf ? "IN" : "NOT IN") (\(places))"
        case .equal, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual, .like:
            guard values.count == 1 else { throw refuse("\(comparison.rawValue) takes one value") }
            return "\(column) \(comparison == .like ? "LIKE" : comparison.rawValue) ?"
        }
    }
}
