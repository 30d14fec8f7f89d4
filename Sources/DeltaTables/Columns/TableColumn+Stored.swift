import ColumnBatches

extension TableColumn {
    /// The field that files have for the column: under their own names, at every depth.
    var storedField: Field {
        let type: ColumnType
        switch self.type {
        case .structure where kind == .structure: type = .structure(children.map(\.storedField))
        case .list: type = .list(element: children[0].storedField)
        case .map: type = .map(key: children[0].storedField, value: children[1].storedField)
        default: type = self.type
        }
        return Field(physicalName, type, isNullable: isNullable)
    }

    /// The column's values under the names that files have.
    func stored(_ column: Column) -> Column {
        let field = storedField
        guard field.type != column.type else { return column }
        let storage: ColumnStorage
        switch column.storage {
        case .structure(let values):
            let fields = zip(children, values.fields).map { $0.stored($1) }
            storage = .structure(StructureValues(fields: fields, count: column.count))
        case .list(let values):
            storage = .list(
                ListValues(offsets: values.offsets, elements: children[0].stored(values.elements))
            )
        case .map(let values):
            storage = .map(
                MapValues(
                    offsets: values.offsets,
                    keys: children[0].stored(values.keys),
                    values: children[1].stored(values.values)
                )
            )
        default: return column
        }
        return Column(type: field.type, storage: storage, validity: column.validity)
    }

    /// The numbers of the column and of those within it, by the paths that files have.
    var storedNumbers: [[String]: Int] {
        var found: [[String]: Int] = [:]
        collect([physicalName], into: &found)
        return found
    }

    private func collect(_ path: [String], into found: inout [[String]: Int]) {
        if let number { found[path] = number }
        switch type {
        case .structure where kind == .structure:
            for child in children { child.collect(path + [child.physicalName], into: &found) }
        case .list: children[0].collect(path + ["list", "element"], into: &found)
        case .map:
            children[0].collect(path + ["key_value", "key"], into: &found)
            children[1].collect(path + ["key_value", "value"], into: &found)
        default: break
        }
    }
}
