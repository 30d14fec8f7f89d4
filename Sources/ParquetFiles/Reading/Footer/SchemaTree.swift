import ColumnBatches

/// A node of a schema, with the levels at which its values are there.
struct SchemaNode: Sendable {
    /// What a node is made of.
    indirect enum Kind: Sendable {
        /// The leaf of a position.
        case leaf(Int)
        case structure([SchemaNode])
        case list(SchemaNode)
        /// Old files leave out the value of a map that stands for a set.
        case map(key: SchemaNode, value: SchemaNode?)
    }

    var name: String
    /// The number that the writer gave the node.
    var fieldID: Int?
    var isNullable: Bool
    /// The definition level from which the value is there.
    var definition: Int
    /// The definition level from which there is room for the value in the innermost list around it.
    var slot: Int
    /// The number of repeated nodes around it.
    var repetition: Int
    var kind: Kind
    var type: ColumnType

    var field: Field { Field(name, type, isNullable: isNullable) }

    /// The position of the first leaf below.
    var firstLeaf: Int {
        switch kind {
        case .leaf(let index): index
        case .structure(let fields): fields.first?.firstLeaf ?? 0
        case .list(let element): element.firstLeaf
        case .map(let key, _): key.firstLeaf
        }
    }

    /// The positions of all leaves below.
    var leaves: [Int] {
        switch kind {
        case .leaf(let index): [index]
        case .structure(let fields): fields.flatMap(\.leaves)
        case .list(let element): element.leaves
        case .map(let key, let value): key.leaves + (value?.leaves ?? [])
        }
    }
}

/// The schema of a file as a tree; lists and maps of all shapes ever written are recognised.
struct SchemaTree: Sendable {
    var nodes: [SchemaNode] = []
    var leaves: [LeafColumn] = []

    /// Builds the tree from the footer's list, parents first.
    init(_ elements: [SchemaElement]) throws(ParquetError) {
        guard let root = elements.first else {
            throw ParquetError(.damaged, message: "the footer has no schema")
        }
        var parser = SchemaParser(elements: elements)
        for _ in 0..<max(0, root.childCount) {
            nodes.append(try parser.node(Levels(), path: []))
        }
        guard parser.position == elements.count else {
            throw ParquetError(
                .damaged,
                message: "the schema has \(elements.count - parser.position) nodes that belong to no other"
            )
        }
        leaves = parser.leaves
    }
}

/// The levels around a node.
private struct Levels {
    var definition = 0
    var repetition = 0
    var slot = 0
    var depth = 0

    /// The levels below an optional node.
    var optional: Levels {
        var inner = self
        inner.definition += 1
        return inner
    }

    /// The levels below a repeated node.
    var repeated: Levels {
        var inner = self
        inner.definition += 1
        inner.repetition += 1
        inner.slot = inner.definition
        return inner
    }
}

private struct SchemaParser {
    let elements: [SchemaElement]
    var position = 1
    var leaves: [LeafColumn] = []

    /// Files of sane programs stay below ten; the bound keeps the recursion and the levels small.
    private static let maximumDepth = 64

    private mutating func next() throws(ParquetError) -> SchemaElement {
        guard position < elements.count else {
            throw ParquetError(.damaged, message: "the schema announces more nodes than it has")
        }
        position += 1
        return elements[position - 1]
    }

    /// The next node with all below it.
    mutating func node(_ levels: Levels, path: [String]) throws(ParquetError) -> SchemaNode {
        let element = try next()
        let path = path + [element.name]
        var found: SchemaNode
        switch element.repetition {
        case .optional?: found = try content(of: element, levels.optional, isNullable: true, path)
        case .repeated?:
            let inner = try content(of: element, levels.repeated, isNullable: false, path)
            found = node(element.name, levels, isNullable: false, .list(inner), .list(element: inner.field))
        case .required?, nil: found = try content(of: element, levels, isNullable: false, path)
        }
        found.fieldID = element.fieldID
        return found
    }

    private func node(
        _ name: String,
        _ levels: Levels,
        isNullable: Bool,
        _ kind: SchemaNode.Kind,
        _ type: ColumnType
    ) -> SchemaNode {
        SchemaNode(
            name: name,
            isNullable: isNullable,
            definition: levels.definition,
            slot: levels.slot,
            repetition: levels.repetition,
            kind: kind,
            type: type
        )
    }

