/// A rule that every row of a table keeps: a `CHECK` constraint or an invariant of a column.
package struct RowRule: Sendable, Hashable {
    /// The constraint's name, or the column that has the invariant.
    package var name: String
    /// The rule in SQL.
    package var text: String
    /// What the rule says; nil when it is not understood.
    package var expression: SQLExpression?

    package init(name: String, text: String) {
        self.name = name
        self.text = text
        expression = SQLExpression(text)
    }

    static let constraintPrefix = "delta.constraints."
    static let invariantKey = "delta.invariants"
}

extension TableMetadata {
    /// The rules of the table's properties and columns, by name.
    ///
    /// The protocol's sections "CHECK Constraints" and "Column Invariants".
    package func rowRules(_ schema: StructType) -> [RowRule] {
        var rules: [RowRule] = []
        for (key, text) in configuration where key.lowercased().hasPrefix(RowRule.constraintPrefix) {
            rules.append(RowRule(name: String(key.dropFirst(RowRule.constraintPrefix.count)), text: text))
        }
        rules.sort { $0.name < $1.name }
        for (name, field) in schema.namedFields {
            guard let marked = field.text(RowRule.invariantKey) else { continue }
            let value = try? JSONParser.parse(marked)
            rules.append(RowRule(name: name, text: value?["expression"]?["expression"]?.string ?? marked))
        }
        return rules
    }
}

extension StructType {
    /// All fields, those within others too, with the names from the top down.
    var namedFields: [(String, StructField)] {
        fields.flatMap { field in
            [(field.name, field)]
                + field.type.structures.flatMap { $0.namedFields }.map { (field.name + "." + $0, $1) }
        }
    }
}

extension DataType {
    /// The structures that values of the type consist of, at the next level down.
    var structures: [StructType] {
        switch self {
        case .struct(let type): [type]
        case .array(let element, _): element.structures
        case .map(let key, let value, _): key.structures + value.structures
        default: []
        }
    }
}
