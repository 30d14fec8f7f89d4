/// A column of a file, or a part of one, with the number that the writer gave it.
public struct ParquetField: Sendable, Hashable {
    /// The name.
    public var name: String
    /// The number, by which table formats find a column whatever its name.
    public var fieldID: Int?
    /// The fields of a structure, the element of a list, or key and value of a map.
    public var children: [ParquetField]

    init(_ node: SchemaNode) {
        name = node.name
        fieldID = node.fieldID
        switch node.kind {
        case .leaf: children = []
        case .structure(let fields): children = fields.map { ParquetField($0) }
        case .list(let element): children = [ParquetField(element)]
        case .map(let key, let value):
            children = [ParquetField(key)] + (value.map { [ParquetField($0)] } ?? [])
        }
    }
}

extension ParquetFooter {
    /// The columns of the file, with their numbers.
    public var fields: [ParquetField] { tree.nodes.map { ParquetField($0) } }
}
