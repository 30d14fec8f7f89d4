import ColumnBatches

extension SchemaTree {
    /// The nodes of some columns, in the order of their names; structures keep the fields that are named.
    func selecting(_ names: [String]?) throws(ParquetError) -> [SchemaNode] {
        guard let names else { return nodes }
        var order: [Int] = []
        var paths: [Int: [[String]]] = [:]
        for name in names {
            let (position, path) = try find(name)
            if paths[position] == nil { order.append(position) }
            paths[position, default: []].append(path)
        }
        var selected: [SchemaNode] = []
        for position in order { selected.append(try nodes[position].pruned(to: paths[position] ?? [])) }
        return selected
    }

    /// The column of a name, and the path below it; a column whose name has points comes first.
    private func find(_ name: String) throws(ParquetError) -> (Int, [String]) {
        if let position = nodes.firstIndex(where: { $0.name == name }) { return (position, []) }
        for (position, node) in nodes.enumerated() where name.hasPrefix(node.name + ".") {
            let rest = name.dropFirst(node.name.count + 1)
            return (position, rest.split(separator: ".", omittingEmptySubsequences: false).map(String.init))
        }
        throw ParquetError(.schemaMismatch, column: name, message: "the file has no such column")
    }
}

extension SchemaNode {
    /// The node with the fields on some paths alone; an empty path keeps all.
    fileprivate func pruned(to paths: [[String]]) throws(ParquetError) -> SchemaNode {
        if paths.contains(where: \.isEmpty) { return self }
        guard case .structure(let fields) = kind else {
            throw ParquetError(.schemaMismatch, column: name, message: "the column has no fields of its own")
        }
        for path in paths where !fields.contains(where: { $0.name == path[0] }) {
            throw ParquetError(.schemaMismatch, column: name, message: "the column has no field \(path[0])")
        }
        var kept: [SchemaNode] = []
        for field in fields {
            let below = paths.filter { $0[0] == field.name }.map { Array($0.dropFirst()) }
            if !below.isEmpty { kept.append(try field.pruned(to: below)) }
        }
        var node = self
        node.kind = .structure(kept)
        node.type = .structure(kept.map(\.field))
        return node
    }
}
