/// Gives columns the numbers and the names in files that column mapping asks for.
///
/// The protocol's section "Column Mapping": a number is never used for two columns.
package struct ColumnNumbers {
    static let property = "delta.columnMapping.maxColumnId"

    /// The next number.
    package var next: Int
    /// Whether files go on to use the columns' own names; otherwise those are new ones.
    package var keepsNames: Bool

    /// Numbers a column and all within it, unless they have numbers.
    package mutating func number(_ field: StructField) -> StructField {
        var field = field
        if field.fieldID == nil {
            field.metadata[StructField.idKey] = String(next)
            next += 1
        }
        if field.text(StructField.physicalNameKey) == nil {
            let name = keepsNames ? field.name : "col-" + UniqueName.make()
            field.metadata[StructField.physicalNameKey] = JSONValue.string(name).text
        }
        field.type = number(field.type)
        return field
    }

    private mutating func number(_ type: DataType) -> DataType {
        switch type {
        case .struct(let type):
            var fields: [StructField] = []
            for field in type.fields { fields.append(number(field)) }
            return .struct(StructType(fields: fields))
        case .array(let element, let containsNull):
            return .array(element: number(element), containsNull: containsNull)
        case .map(let key, let value, let containsNull):
            let key = number(key)
            return .map(key: key, value: number(value), valueContainsNull: containsNull)
        default: return type
        }
    }
}

extension TableMetadata {
    /// The greatest number that a column has or had.
    func maxColumnID(_ schema: StructType) -> Int {
        let kept = configuration[ColumnNumbers.property].flatMap { Int($0) } ?? 0
        return schema.namedFields.compactMap(\.1.fieldID).reduce(kept, max)
    }

    /// The metadata of a new table, whose columns are numbered where its properties ask for mapping.
    package func numbered(_ schema: StructType) -> TableMetadata {
        guard columnMapping != .none else { return self }
        var numbers = ColumnNumbers(next: 1, keepsNames: false)
        var numbered = self
        numbered.schemaString = StructType(fields: schema.fields.map { numbers.number($0) }).json
        numbered.configuration[ColumnNumbers.property] = String(numbers.next - 1)
        return numbered
    }
}
