import ColumnBatches

/// A column of a file, or a part of one, with the number that the writer gave it.
public struct ParquetField: Sendable, Hashable {
    /// The name.
    public var name: String
    /// The number, by which table formats find a column whatever its name.
    public var fieldID: Int?
    /// The fields of a structure, the element of a list, or key and value of a map.
    public var children: [ParquetField]
    /// Whether all values are of 16 bytes, as UUIDs are.
    package var isUUID = false

    init(_ node: SchemaNode, _ leaves: [LeafColumn]) {
        name = node.name
        fieldID = node.fieldID
        switch node.kind {
        case .leaf(let index):
            children = []
            let leaf = leaves[index]
            isUUID = leaf.physical == .fixedLengthByteArray && leaf.width == 16 && leaf.type == .binary
        case .structure(let fields): children = fields.map { ParquetField($0, leaves) }
        case .list(let element): children = [ParquetField(element, leaves)]
        case .map(let key, let value):
            children =
                [ParquetField(key, leaves)] + (value.map { [ParquetField($0, leaves)] } ?? [])
        }
    }
}

extension ParquetFooter {
    /// The columns of the file, with their numbers.
    public var fields: [ParquetField] { tree.nodes.map { ParquetField($0, tree.leaves) } }
}
