import ColumnBatches
import SourceConnectors

extension ConnectorProperty {
    /// What a connector says of tables.
    static var discovery: [ConnectorProperty] {
        [
            ConnectorProperty("K05", "a table is described the same each time") { run in
                try await run.withRows { fixture, table in
                    let first = try await describe(table, fixture)
                    let second = try await describe(table, fixture)
                    try run.require(
                        first.columns == second.columns && first.primaryKey == second.primaryKey
                            && first.uniqueKeys == second.uniqueKeys
                            && first.cursorCandidates == second.cursorCandidates,
                        "first \(first), then \(second)"
                    )
                }
            },
            ConnectorProperty("K05a", "a table that is not there is nil, not an error") { run in
                try await run.withRows { fixture, table in
                    var other = table.name
                    other.table += "_none"
                    let name = other
                    let found = try await fixture.connector.withSession(for: fixture.source) { session in
                        try await session.describe(name)
                    }
                    try run.require(found == nil, "the connector describes \(name)")
                }
            },
            ConnectorProperty("K06", "the key is the whole key, and its columns are never missing") { run in
                try await run.withRows { fixture, table in
                    let found = try await describe(table, fixture)
                    let keys = [found.primaryKey] + found.uniqueKeys.filter { !$0.isNullable }.map(\.columns)
                    try run.require(
                        keys.contains { Set($0) == Set(table.keys) },
                        "keys are \(keys), the table's is \(table.keys)"
                    )
                    let first = keys.first { !$0.isEmpty } ?? []
                    try run.require(
                        Set(first) == Set(table.keys),
                        "pipelines would take \(first) as key, which is not the whole key \(table.keys)"
                    )
                    for key in first where found.column(key)?.isNullable ?? true {
                        throw ConformanceFailure("the key column \(key) may be missing or is not there")
                    }
                }
            },
            ConnectorProperty("K06a", "every column is described with a type that holds its values") { run in
                try await run.withRows { fixture, table in
                    let found = try await describe(table, fixture)
                    for field in table.fields
                    where run.capabilities.cursor != nil || field.name != table.cursor {
                        let column = found.column(field.name)
                        try run.require(
                            column?.type == field.type,
                            "column \(field.name) is \(column?.type.map { "\($0)" } ?? "not there"), not \(field.type)"
                        )
                    }
                }
            },
            ConnectorProperty(
                "K07",
                "the cursor is described with its type and precision",
                unless: \.unlessCursor
            ) {
                run in
                try await run.withRows { fixture, table in
                    let found = try await describe(table, fixture)
                    guard let cursor = found.cursorCandidates.first(where: { $0.column == table.cursor })
                    else {
                        throw ConformanceFailure("\(table.cursor) is no candidate: \(found.cursorCandidates)")
                    }
                    try run.require(
                        cursor.type == table.cursorType
                            && cursor.fractionalDigits == run.capabilities.fractionalDigits,
                        "it is \(cursor), not \(table.cursorType) with \(run.capabilities.fractionalDigits) digits"
                    )
                }
            },
            ConnectorProperty(
                "K08",
                "a column of an unmapped type is told, without a type, and the others are read",
                unless: \.unlessMutable
            ) { run in
                try await run.withRows { fixture, table in
                    guard let name = try await fixture.addUnmappedColumn() else {
                        throw PropertyExcused(
                            reason: "the test bed has no type that the connector does not map"
                        )
                    }
                    let found = try await describe(table, fixture)
                    guard let column = found.column(name) else {
                        throw ConformanceFailure("the column \(name) is left out: nobody learns of it")
                    }
                    try run.require(
                        column.type == nil,
                        "the column \(name) of type \(column.sourceType) is told as \(column.type.map { "\($0)" } ?? "")"
                    )
                    try run.require(
                        !column.sourceType.isEmpty,
                        "the source's own type of \(name) is not told"
                    )
                    let rows = try await run.read(run.query(table), of: fixture)
                    try run.requireSame(rows, try await run.expected(fixture, table), "the read beside it")
                }
            },
            ConnectorProperty(
                "K09",
                "tables and columns with odd names are read",
                unless: { $0.takesOddNames ? nil : "names are restricted in this kind of source" }
            ) { run in
                var table = run.table
                table.name.table = "order by `x`\"y'; 表"
                table.section = "select"
                table.number = "Nümber of %s?"
                table.label = "la`bel\"'"
                table.amount = "a.b c"
                try await run.withRows(table: table) { fixture, table in
                    let found = try await describe(table, fixture)
                    try run.require(found.column("a.b c") != nil, "the column \"a.b c\" is not described")
                    let rows = try await run.read(run.query(table), of: fixture)
                    try run.requireSame(rows, try await run.expected(fixture, table), "the read")
                }
            },
        ]
    }

    private static func describe(_ table: TestTable, _ fixture: Bed.Fixture) async throws -> TableDescription
    {
        let found = try await fixture.connector.withSession(for: fixture.source) { session in
            try await session.describe(table.name)
        }
        guard let found else { throw ConformanceFailure("the connector does not find \(table.name)") }
        return found
    }
}
