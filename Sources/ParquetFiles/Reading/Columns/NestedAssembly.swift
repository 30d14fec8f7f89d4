import ColumnBatches

/// What a leaf brings to a batch.
struct LeafPart {
    var column: Column
    /// For each value, and for each missing value or empty list around one, the level up to which it is there.
    var definitions: [UInt8]
    /// And the level at which it repeats; empty where nothing on its path repeats.
    var repetitions: [UInt8]
}

/// Puts columns together from the parts of their leaves.
struct NestedAssembly {
    /// The parts by the position of their leaf.
    let parts: [Int: LeafPart]

    /// The column of a node.
    ///
    /// - Throws: `ParquetError` when its leaves do not agree on how many values there are.
    func column(_ node: SchemaNode) throws(ParquetError) -> Column {
        switch node.kind {
        case .leaf(let index):
            guard let part = parts[index] else { throw Self.unequal(node) }
            return part.column
        case .structure(let fields):
            var columns: [Column] = []
            for field in fields { columns.append(try column(field)) }
            guard let count = columns.first?.count, columns.allSatisfy({ $0.count == count }) else {
                throw Self.unequal(node)
            }
            let validity = try validity(of: node, count: count)
            return Column(
                type: node.type,
                storage: .structure(StructureValues(fields: columns, count: count)),
                validity: validity
            )
        case .list(let element):
            let elements = try column(element)
            let (offsets, validity) = try lists(node, elements.count)
            return Column(
                type: node.type,
                storage: .list(ListValues(offsets: offsets, elements: elements)),
                validity: validity
            )
        case .map(let key, let value):
            let keys = try column(key)
            guard keys.nullCount == 0 else {
                throw ParquetError(.damaged, column: node.name, message: "a key of a map is missing")
            }
            let values = try value.map { value throws(ParquetError) in try column(value) }
            guard values?.count ?? keys.count == keys.count else { throw Self.unequal(node) }
            let (offsets, validity) = try lists(node, keys.count)
            return Column(
                type: node.type,
                storage: .map(
                    MapValues(
                        offsets: offsets,
                        keys: keys,
                        values: values ?? .nulls(.boolean, count: keys.count)
                    )
                ),
                validity: validity
            )
        }
    }

    private static func unequal(_ node: SchemaNode) -> ParquetError {
        ParquetError(
            .damaged,
            column: node.name,
            message: "the parts of the column do not have the same number of values"
        )
    }

    private func firstPart(_ node: SchemaNode) throws(ParquetError) -> LeafPart {
        guard let part = parts[node.firstLeaf] else { throw Self.unequal(node) }
        return part
    }

    /// Which structures are there; nil when all are.
    private func validity(of node: SchemaNode, count: Int) throws(ParquetError) -> Bitmap? {
        guard node.definition > node.slot else { return nil }
        let part = try firstPart(node)
        let level = UInt8(node.definition)
        guard part.definitions.contains(where: { $0 < level }) else { return nil }
        var bits = Bitmap(capacity: count)
        if part.repetitions.isEmpty {
            for definition in part.definitions { bits.append(definition >= level) }
        } else {
            let slot = UInt8(node.slot)
            let repetition = UInt8(node.repetition)
            for (index, definition) in part.definitions.enumerated()
            where part.repetitions[index] <= repetition && definition >= slot {
                bits.append(definition >= level)
            }
        }
        guard bits.count == count else { throw Self.unequal(node) }
        return bits
    }

    /// Where lists or maps begin and end among their elements, and which of them are there.
    private func lists(_ node: SchemaNode, _ elementCount: Int) throws(ParquetError) -> ([Int32], Bitmap?) {
        let part = try firstPart(node)
        let slot = UInt8(node.slot)
        let level = UInt8(node.definition)
        let repetition = UInt8(node.repetition)
        guard part.definitions.count == part.repetitions.count, elementCount <= Int(Int32.max) else {
            throw Self.unequal(node)
        }
        let definitions = part.definitions
        let repetitions = part.repetitions
        var offsets = [Int32](repeating: 0, count: definitions.count + 1)
        var lists = 0
        var elements = 0
        var areAllThere = true
        for index in definitions.indices {
            let definition = definitions[index]
            let repeated = repetitions[index]
            if repeated <= repetition && definition >= slot {
                offsets[lists] = Int32(truncatingIfNeeded: elements)
                lists += 1
                areAllThere = areAllThere && definition >= level
            }
            elements += repeated <= repetition + 1 && definition > level ? 1 : 0
        }
        offsets[lists] = Int32(truncatingIfNeeded: elements)
        offsets.removeLast(definitions.count - lists)
        var bits: Bitmap?
        if !areAllThere {
            var present = Bitmap(capacity: lists)
            for index in definitions.indices
            where repetitions[index] <= repetition && definitions[index] >= slot {
                present.append(definitions[index] >= level)
            }
            bits = present
        }
        guard elements == elementCount, offsets[0] == 0 else { throw Self.unequal(node) }
        return (offsets, bits)
    }
}
