import ColumnBatches
import DeltaLog

extension Predicate {
    /// Reads a predicate that is written in SQL.
    ///
    ///     let old = try Predicate(sql: "region = 'eu' AND day < '2024-01-01'", of: schema)
    ///
    /// Columns are compared with values, which are read as the column's type; names of columns are found without case. What
    /// is more than comparisons, `IS NULL`, `IN`, `BETWEEN`, `AND`, `OR` and `NOT` is refused.
    ///
    /// - Throws: `DeltaTableError` when the text is no such predicate, or names a column that the table does not have.
    public init(sql text: String, of schema: TableSchema) throws(DeltaTableError) {
        guard let expression = SQLExpression(text) else { throw Self.refused(text, "it is not understood") }
        self = try Self.read(expression, text, schema)
    }

    private static func refused(_ text: String, _ reason: String) -> DeltaTableError {
        DeltaTableError(
            .schemaMismatch,
            table: "",
            message: "\(text) cannot be used as a predicate: \(reason)"
        )
    }

    private static func read(_ expression: SQLExpression, _ text: String, _ schema: TableSchema)
        throws(DeltaTableError) -> Predicate
    {
        func field(_ path: [String]) throws(DeltaTableError) -> Field {
            let name = path.joined(separator: ".")
            guard let found = TableColumn.path(to: name, in: schema.columns, ignoringCase: true),
                let type = found.last?.type
            else { throw refused(text, "the table has no column \(name)") }
            return Field(found.map(\.name).joined(separator: "."), type)
        }
        func value(_ literal: SQLExpression, _ field: Field) throws(DeltaTableError) -> ColumnValue {
            guard case .literal(let literal) = literal, let value = literal.value(as: field.type) else {
                throw refused(text, "\(field.name) is compared with what is no \(field.type)")
            }
            return value
        }
        switch expression {
        case .and(let left, let right):
            return .and([try read(left, text, schema), try read(right, text, schema)])
        case .or(let left, let right):
            return .or([try read(left, text, schema), try read(right, text, schema)])
        case .not(let part): return .not(try read(part, text, schema))
        case .literal(.boolean(let bit)): return bit ? .and([]) : .or([])
        case .isNull(.column(let path)): return .isNull(try field(path).name)
        case .isIn(.column(let path), let literals):
            let field = try field(path)
            var values: [ColumnValue] = []
            for literal in literals { values.append(try value(literal, field)) }
            return .isIn(field.name, values)
        case .column(let path):
            let field = try field(path)
            guard field.type == .boolean else {
                throw refused(text, "\(field.name) is neither true nor false")
            }
            return .equal(field.name, .boolean(true))
        case .compare(.column(let path), let comparison, let literal):
            let field = try field(path)
            return try compare(field, comparison, try value(literal, field))
        case .compare(let literal, let comparison, .column(let path)):
            let field = try field(path)
            return try compare(field, comparison.turned, try value(literal, field))
        default: throw refused(text, "only columns are compared, with values")
        }
    }

    private static func compare(_ field: Field, _ comparison: SQLExpression.Comparison, _ value: ColumnValue)
        throws(DeltaTableError) -> Predicate
    {
        switch comparison {
        case .equal: return .compare(field.name, .equal, value)
        case .notEqual: return .compare(field.name, .notEqual, value)
        case .less: return .compare(field.name, .less, value)
        case .lessOrEqual: return .compare(field.name, .lessOrEqual, value)
        case .greater: return .compare(field.name, .greater, value)
        case .greaterOrEqual: return .compare(field.name, .greaterOrEqual, value)
        case .same:
            return value == .null
                ? .isNull(field.name) : .and([.isNotNull(field.name), .equal(field.name, value)])
        }
    }
}

extension SQLExpression.Comparison {
    /// The same with the sides turned round.
    fileprivate var turned: SQLExpression.Comparison {
        switch self {
        case .less: .greater
        case .lessOrEqual: .greaterOrEqual
        case .greater: .less
        case .greaterOrEqual: .lessOrEqual
        case .equal, .notEqual, .same: self
        }
    }
}

extension SQLExpression.Literal {
    /// The value as one of a type; nil when it is none.
    fileprivate func value(as type: ColumnType) -> ColumnValue? {
        switch (self, type) {
        case (.null, _): return .null
        case (.boolean(let bit), .boolean): return .boolean(bit)
        case (.string(let text), .string): return .string(text)
        case (.string(let text), _) where !text.isEmpty: return PartitionValueText.value(text, type: type)
        case (.date(let text), .date), (.timestamp(let text), .timestamp),
            (.timestamp(let text), .timestampNTZ):
            return text.isEmpty ? nil : PartitionValueText.value(text, type: type)
        case (.number(let text), .int8), (.number(let text), .int16), (.number(let text), .int32),
            (.number(let text), .int64):
            // A number that the type cannot hold is still greater or smaller than all that it can.
            return Int64(text).map { .integer($0) }
        case (.number(let text), .decimal):
            let places = text.split(separator: ".", omittingEmptySubsequences: false)
            let scale = places.count == 2 ? places[1].utf8.count : 0
            return PartitionValueText.value(text, type: .decimal(precision: 38, scale: scale))
        case (.number(let text), .float): return Float(text).map { .float($0) }
        case (.number(let text), .double): return Double(text).map { .double($0) }
        default: return nil
        }
    }
}
