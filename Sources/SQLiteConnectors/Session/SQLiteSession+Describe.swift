#if SQLite
import ColumnBatches
public import SourceConnectors

extension SQLiteSession {
    /// Describes a table or a view, or returns nil when there is none of that name.
    public func describe(_ table: TableName) async throws -> TableDescription? {
        try await describe(table, policies: ValuePolicies())
    }

    /// Describes a table with the types that its policies give the columns, or returns nil when there is none.
    public func describe(_ table: TableName, policies: ValuePolicies) async throws -> TableDescription? {
        let file = try file(table.database)
        let catalogue = try Catalogue(file.reading(), table.table)
        guard let catalogue else { return nil }
        let columns = catalogue.columns.map { column in
            let type = column.declared.columnType(policies, column: column.name, isStrict: catalogue.isStrict)
            return ColumnDescription(
                name: column.name,
                type: type,
                sourceType: column.declared.declaration,
                isNullable: catalogue.isNullable(column),
                refusal: type == nil ? column.declared.refusal(policies[column.name]) : nil
            )
        }
        let indexedFirst = Set(catalogue.indexes.compactMap(\.columns.first))
        let candidates = zip(catalogue.columns, columns).compactMap {
            column,
            description -> CursorCandidate? in
            if column.name == catalogue.counter, let type = description.type, type.isCounter {
                return CursorCandidate(
                    column: column.name,
                    type: type,
                    fractionalDigits: 0,
                    isIndexed: true,
                    isServerSet: true
                )
            }
            guard !column.isGenerated, let type = column.cursorType(policies, description.type) else {
                return nil
            }
            let setting = CursorSetting(catalogue, column, policies[column.name].instants)
            return CursorCandidate(
                column: column.name,
                type: type,
                fractionalDigits: setting.fractionalDigits,
                isIndexed: indexedFirst.contains(column.name),
                isServerSet: setting.isSetByDatabase
            )
        }
        return TableDescription(
            name: table,
            columns: columns,
            primaryKey: catalogue.primaryKey,
            uniqueKeys: catalogue.indexes.filter { $0.isUnique && !$0.isPrimaryKey }.map { index in
                UniqueKey(
                    name: index.name,
                    columns: index.columns,
                    isNullable: columns.contains { index.columns.contains($0.name) && $0.isNullable }
                )
            },
            cursorCandidates: candidates.bestFirst(),
            // Cascades fire triggers, and so move a cursor that a trigger sets.
            cascadeColumns: candidates.contains { $0.isServerSet && !$0.isCounter }
                ? [] : catalogue.cascadeColumns,
            estimatedRows: catalogue.estimatedRows
        )
    }

    /// The type that a column is declared with.
    func declaredType(of column: String, in table: TableName, on database: Database) throws(SourceError)
        -> String?
    {
        let statement = try Statement(
            "SELECT type FROM pragma_table_xinfo(?) WHERE name = ? COLLATE NOCASE",
            [.text(table.table), .text(column)],
            on: database
        )
        return try statement.step() ? statement.text(0) : nil
    }
}

extension Catalogue.Column {
    /// The type under which the column can serve as cursor, or nil.
    fileprivate func cursorType(_ policies: ValuePolicies, _ type: ColumnType?) -> ColumnType? {
        if let type, type == .timestamp || type == .timestampNTZ { return type }
        return switch declared.kind {
        case .instant: .timestamp
        case .wallClock: .timestampNTZ
        default: nil
        }
    }
}
#endif
