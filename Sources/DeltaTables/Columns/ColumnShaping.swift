import ColumnBatches
import ParquetFiles

/// Why a column of a file is not one of the table.
struct ShapeFailure: Error {
    var path: [String]
    var reason: String
}

extension TableColumn {
    /// A column of a file as a column of the table: fields found under their names or numbers, missing ones filled up,
    /// values widened to the type that the table has by now.
    func shape(_ stored: Column, _ field: ParquetField) throws(ShapeFailure) -> Column {
        switch kind {
        case .plain:
            guard let column = stored.decoded.widened(to: type) else {
                throw ShapeFailure(
                    path: [name],
                    reason: "the file holds \(stored.type), the table's schema says \(type)"
                )
            }
            return column
        case .void: return .nulls(type, count: stored.count)
        case .structure: return try shapeStructure(stored, field)
        case .list:
            guard case .list(let values) = stored.storage, let inner = field.children.first else {
                throw mismatch(stored)
            }
            let elements = try nested { () throws(ShapeFailure) in
                try children[0].shape(values.elements, inner)
            }
            return Column(
                type: type,
                storage: .list(ListValues(offsets: values.offsets, elements: elements)),
                validity: stored.validity
            )
        case .map:
            guard case .map(let values) = stored.storage, field.children.count == 2 else {
                throw mismatch(stored)
            }
            let keys = try nested { () throws(ShapeFailure) in
                try children[0].shape(values.keys, field.children[0])
            }
            let items = try nested { () throws(ShapeFailure) in
                try children[1].shape(values.values, field.children[1])
            }
            return Column(
                type: type,
                storage: .map(MapValues(offsets: values.offsets, keys: keys, values: items)),
                validity: stored.validity
            )
        case .variant: return try shapeVariant(stored, field)
        }
    }

    private func mismatch(_ stored: Column) -> ShapeFailure {
        ShapeFailure(path: [name], reason: "the file holds \(stored.type), the table's schema says \(type)")
    }

    private func nested(_ body: () throws(ShapeFailure) -> Column) throws(ShapeFailure) -> Column {
        do {
            return try body()
        } catch {
            throw ShapeFailure(path: [name] + error.path, reason: error.reason)
        }
    }

    private func shapeStructure(_ stored: Column, _ field: ParquetField) throws(ShapeFailure) -> Column {
        guard case .structure(let values) = stored.storage, values.fields.count == field.children.count else {
            throw mismatch(stored)
        }
        var fields: [Column] = []
        for child in children {
            if let position = child.position(in: field.children) {
                fields.append(
                    try nested { () throws(ShapeFailure) in
                        try child.shape(values.fields[position], field.children[position])
                    }
                )
            } else {
                fields.append(.nulls(child.type, count: stored.count))
            }
        }
        return Column(
            type: type,
            storage: .structure(StructureValues(fields: fields, count: stored.count)),
            validity: stored.validity
        )
    }

    /// A variant's two byte strings; one that is stored in typed columns is put together.
    private func shapeVariant(_ stored: Column, _ field: ParquetField) throws(ShapeFailure) -> Column {
        guard case .structure(let values) = stored.storage,
            let metadata = field.children.firstIndex(where: { $0.name == "metadata" }),
            values.fields.count == field.children.count, values.fields[metadata].type == .binary
        else { throw mismatch(stored) }
        if field.children.contains(where: { $0.name == "typed_value" }) {
            return try assembleVariant(stored, field, values.fields[metadata])
        }
        guard let value = field.children.firstIndex(where: { $0.name == "value" }),
            values.fields[value].type == .binary
        else { throw mismatch(stored) }
        return Column(
            type: type,
            storage: .structure(
                StructureValues(
                    fields: [values.fields[metadata].decoded, values.fields[value].decoded],
                    count: stored.count
                )
            ),
            validity: stored.validity
        )
    }

    private func assembleVariant(_ stored: Column, _ field: ParquetField, _ metadata: Column)
        throws(ShapeFailure) -> Column
    {
        var builder = ColumnBuilder(type)
        var known: (metadata: [UInt8], assembly: VariantAssembly)?
        for row in 0..<stored.count {
            guard !stored.isNull(row), case .binary(let bytes) = metadata[row] else {
                builder.append(.null)
                continue
            }
            if known?.metadata != bytes { known = VariantAssembly(metadata: bytes).map { (bytes, $0) } }
            do throws(VariantDamage) {
                guard let assembly = known?.assembly else { throw VariantDamage() }
                let value = try assembly.value(stored[row], stored.type, field) ?? [0]
                builder.append(.structure([.binary(bytes), .binary(value)]))
            } catch {
                throw ShapeFailure(
                    path: [name],
                    reason: "the file holds a variant in typed columns that cannot be put together"
                )
            }
        }
        return builder.finish()
    }
}
