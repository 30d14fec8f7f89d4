#if MariaDB
import ColumnBatches
public import SourceConnectors

extension MariaDBSession {
    /// Describes a table, or returns nil when there is none of that name.
    public func describe(_ table: TableName) async throws -> TableDescription? {
        try await describe(table, policies: ValuePolicies())
    }

    /// Describes a table as one of the same definition was described, at the cost of one statement.
    public func describeShape(of table: TableName, policies: ValuePolicies) async throws
        -> TableDescription?
    {
        guard let definition = try knownDefinition(of: table, policies) else {
            return try await describe(table, policies: policies)
        }
        if let description = shared.tables.description(of: definition, named: table) { return description }
        guard let (description, statement) = try described(table, policies) else { return nil }
        // Nobody has changed the table while it was described.
        if KnownTables.Definition(statement, version: try control().version, policies: policies) == definition
        {
            shared.tables.keep(description, of: definition)
        }
        return description
    }

    /// What the description of a table follows from; nil where it is not only that, and where there is no such table.
    private func knownDefinition(of table: TableName, _ policies: ValuePolicies) throws
        -> KnownTables.Definition?
    {
        do {
            let connection = try readingConnection()
            return KnownTables.Definition(
                try definition(of: table, on: connection),
                version: connection.version,
                policies: policies
            )
        } catch let error as SourceError where error.code == .missing || error.code == .accessDenied {
            // The description tells why.
            return nil
        }
    }

    /// Describes a table with the types that its policies give the columns, or returns nil when there is none.
    public func describe(_ table: TableName, policies: ValuePolicies) async throws -> TableDescription? {
        try described(table, policies)?.description
    }

    /// What the server says of a table, and last of all the statement that makes it, where it is one of InnoDB.
    private func described(_ table: TableName, _ policies: ValuePolicies) throws
        -> (description: TableDescription, statement: String)?
    {
        let control = try control()
        let name: [Parameter] = [.text(table.database), .text(table.table)]
        let tables = try control.values(
            """
            SELECT CAST(ENGINE AS CHAR), CAST(TABLE_ROWS AS SIGNED), CAST(TABLE_TYPE AS CHAR),
                CAST(UNIX_TIMESTAMP(CREATE_TIME) AS SIGNED)
            FROM information_schema.TABLES WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ?
            """,
            name,
            types: [.string, .int64, .string, .int64]
        )
        guard let row = tables.first else {
            try checkAbsence(of: table, on: control)
            return nil
        }
        let isInnoDB = row[0].text == "InnoDB"
        let isVersioned = row[2].text == "SYSTEM VERSIONED"
        var columns = try columns(name, policies, on: control)
        if isVersioned { columns += SystemVersioning.hiddenColumns(besides: columns) }
        // The server adds the end of a row to the keys of a system-versioned table; those that hold have one end.
        let ends = Set(columns.filter(\.endsRow).map(\.description.name))
        let indexes = try indexes(name, on: control).map { index in
            var index = index
            if index.columns.count > 1 { index.columns.removeAll { ends.contains($0) } }
            return index
        }
        let history =
            isVersioned
            ? try history(name, columns, indexes, origin: row[3].integer, on: control) : nil
        // A view has no such definition.
        let statement = isInnoDB ? try definition(of: table, on: control) : ""
        let description = TableDescription(
            name: table,
            columns: columns.map(\.description),
            primaryKey: indexes.first { $0.name == "PRIMARY" }?.columns ?? [],
            uniqueKeys: indexes.filter { $0.isUnique && $0.name != "PRIMARY" }
                .map { UniqueKey(name: $0.name, columns: $0.columns, isNullable: $0.isNullable) },
            cursorCandidates: CursorRanking.candidates(
                columns,
                indexedFirst: Set(indexes.compactMap(\.orderedBy))
            ),
            // Only InnoDB has foreign keys.
            cascadeColumns: ForeignKeys.columnsThatChange(statement),
            estimatedRows: row[1].integer.map { Int($0) },
            hasSnapshots: isInnoDB,
            combinesCursors: true,
            history: history
        )
        return (description, statement)
    }

    /// What a system-versioned table keeps; nil where it tells versions by numbers of transactions.
    private func history(
        _ name: [Parameter],
        _ columns: [SourceColumn],
        _ indexes: [SourceIndex],
        origin: Int64?,
        on control: ServerConnection
    ) throws -> RowHistory? {
        guard let start = columns.first(where: \.startsRow)?.description.name,
            let end = columns.first(where: \.endsRow)?.description.name
        else { return nil }
        let partitions = try control.values(
            """
            SELECT CAST(COUNT(*) AS SIGNED) FROM information_schema.PARTITIONS
            WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ? AND PARTITION_METHOD LIKE 'SYSTEM_TIME%'
            """,
            name,
            types: [.int64]
        )
        let count = partitions.first?[0].integer ?? 0
        return RowHistory(
            start: start,
            end: end,
            isIndexed: indexes.contains { $0.orderedBy == end },
            origin: origin,
            partitions: count > 0 ? "\(count) partitions by SYSTEM_TIME" : nil
        )
    }

