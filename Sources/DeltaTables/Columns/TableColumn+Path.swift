import ColumnBatches

extension TableColumn {
    /// The columns from one of a table down to the part of a structure that a name stands for.
    ///
    /// A name is that of a column, or the names on the way with points between them; a column of the whole name comes first.
    ///
    /// - Returns: The column, then the parts; nil when there is none.
    static func path(to name: String, in columns: [TableColumn], ignoringCase: Bool = false) -> [TableColumn]?
    {
        let wanted = ignoringCase ? name.lowercased() : name
        func label(of column: TableColumn) -> String { ignoringCase ? column.name.lowercased() : column.name }
        if let column = columns.first(where: { label(of: $0) == wanted }) { return [column] }
        for column in columns where column.kind == .structure && wanted.hasPrefix(label(of: column) + ".") {
            let rest = String(wanted.dropFirst(label(of: column).count + 1))
            if let path = path(to: rest, in: column.children, ignoringCase: ignoringCase) {
                return [column] + path
            }
        }
        return nil
    }
}

extension TableSchema {
    /// The columns from one of the table down to what a predicate names.
    func path(to name: String) -> [TableColumn]? { TableColumn.path(to: name, in: columns) }

    /// The columns of the table that are read to tell what a predicate says.
    ///
    /// - Precondition: the table has all that is named.
    func columns(of predicate: Predicate) -> [String] {
        Set(predicate.columns.map { path(to: $0)?.first?.name ?? $0 }).sorted()
    }
}

extension ColumnBatch {
    /// The values of what a predicate names: a column, or a part of a structure; nil where there is none.
    func values(of name: String) -> ((Int) -> ColumnValue)? {
        guard let path = TableColumn.path(to: name, in: schema.fields.map { TableColumn($0) }),
            let first = path.first, var column = self.column(first.name)
        else { return nil }
        if path.count == 1 { return { column[$0] } }
        var around = [column]
        for part in path.dropFirst() {
            guard case .structure(let values) = column.storage, case .structure(let fields) = column.type,
                let index = fields.firstIndex(where: { $0.name == part.name })
            else { return nil }
            column = values.fields[index]
            around.append(column)
        }
        return { [column, around] row in around.contains { $0.isNull(row) } ? .null : column[row] }
    }
}
