import ColumnBatches
import SourceConnectors

extension ConnectorProperty {
    /// Which rows belong to a window.
    static var windows: [ConnectorProperty] {
        [
            ConnectorProperty(
                "K24a",
                "rows at the bound belong to the window, ties and all",
                unless: \.unlessCursor
            ) {
                run in
                try await run.withSpreadRows { fixture, table, cursors in
                    for cursor in cursors {
                        let read = try await run.readWindow(from: cursor, fixture, table)
                        try run.requireSame(
                            read,
                            try await run.expected(fixture, table, from: cursor),
                            "the window"
                        )
                    }
                }
            },
            ConnectorProperty("K24b", "bounds are exact to the cursor's last digit", unless: \.unlessCursor) {
                run in
                try await run.withSpreadRows { fixture, table, cursors in
                    let step = run.capabilities.cursorStep
                    for cursor in cursors {
                        let read = try await run.readWindow(from: cursor + step, fixture, table)
                        let wanted = try await run.expected(fixture, table, from: cursor + step)
                        try run.requireSame(read, wanted, "the window just past \(cursor)")
                    }
                }
            },
            ConnectorProperty(
                "K21",
                "a bound past every row gives none, and no error",
                unless: \.unlessCursor
            ) { run in
                try await run.withSpreadRows { fixture, table, cursors in
                    for years in [1, 5] as [Int64] {
                        let bound = (cursors.max() ?? 0) + years * 31_536_000_000_000
                        let read = try await run.readWindow(from: bound, fixture, table, includesNulls: false)
                        try run.require(read.isEmpty, "the window has \(read.count) rows")
                    }
                }
            },
            ConnectorProperty(
                "K24c",
                "rows without a cursor value are in a window that asks for them, and in no other",
                unless: {
                    $0.unlessCursor ?? $0.unlessMutable
                        ?? ($0.hasRowsWithoutCursor ? nil : "every row has a cursor value")
                }
            ) { run in
                try await run.withSpreadRows { fixture, table, cursors in
                    let row = TestRow(RowKey("z", 1), label: "no cursor", hasCursor: false)
                    try await fixture.perform(.put(nil, [row]))
                    let bound = cursors.max() ?? 0
                    let with = try await run.readWindow(from: bound, fixture, table)
                    try run.requireSame(
                        with,
                        try await run.expected(fixture, table, from: bound),
                        "the window"
                    )
                    let without = try await run.readWindow(from: bound, fixture, table, includesNulls: false)
                    try run.require(
                        without.allSatisfy { $0[4] != .null },
                        "the window has rows without cursor that it did not ask for"
                    )
                }
            },
            ConnectorProperty(
                "K24e",
                "of a window with rows nobody is told that it has none",
                unless: \.unlessCursor
            ) { run in
                try await run.withSpreadRows { fixture, table, cursors in
                    for bound in cursors {
                        let query = run.window(from: bound, table)
                        let mayHaveRows = try await fixture.connector.withSession(for: fixture.source) {
                            try await $0.mayHaveRows(query)
                        }
                        try run.require(
                            mayHaveRows,
                            "the window from \(bound) has rows, and the session says none"
                        )
                    }
                }
            },
        ]
    }
}

extension ConformanceRun {
    /// Rows whose cursors lie apart, some of them ties; the body gets the different cursors.
    func withSpreadRows(_ body: (Bed.Fixture, TestTable, [Int64]) async throws -> Void) async throws {
        try await withRows([]) { fixture, table in
            if capabilities.mutation != .none {
                for group in 0..<4 {
                    let rows = (0...group).map { TestRow(RowKey("w\(group)", Int64($0)), label: "w") }
                    try await fixture.perform(.put(nil, rows))
                    try await pass(group == 1 ? 1_234_567 : 1_000_001, fixture)
                }
            }
            let cursors = Set(try await fixture.contents().compactMap(\.cursor)).sorted()
            try require(!cursors.isEmpty, "no row has a cursor value")
            try await body(fixture, table, cursors)
        }
    }

    func readWindow(
        from bound: Int64,
        _ fixture: Bed.Fixture,
        _ table: TestTable,
        includesNulls: Bool = true
    ) async throws -> [[ColumnValue]] {
        try await read(window(from: bound, table, includesNulls: includesNulls), of: fixture)
    }

    func window(from bound: Int64, _ table: TestTable, includesNulls: Bool = true) -> ReadQuery {
        var query = query(table)
        query.window = CursorWindow(
            column: table.cursor,
            type: table.cursorType,
            lowerBound: bound,
            includesNulls: includesNulls
        )
        return query
    }

    func expected(_ fixture: Bed.Fixture, _ table: TestTable, from bound: Int64) async throws
        -> [[ColumnValue]]
    {
        try await fixture.contents().filter { $0.cursor.map { $0 >= bound } ?? true }.map(table.values)
    }
}