    /// A table that may not be read looks as if it were not there: asking for it tells the two apart.
    private func checkAbsence(of table: TableName, on control: ServerConnection) throws {
        do {
            _ = try control.values("SELECT 1 FROM \(SelectStatement.quoted(table)) LIMIT 0", types: [.int64])
        } catch let error as SourceError where error.code == .missing {
            return
        } catch var error as SourceError {
            error.table = table
            throw error
        }
    }

    /// The statement that makes a table.
    private func definition(of table: TableName, on connection: ServerConnection) throws -> String {
        let sql = "SHOW CREATE TABLE \(SelectStatement.quoted(table))"
        return try connection.textRows(sql).first?["Create Table"] ?? ""
    }

    private func columns(
        _ name: [Parameter],
        _ policies: ValuePolicies,
        on control: ServerConnection
    ) throws -> [SourceColumn] {
        try control.values(
            """
            SELECT COLUMN_NAME, DATA_TYPE, CAST(COLUMN_TYPE AS CHAR), IS_NULLABLE,
                CAST(NUMERIC_PRECISION AS SIGNED), CAST(NUMERIC_SCALE AS SIGNED),
                CAST(DATETIME_PRECISION AS SIGNED), CAST(COLUMN_DEFAULT AS CHAR), EXTRA,
                COALESCE(COLLATION_NAME, ''), COALESCE(CAST(GENERATION_EXPRESSION AS CHAR), '')
            FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ?
            ORDER BY ORDINAL_POSITION
            """,
            name,
            types: [
                .string, .string, .string, .string, .int64, .int64, .int64, .string, .string, .string,
                .string,
            ]
        ).map { row in
            let type = SourceType(
                name: row[1].text.lowercased(),
                declaration: row[2].text,
                precision: row[4].integer.map { Int($0) },
                scale: row[5].integer.map { Int($0) }
            )
            let extra = row[8].text.lowercased()
            let policy = policies[row[0].text]
            let isTime = type.cursorType?.isCounter == false
            // A system-versioned table has the time of the statement that wrote a row in such a column.
            let startsRow = row[10].text.uppercased() == "ROW START" && type.name == "timestamp"
            let onInsert = startsRow || row[7].text.lowercased().hasPrefix("current_timestamp")
            let onUpdate = startsRow || extra.includes("on update current_timestamp")
            return SourceColumn(
                description: ColumnDescription(
                    name: row[0].text,
                    type: type.columnType(policy),
                    sourceType: type.declaration,
                    isNullable: row[3].text != "NO",
                    refusal: type.refusal(policy),
                    collation: row[9].text.isEmpty ? nil : row[9].text
                ),
                cursorType: type.cursorType,
                fractionalDigits: row[6].integer.map { Int($0) } ?? 0,
                isServerSet: isTime ? onInsert && onUpdate : extra.includes("auto_increment"),
                isSetOnInsert: isTime ? onInsert : extra.includes("auto_increment"),
                isSetOnUpdate: isTime && onUpdate,
                isGenerated: extra.includes("generated") && !startsRow,
                startsRow: startsRow,
                endsRow: row[10].text.uppercased() == "ROW END",
                isOfVersioning: ["ROW START", "ROW END"].contains(row[10].text.uppercased())
            )
        }
    }

    private func indexes(_ name: [Parameter], on control: ServerConnection) throws -> [SourceIndex] {
        let rows = try control.values(
            """
            SELECT INDEX_NAME, CAST(NON_UNIQUE AS SIGNED), COLUMN_NAME, NULLABLE, INDEX_TYPE
            FROM information_schema.STATISTICS WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ?
            ORDER BY INDEX_NAME, SEQ_IN_INDEX
            """,
            name,
            types: [.string, .int64, .string, .string, .string]
        )
        var indexes: [SourceIndex] = []
        for row in rows {
            if indexes.last?.name != row[0].text {
                indexes.append(
                    SourceIndex(
                        name: row[0].text,
                        isUnique: row[1].integer == 0,
                        isOrdered: row[4].text == "BTREE"
                    )
                )
            }
            indexes[indexes.count - 1].columns.append(row[2].text)
            if row[3].text == "YES" { indexes[indexes.count - 1].isNullable = true }
        }
        return indexes
    }
}

/// An index of a source table.
private struct SourceIndex {
    var name: String
    var isUnique: Bool
    var isOrdered: Bool
    var columns: [String] = []
    var isNullable = false

    /// The column by which a range can be read, if any.
    var orderedBy: String? { isOrdered ? columns.first : nil }
}

extension ColumnValue {
    /// The text, or an empty one.
    var text: String {
        if case .string(let text) = self { text } else { "" }
    }

    /// The integer, or nil.
    var integer: Int64? {
        if case .integer(let number) = self { number } else { nil }
    }
}
#endif
