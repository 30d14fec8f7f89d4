#if SQLite
import ColumnBatches
import Foundation
import SourceConnectors
import Testing

@testable import SQLiteConnectors

@Suite("SQLiteSession") struct SQLiteReadingTests {
    static let file = "shop.sqlite"
    static let source = Source(region: "eu", client: "1", connection: "files")

    /// A file made by some statements, and a session with it.
    static func withFile<Result: Sendable>(
        _ sql: String,
        _ change: (inout SQLiteConnection) -> Void = { _ in },
        _ body: sending (SQLiteSession, TestDatabase) async throws -> Result
    ) async throws -> Result {
        let folder = try TestFolder()
        let path = folder.path + "/" + file
        try TestDatabase(path).run(sql)
        var connection = SQLiteConnection(folder: folder.path)
        connection.busyTimeout = .milliseconds(20)
        connection.writerPatience = .milliseconds(20)
        change(&connection)
        return try await SQLiteConnector(connections: ["files": connection]).withSession(for: source) {
            session in
            try await body(session, TestDatabase(path))
        }
    }

    static func table(_ name: String = "t") -> TableName { TableName(database: file, table: name) }

    /// All rows, with the types that the session describes.
    static func rows(
        _ session: SQLiteSession,
        _ policies: ValuePolicies = ValuePolicies(),
        table: TableName = table()
    ) async throws -> [[ColumnValue]] {
        let description = try #require(try await session.describe(table, policies: policies))
        let fields = try description.columns.map { Field($0.name, try #require($0.type)) }
        var rows: [[ColumnValue]] = []
        let query = ReadQuery(table: table, columns: fields, policies: policies)
        for try await batch in try await session.rows(query, at: .snapshot) {
            rows += (0..<batch.rowCount).map { batch.row($0) }
        }
        return rows
    }

    struct Case: Sendable, CustomTestStringConvertible {
        var declared: String
        var literal: String
        var value: ColumnValue
        var policy = ValuePolicy()
        var testDescription: String { "\(declared) \(literal)" }
    }

    static func policy(_ change: (inout ValuePolicy) -> Void) -> ValuePolicy {
        var policy = ValuePolicy()
        change(&policy)
        return policy
    }

    static let noon: Int64 = 1_769_860_800_000_000  // 2026-01-31T12:00:00Z

    static let cases: [Case] = [
        Case(declared: "INTEGER", literal: "-9223372036854775808", value: .integer(.min)),
        Case(declared: "UNSIGNED BIG INT", literal: "7", value: .integer(7)),
        Case(declared: "REAL", literal: "0.1", value: .double(0.1)),
        Case(declared: "DOUBLE PRECISION", literal: "3", value: .double(3)),
        Case(declared: "REAL", literal: "9e999", value: .double(.infinity)),
        Case(declared: "VARCHAR(3)", literal: "'longer than three'", value: .string("longer than three")),
        Case(declared: "TEXT", literal: "12", value: .string("12")),
        Case(declared: "BLOB", literal: "x'00ff'", value: .binary([0, 255])),
        Case(declared: "BOOLEAN", literal: "1", value: .boolean(true)),
        Case(
            declared: "DECIMAL(12,2)",
            literal: "'1234567890.10'",
            value: .decimal(123_456_789_010, scale: 2)
        ),
        Case(declared: "DECIMAL(12,2)", literal: "0.1", value: .decimal(10, scale: 2)),
        Case(declared: "NUMERIC(10)", literal: "-42", value: .decimal(-42, scale: 0)),
        Case(declared: "NUMERIC", literal: "1.5", value: .string("1.5")),
        Case(declared: "", literal: "12", value: .string("12")),
        Case(declared: "", literal: "'twelve'", value: .string("twelve")),
        Case(declared: "JSON", literal: "'{\"a\": 1}'", value: .string("{\"a\": 1}")),
        Case(declared: "DATE", literal: "'1969-12-31'", value: .date(-1)),
        Case(declared: "DATE", literal: "'2024-02-30'", value: .null),
        Case(declared: "TIMESTAMP", literal: "'2026-01-31 12:00:00'", value: .timestamp(noon)),
        Case(
            declared: "TIMESTAMP",
            literal: "'2026-01-31T14:00:00.000001+02:00'",
            value: .timestamp(noon + 1)
        ),
        Case(declared: "TIMESTAMP", literal: "'0000-00-00 00:00:00'", value: .null),
        Case(declared: "DATETIME", literal: "'2026-01-31 12:00'", value: .timestampNTZ(noon)),
        Case(
            declared: "DATETIME",
            literal: "'2026-01-31 14:00'",
            value: .timestamp(noon),
            policy: policy { $0.wallClockOffset = .seconds(7200) }
        ),
        Case(
            declared: "INTEGER",
            literal: "1769860800",
            value: .timestamp(noon),
            policy: policy { $0.instants = .seconds }
        ),
        Case(
            declared: "REAL",
            literal: "1769860800.25",
            value: .timestamp(noon + 250_000),
            policy: policy { $0.instants = .seconds }
        ),
        Case(
            declared: "TEXT",
            literal: "'2026-01-31T12:00:00Z'",
            value: .timestamp(noon),
            policy: policy { $0.instants = .text }
        ),
        Case(
            declared: "INTEGER",
            literal: "'seven'",
            value: .null,
            policy: policy { $0.looseValues = .null }
        ),
        Case(
            declared: "INTEGER",
            literal: "'seven'",
            value: .string("seven"),
            policy: policy { $0.looseValues = .text }
        ),
        Case(
            declared: "INTEGER",
            literal: "7",
            value: .string("7"),
            policy: policy { $0.looseValues = .text }
        ),
        Case(
            declared: "TEXT",
            literal: "x'0aff'",
            value: .string("X'0AFF'"),
            policy: policy { $0.looseValues = .text }
        ),
    ]

    @Test("a value arrives exactly, or by a named policy", arguments: cases)
    func values(_ test: Case) async throws {
        let sql = "CREATE TABLE t (c \(test.declared)); INSERT INTO t VALUES (\(test.literal)), (NULL)"
        let policies = ValuePolicies(columns: ["c": test.policy])
        let rows = try await Self.withFile(sql) { session, _ in try await Self.rows(session, policies) }
        #expect(rows == [[test.value], [.null]])
    }

    @Test(
        "a value that its column does not declare ends the read by name",
        arguments: [
            ("INTEGER", "'seven'"), ("INTEGER", "0.5"), ("REAL", "'half'"),
            ("TEXT", "x'ff'"), ("TEXT", "CAST(x'ff' AS TEXT)"), ("BLOB", "'text'"), ("BOOLEAN", "2"),
            ("DECIMAL(4,2)", "1.234"), ("DECIMAL(4,2)", "123456"), ("DATE", "'31.01.2026'"),
            ("DATE", "20260131"),
            ("TIMESTAMP", "1769860800"), ("TIMESTAMP", "'noon'"),
            ("TIMESTAMP", "'2026-01-31 12:00:00.1234567'"),
            ("DATETIME", "'2026-01-31T12:00:00Z'"),
        ]
    )
    func looseValues(_ declared: String, _ literal: String) async throws {
        let sql = "CREATE TABLE t (c \(declared)); INSERT INTO t VALUES (\(literal))"
        let error = await #expect(throws: SourceError.self) {
            try await Self.withFile(sql) { session, _ in _ = try await Self.rows(session) }
        }
        #expect(error?.code == .unrepresentableValue && error?.column == "c")
        #expect(error?.description.contains("seven") == false)
    }

    @Test(
        "a value that its column does not declare is named and missing where the query sets it aside",
        arguments: [
            ("INTEGER", "'seven'", "looseValues: fail"), ("TEXT", "x'ff'", "looseValues: fail"),
            ("TEXT", "CAST(x'ff' AS TEXT)", "looseValues: fail"), ("BOOLEAN", "2", "looseValues: fail"),
            ("DECIMAL(4,2)", "123456", "looseValues: fail"), ("DATE", "20260131", "looseValues: fail"),
            ("DATE", "'2024-02-30'", "impossibleDates: fail"), ("BLOB", "'text'", "looseValues: fail"),
            ("TIMESTAMP", "'noon'", "looseValues: fail"),
            ("TIMESTAMP", "'0000-00-00'", "impossibleDates: fail"),
        ]
    )
    func setAside(_ declared: String, _ literal: String, _ rule: String) async throws {
        let sql =
            "CREATE TABLE t (id INTEGER PRIMARY KEY, c \(declared)); INSERT INTO t VALUES (1, NULL), (2, \(literal)), (3, NULL)"
        let policies = ValuePolicies(common: Self.policy { $0.impossibleDates = .fail })
        try await Self.withFile(sql) { session, _ in
            let description = try #require(try await session.describe(Self.table(), policies: policies))
            let fields = try description.columns.map { Field($0.name, try #require($0.type)) }
            var query = ReadQuery(table: Self.table(), columns: fields, batchRows: 2, policies: policies)
            query.setsDefectsAside = true
            var (ids, defects): ([ColumnValue], [[RowDefect]]) = ([], [])
            for try await batch in try await session.rows(query, at: .snapshot) {
                for row in 0..<batch.rowCount { ids.append(batch.columns[0][row]) }
                for row in 0..<batch.rowCount { #expect(batch.columns[1].isNull(row)) }
                defects.append(batch.defects)
            }
            #expect(ids == [.integer(1), .integer(2), .integer(3)])
            #expect(defects.map { $0.map(\.row) } == [[1], []] && defects[0].map(\.column) == ["c"])
            #expect(defects[0].map(\.rule) == [rule] && !defects[0][0].reason.contains("seven"))
        }
    }

    @Test("values that a policy takes are counted")
    func notices() async throws {
        let sql =
            "CREATE TABLE t (a INTEGER, d DATE); INSERT INTO t VALUES ('x', '2024-02-30'), (1, '2024-13-01'), (2, NULL)"
        let policies = ValuePolicies(common: Self.policy { $0.looseValues = .null })
        try await Self.withFile(sql) { session, _ in
            _ = try await Self.rows(session, policies)
            #expect(
                await session.takeNotices() == [
                    ValueNotice(column: "a", rule: "looseValues: null", count: 1),
                    ValueNotice(column: "d", rule: "impossibleDates: null", count: 2),
                ]
            )
        }
    }

    @Test("a batch ends before it has too many bytes")
    func batchBytes() async throws {
        let sql =
            "CREATE TABLE t (b BLOB); INSERT INTO t VALUES (zeroblob(5000000)), (zeroblob(5000000)), (zeroblob(5))"
        try await Self.withFile(sql) { session, _ in
            var counts: [Int] = []
            let query = ReadQuery(table: Self.table(), columns: [Field("b", .binary)])
            for try await batch in try await session.rows(query, at: .uncommitted) {
                counts.append(batch.rowCount)
            }
            #expect(counts == [2, 1])
        }
    }

    @Test("a column that is not there is an error, never a text")
    func missingColumn() async throws {
        try await Self.withFile("CREATE TABLE t (a); INSERT INTO t VALUES (1)") { session, _ in
            let error = await #expect(throws: SourceError.self) {
                _ = try await session.rows(
                    ReadQuery(table: Self.table(), columns: [Field("nope", .string)]),
                    at: .snapshot
                )
            }
            #expect(error?.code == .missing && error?.table == Self.table())
        }
    }

    @Test("a window finds every row at or past its bound whatever the form of its time, and what is no time")
    func windows() async throws {
        let sql = """
            CREATE TABLE t (id INTEGER PRIMARY KEY, u TIMESTAMP); CREATE INDEX i ON t (u);
            INSERT INTO t VALUES (1, '2026-01-31 12:00:00'), (2, '2026-01-31T11:59:59.999Z'), (3, '2026-01-30T23:00:00-13:00'),
                (4, '2026-01-31 13:30+02:00'), (5, '2026-01-31 13:30-01:00'), (6, NULL), (7, '0000-00-00'), (8, 5), (9, 'zzz'),
                (10, '2025-12-31 00:00:00')
            """
        var policies = ValuePolicies()
        policies.common.looseValues = .null
        try await Self.withFile(sql) { [policies] session, database in
            var query = ReadQuery(table: Self.table(), columns: [Field("id", .int64)], policies: policies)
            for (includesNulls, wanted) in [(true, [1, 3, 5, 6, 8, 9]), (false, [1, 3, 5, 8, 9])] {
                query.window = CursorWindow(
                    column: "u",
                    type: .timestamp,
                    lowerBound: Self.noon,
                    includesNulls: includesNulls
                )
                var found: [Int64] = []
                for try await batch in try await session.rows(query, at: .snapshot) {
                    found += (0..<batch.rowCount).compactMap { row in
                        if case .integer(let id) = batch.row(row)[0] { id } else { nil }
                    }
                }
                #expect(found.sorted() == wanted.map(Int64.init))
            }
            let statement = try SelectStatement(query, cursor: DeclaredType("TIMESTAMP"))
            let plan = try database.run(
                "EXPLAIN QUERY PLAN " + statement.sql,
                [.text("2026-01-30")]
            ).map { "\($0[3])" }.joined()
            #expect(plan.contains("INDEX i") && !plan.contains("SCAN t\""), "\(plan)")
        }
    }
}
#endif