    /// What an element holds, whatever its own repetition.
    private mutating func content(
        of element: SchemaElement,
        _ outer: Levels,
        isNullable: Bool,
        _ path: [String]
    ) throws(ParquetError) -> SchemaNode {
        var levels = outer
        levels.depth += 1
        guard levels.depth <= Self.maximumDepth else {
            throw ParquetError(.damaged, column: path.first, message: "the schema is nested too deeply")
        }
        if let physical = element.type {
            return try leaf(element, physical, levels, isNullable: isNullable, path)
        }
        let kind: SchemaNode.Kind
        let type: ColumnType
        if let list = try listElement(of: element, levels, path) {
            kind = .list(list)
            type = .list(element: list.field)
        } else if let (key, value) = try mapEntry(of: element, levels, path) {
            kind = .map(key: key, value: value)
            type = .map(key: key.field, value: value?.field ?? Field("value", .boolean))
        } else {
            guard element.childCount > 0 else {
                throw ParquetError(
                    .unsupportedType,
                    column: path.joined(separator: "."),
                    message: "a group without fields is not supported"
                )
            }
            var fields: [SchemaNode] = []
            for _ in 0..<element.childCount { fields.append(try node(levels, path: path)) }
            kind = .structure(fields)
            type = .structure(fields.map(\.field))
        }
        return node(element.name, levels, isNullable: isNullable, kind, type)
    }

    private mutating func leaf(
        _ element: SchemaElement,
        _ physical: PhysicalType,
        _ levels: Levels,
        isNullable: Bool,
        _ path: [String]
    ) throws(ParquetError) -> SchemaNode {
        guard physical != .fixedLengthByteArray || (1...(1 << 24)).contains(element.typeLength) else {
            throw ParquetError(
                .damaged,
                column: path.joined(separator: "."),
                message: "values of a fixed length have the length \(element.typeLength)"
            )
        }
        let (type, conversion) = try LeafColumn.meaning(of: element, physical: physical)
        let index = leaves.count
        leaves.append(
            LeafColumn(
                index: index,
                path: path,
                physical: physical,
                width: physical == .int96 ? 12 : element.typeLength,
                type: type,
                conversion: conversion,
                maxDefinition: levels.definition,
                maxRepetition: levels.repetition,
                slotDefinition: levels.slot
            )
        )
        return node(element.name, levels, isNullable: isNullable, .leaf(index), type)
    }

    /// The element of a list, by the rules for the shapes that writers have used over the years.
    private mutating func listElement(of list: SchemaElement, _ levels: Levels, _ path: [String])
        throws(ParquetError) -> SchemaNode?
    {
        guard list.isList, list.childCount == 1, position < elements.count,
            elements[position].repetition == .repeated
        else { return nil }
        let repeated = try next()
        let path = path + [repeated.name]
        // The repeated node is the element itself, unless it is a group that only wraps one.
        let isWrapper =
            repeated.type == nil && repeated.childCount == 1 && repeated.name != "array"
            && repeated.name != list.name + "_tuple" && !repeated.isList && !repeated.isMap
            && position < elements.count && elements[position].repetition != .repeated
        if isWrapper { return try node(levels.repeated, path: path) }
        return try content(of: repeated, levels.repeated, isNullable: false, path)
    }

    /// The key and the value of a map.
    private mutating func mapEntry(of map: SchemaElement, _ levels: Levels, _ path: [String])
        throws(ParquetError) -> (SchemaNode, SchemaNode?)?
    {
        guard map.isMap, map.childCount == 1, position < elements.count,
            elements[position].repetition == .repeated, elements[position].type == nil,
            (1...2).contains(elements[position].childCount)
        else { return nil }
        let entry = try next()
        let path = path + [entry.name]
        let key = try node(levels.repeated, path: path)
        let value = entry.childCount == 2 ? try node(levels.repeated, path: path) : nil
        return (key, value)
    }
}

extension SchemaElement {
    /// Whether the element is annotated as a list.
    fileprivate var isList: Bool { logical == .list || (logical == nil && converted == .list) }

    /// Whether the element is annotated as a map; some writers put the annotation of the entry on the map.
    fileprivate var isMap: Bool {
        logical == .map || (logical == nil && (converted == .map || converted == .mapKeyValue))
    }
}
