import ColumnBatches

/// A leaf of the schema that is written: what it holds, and the way to it from its column.
struct WriterLeaf: Sendable {
    /// A step on the way from a column to a leaf below it.
    enum Step: Sendable, Hashable {
        /// Values may be missing here.
        case optional
        /// Values must be there.
        case required
        case field(Int)
        case elements
        case keys
        case values
    }

    /// The names from the top of the schema down.
    let path: [String]
    let type: ColumnType
    let layout: ColumnLayout
    /// The position of the column among those of a batch.
    let column: Int
    let steps: [Step]
    /// The levels at which a value is there, and of the innermost list.
    let maxDefinition: Int
    let maxRepetition: Int

    /// The path as one text.
    var name: String { path.joined(separator: ".") }

    /// Whether the leaf is a column of its own.
    var isFlat: Bool { steps.count == 1 }
}

extension WriterLeaf {
    /// The leaves of some fields, in the order of the file.
    static func leaves(of schema: BatchSchema) -> [WriterLeaf] {
        var leaves: [WriterLeaf] = []
        for (column, field) in schema.fields.enumerated() {
            append(field.type, field.isNullable, path: [field.name], steps: [], column, to: &leaves)
        }
        return leaves
    }

    private static func append(
        _ type: ColumnType,
        _ isNullable: Bool,
        path: [String],
        steps: [Step],
        _ column: Int,
        to leaves: inout [WriterLeaf]
    ) {
        let steps = steps + [isNullable ? .optional : .required]
        func child(_ field: Field, _ step: Step, isNullable: Bool, _ names: String...) {
            append(field.type, isNullable, path: path + names, steps: steps + [step], column, to: &leaves)
        }
        switch type {
        case .structure(let fields):
            for (index, field) in fields.enumerated() {
                child(field, .field(index), isNullable: field.isNullable, field.name)
            }
        case .list(let element):
            child(element, .elements, isNullable: element.isNullable, "list", "element")
        case .map(let key, let value):
            child(key, .keys, isNullable: false, "key_value", "key")
            child(value, .values, isNullable: value.isNullable, "key_value", "value")
        default:
            let repeated = steps.count { $0 == .elements || $0 == .keys || $0 == .values }
            leaves.append(
                WriterLeaf(
                    path: path,
                    type: type,
                    layout: ColumnLayout(type),
                    column: column,
                    steps: steps,
                    maxDefinition: steps.count { $0 == .optional } + repeated,
                    maxRepetition: repeated
                )
            )
        }
    }
}
