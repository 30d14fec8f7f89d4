import ColumnBatches
import ObjectStores
import SourceConnectors

/// What the check of one property works with.
struct ConformanceRun<Bed: ConnectorTestBed>: Sendable {
    let bed: Bed
    let driver: any SyncDriver
    let effort: ConformanceEffort

    var capabilities: ConnectorCapabilities { bed.capabilities }

    /// The kit's table with the cursor that the connector has.
    var table: TestTable {
        var table = TestTable()
        if capabilities.cursor == .wallClock { table.cursorType = .timestampNTZ }
        if capabilities.cursor == .counter { table.cursorType = .int64 }
        return table
    }

    func require(_ condition: Bool, _ message: @autoclosure () -> String) throws {
        guard condition else { throw ConformanceFailure(message()) }
    }

    /// A source with some rows, or with those that it comes with.
    func withRows<Result: Sendable>(
        _ rows: [TestRow] = SampleRows.few,
        table: TestTable? = nil,
        _ body: (Bed.Fixture, TestTable) async throws -> Result
    ) async throws -> Result {
        let table = table ?? self.table
        return try await bed.withFixture(table) { fixture in
            if capabilities.mutation != .none {
                for start in stride(from: 0, to: rows.count, by: 500) {
                    try await fixture.perform(.put(nil, Array(rows[start..<min(start + 500, rows.count)])))
                }
            }
            return try await body(fixture, table)
        }
    }

    func query(_ table: TestTable, batchRows: Int = 16_384) -> ReadQuery {
        ReadQuery(table: table.name, columns: table.fields, batchRows: batchRows)
    }

    /// All rows of a query, in a session of their own.
    func read(
        _ query: ReadQuery,
        of fixture: Bed.Fixture,
        at consistency: ReadConsistency = .snapshot
    ) async throws -> [[ColumnValue]] {
        try await fixture.connector.withSession(for: fixture.source) { session in
            let rows = try await Self.rows(query, in: session, at: consistency)
            try await session.endSnapshot()
            return rows
        }
    }

    static func rows(
        _ query: ReadQuery,
        in session: some SourceSession,
        at consistency: ReadConsistency = .snapshot
    ) async throws -> [[ColumnValue]] {
        var rows: [[ColumnValue]] = []
        for try await batch in try await session.rows(query, at: consistency) {
            guard batch.schema.names == query.columns.map(\.name),
                batch.schema.fields.map(\.type) == query.columns.map(\.type)
            else {
                throw ConformanceFailure("a batch has other columns than the query: \(batch.schema.fields)")
            }
            guard batch.rowCount <= query.batchRows else {
                throw ConformanceFailure(
                    "a batch has \(batch.rowCount) rows; the query allows \(query.batchRows)"
                )
            }
            for row in 0..<batch.rowCount { rows.append(batch.row(row)) }
        }
        return rows
    }

    /// The rows that the source holds, as the connector must show them.
    func expected(_ fixture: Bed.Fixture, _ table: TestTable) async throws -> [[ColumnValue]] {
        try await fixture.contents().map(table.values)
    }

    /// Both lists hold the same rows, as often; the order does not count.
    func requireSame(_ found: [[ColumnValue]], _ wanted: [[ColumnValue]], _ what: String) throws {
        var counts: [[ColumnValue]: Int] = [:]
        for row in wanted { counts[row, default: 0] += 1 }
        for row in found { counts[row, default: 0] -= 1 }
        if let (row, count) = counts.first(where: { $0.value != 0 }) {
            let how = count > 0 ? "lacks" : "has too often"
            throw ConformanceFailure("\(what) \(how) the row \(row) (\(found.count) of \(wanted.count) rows)")
        }
    }

    func setup(_ fixture: Bed.Fixture, _ table: TestTable, _ lake: any ObjectStore) -> SyncSetup<
        Bed.Fixture.Connector
    > {
        var setup = SyncSetup(connector: fixture.connector, source: fixture.source, table: table, lake: lake)
        setup.usesCursor = capabilities.cursor != nil
        return setup
    }

    /// The lake holds the rows of the source.
    func requireInSync(_ setup: SyncSetup<some SourceConnector>, _ fixture: Bed.Fixture) async throws {
        let lake = try await driver.lakeRows(setup).compactMap(setup.table.row)
        if let problem = RowComparison(source: try await fixture.contents(), lake: lake).problem {
            throw ConformanceFailure(problem)
        }
    }

    /// Time passes where the test bed moves the clock; elsewhere a little time passes by itself.
    func pass(_ microseconds: Int64, _ fixture: Bed.Fixture) async throws {
        if capabilities.hasVirtualClock {
            try await fixture.perform(.pass(microseconds))
        } else {
            try await Task.sleep(for: .milliseconds(capabilities.fractionalDigits == 0 ? 1_100 : 150))
        }
    }
}

/// Thrown by a check that finds out that it cannot be made.
struct PropertyExcused: Error {
    let reason: String
}

/// Rows that checks begin with.
enum SampleRows {
    static let few: [TestRow] = (1...12).map { (number: Int64) -> TestRow in
        var row = TestRow(RowKey(number % 2 == 0 ? "a" : "b", number), label: "label \(number)")
        if number % 5 == 0 { row.label = nil }
        if number % 4 != 0 { row.amount = number * 10 }
        return row
    }

    static func many(_ count: Int) -> [TestRow] {
        (0..<count).map { TestRow(RowKey("m", Int64($0)), label: "label \($0)", amount: Int64($0)) }
    }

    /// Values at the edges of what fits.
    static func edges(tellsEmptyFromMissing: Bool) -> [TestRow] {
        var texts = [
            "plain", " padded ", "quote \" and ' and ,;|", "line\nbreak\r\n", "tab\tand \\ backslash",
            "%_like",
            "e\u{301}\u{1F600}\u{10FFFF}", "NULL", "null", "0", "true", "\u{1}",
            String(repeating: "long", count: 5000),
        ]
        if tellsEmptyFromMissing { texts.append("") }
        var rows = texts.enumerated().map { TestRow(RowKey("t", Int64($0)), label: $1, amount: Int64($0)) }
        rows.append(TestRow(RowKey("t", -1), label: nil, amount: nil))
        rows.append(TestRow(RowKey("n", .max), label: "greatest", amount: .max))
        rows.append(TestRow(RowKey("n", .min), label: "least", amount: .min))
        rows.append(TestRow(RowKey("ключ/%2F", 0), label: "odd key", amount: 0))
        return rows
    }
}
