#if MariaDB
import ColumnBatches
import DeltaTables
import MariaDBConnectors
import ObjectStores
import SourceConnectors
import SyncPipelines
import Testing

/// Cursors of several columns, and of system-versioned tables, on a real server.
@Suite(
    "cursor columns of MariaDB",
    .serialized,
    .enabled(if: MariaDBServer.isInstalled, "mariadbd is not installed")
)
struct MariaDBCursorColumnsTests {
    private let server: MariaDBServer
    private let database: String
    private let lake = MemoryObjectStore()

    /// A server of its own: what other tests run there would hold marks back.
    private static let server = Result { try MariaDBServer() }

    init() throws {
        server = try Self.server.get()
        database = try server.makeDatabase()
    }

    private static var all: TaskSelection { TaskSelection(regions: .all) }

    private func pipeline(_ cursor: CursorSetting) -> SyncPipeline<MariaDBConnector> {
        server.pipeline(
            of: TableTemplate(schema: "shop", name: "t", cursor: cursor),
            database: database,
            to: lake
        )
    }

    private func prepare(_ cursor: CursorSetting) async throws -> PrepareReport {
        try await pipeline(cursor).prepare(Self.all)
    }

    private func run(_ cursor: CursorSetting) async throws -> TaskReport {
        let prepared = try await prepare(cursor)
        #expect(prepared.succeeded, "\(prepared.tables.compactMap(\.error))")
        return try #require(try await pipeline(cursor).run(Self.all).tasks.first)
    }

    /// The values in the lake, by key.
    private func values() async throws -> [Int64: Int64] {
        let table = DeltaTable(store: lake, path: "shop/t")
        var values: [Int64: Int64] = [:]
        for try await batch in try table.rows(of: try await table.snapshot(), columns: ["id", "v"]) {
            for row in 0..<batch.rowCount {
                guard case .integer(let id) = batch.columns[0][row],
                    case .integer(let value) = batch.columns[1][row]
                else { continue }
                values[id] = value
            }
        }
        return values
    }

    @Test(
        "of a time of update and a time of insert the first that a row has counts, and no late commit is lost"
    )
    func pair() async throws {
        try server.execute(
            """
            CREATE TABLE t (id INT PRIMARY KEY, v INT,
                created_at TIMESTAMP(6) NULL DEFAULT CURRENT_TIMESTAMP(6),
                updated_at TIMESTAMP(6) NULL DEFAULT NULL ON UPDATE CURRENT_TIMESTAMP(6),
                KEY (created_at), KEY (updated_at)) ENGINE=InnoDB;
            INSERT INTO t (id, v) VALUES (1, 1), (2, 2), (3, 3);
            INSERT INTO t (id, v, created_at) VALUES (4, 4, NULL);
            """,
            database: database
        )
        let cursor = CursorSetting.columns(["updated_at", "created_at"])
        #expect(try await run(cursor).rowsInserted == 4)
        let update = try MariaDBClient(server, database: database)
        let insert = try MariaDBClient(server, database: database)
        try update.execute("BEGIN; UPDATE t SET v = 10 WHERE id = 1")
        try insert.execute("BEGIN; INSERT INTO t (id, v) VALUES (5, 5)")
        try await Task.sleep(for: .milliseconds(1_500))
        try server.execute("INSERT INTO t (id, v) VALUES (6, 6)", database: database)
        let held = try await run(cursor)
        #expect(held.rowsInserted == 1 && held.markHeldBy != nil && held.guarantee == "proven")
        try update.execute("COMMIT")
        try insert.execute("COMMIT")
        let free = try await run(cursor)
        #expect(free.rowsInserted == 1 && free.rowsUpdated == 1)
        #expect(try await values() == [1: 10, 2: 2, 3: 3, 4: 4, 5: 5, 6: 6])
        try server.execute("UPDATE t SET v = 20 WHERE id = 2", database: database)
        // The row without any time is part of every window.
        let last = try await run(cursor)
        #expect(last.rowsUpdated == 1 && last.rowsRead >= 2)
        #expect(try await values()[2] == 20)
    }

    @Test("columns of two types are no cursor, and the error names both")
    func twoTypes() async throws {
        try server.execute(
            """
            CREATE TABLE t (id INT PRIMARY KEY, v INT, a TIMESTAMP NULL, b DATETIME NULL) ENGINE=InnoDB;
            """,
            database: database
        )
        let error = try await prepare(.columns(["a", "b"])).tables.first?.error ?? ""
        #expect(error.contains("times of one type") && error.contains("a timestamp, b timestamp_ntz"))
    }

    private static let greatest = CursorExpression(
        "GREATEST(updated_at, COALESCE(synced_at, updated_at))",
        type: .timestamp
    )

    @Test(
        "the value of an expression finds changed rows, those without it included, and no late commit is lost"
    )
    func expression() async throws {
        try server.execute(
            """
            CREATE TABLE t (id INT PRIMARY KEY, v INT, synced_at TIMESTAMP NULL,
                updated_at TIMESTAMP(6) NULL DEFAULT CURRENT_TIMESTAMP(6)) ENGINE=InnoDB;
            INSERT INTO t (id, v) VALUES (1, 1), (2, 2), (3, 3);
            INSERT INTO t (id, v, updated_at) VALUES (4, 4, NULL);
            UPDATE t SET updated_at = updated_at - INTERVAL 1 DAY;
            """,
            database: database
        )
        let cursor = CursorSetting.expression(Self.greatest)
        let prepared = try await prepare(cursor)
        #expect(prepared.tables[0].changes == "cursor (\(Self.greatest.text))")
        #expect(prepared.tables[0].warnings.contains { $0.contains("no index serves") })
        let first = try await run(cursor)
        #expect(first.rowsInserted == 4 && first.guarantee == "digestOnly")
        // Only the row without any value is read again.
        #expect(try await run(cursor).rowsRead == 1)
        let writer = try MariaDBClient(server, database: database)
        try writer.execute("BEGIN; UPDATE t SET v = 10, synced_at = NOW() WHERE id = 1")
        try await Task.sleep(for: .milliseconds(1_500))
        try server.execute(
            "UPDATE t SET v = 20, updated_at = NOW(6) WHERE id = 2; UPDATE t SET v = 40 WHERE id = 4",
            database: database
        )
        let held = try await run(cursor)
        #expect(held.rowsUpdated == 2 && held.markHeldBy != nil)
        try writer.execute("COMMIT")
        #expect(try await run(cursor).rowsUpdated == 1)
        #expect(try await values() == [1: 10, 2: 20, 3: 3, 4: 40])
        let table = DeltaTable(store: lake, path: "shop/t")
        let names = try table.schema(of: try await table.snapshot()).dataFields.map(\.name)
        #expect(names == ["id", "v", "synced_at", "updated_at"])
        let plan = try await pipeline(cursor).plan(Self.all)
        #expect(plan.tasks[0].lints.map(\.code).filter { $0.hasPrefix("cursor.") } == ["cursor.expression"])
    }

    @Test("rows that carry whole seconds are not lost to an expression of finer digits")
    func wholeSeconds() async throws {
        try server.execute(
            """
            CREATE TABLE t (id INT PRIMARY KEY, v INT, a TIMESTAMP NULL, b TIMESTAMP(6) NULL) ENGINE=InnoDB;
            INSERT INTO t VALUES (1, 1, NOW(), NULL);
            """,
            database: database
        )
        let cursor = CursorSetting.expression(CursorExpression("COALESCE(a, b)", type: .timestamp))
        _ = try await run(cursor)
        for value in 2...6 {
            try server.execute("UPDATE t SET v = \(value), a = NOW() WHERE id = 1", database: database)
            _ = try await run(cursor)
            #expect(try await values() == [1: Int64(value)])
        }
    }

    @Test("an expression of wall clocks keeps marks behind those of all zones")
    func wallClocks() async throws {
        try server.execute(
            """
            CREATE TABLE t (id INT PRIMARY KEY, v INT, a DATETIME(3), b DATETIME(3)) ENGINE=InnoDB;
            INSERT INTO t VALUES (1, 1, NOW(), NOW() - INTERVAL 2 DAY), (2, 2, NOW() - INTERVAL 2 DAY, NOW() - INTERVAL 2 DAY);
            """,
            database: database
        )
        let cursor = CursorSetting.expression(CursorExpression("GREATEST(a, b)", type: .timestampNTZ))
        #expect(try await run(cursor).rowsInserted == 2)
        #expect(try await run(cursor).rowsRead == 1)
        try server.execute(
            "UPDATE t SET v = 20, b = NOW() - INTERVAL 11 HOUR WHERE id = 2",
            database: database
        )
        #expect(try await run(cursor).rowsUpdated == 1)
        #expect(try await values() == [1: 1, 2: 20])
    }

    @Test(
        "what the server has against an expression is named with the table",
        arguments: [
            ("GREATEST(a, nothing)", "nothing"), ("GREATEST(a, ", "syntax"),
            ("id + 1", "is no TIMESTAMP or DATETIME"),
            ("COALESCE(a, 'never')", "is no TIMESTAMP or DATETIME"),
        ]
    )
    func wrongExpression(text: String, message: String) async throws {
        try server.execute(
            "CREATE TABLE t (id INT PRIMARY KEY, v INT, a TIMESTAMP NULL) ENGINE=InnoDB",
            database: database
        )
        let cursor = CursorSetting.expression(CursorExpression(text, type: .timestamp))
        let error = try await prepare(cursor).tables.first?.error ?? ""
        #expect(
            error.contains(message) && error.contains("\"\(text)\"") && error.contains("\(database).t"),
            "\(error)"
        )
        let check = try await pipeline(cursor).check(Self.all)
        #expect(check.clients[0].tables[0].findings.contains { $0.message.contains(message) })
    }

    @Test(
        "a generated column with an index is a cursor for those who name it",
        arguments: ["VIRTUAL", "STORED"]
    )
    func generatedColumn(kind: String) async throws {
        try server.execute(
            """
            CREATE TABLE t (id INT PRIMARY KEY, v INT, a TIMESTAMP(6) NULL, b TIMESTAMP(6) NULL,
                latest TIMESTAMP(6) AS (GREATEST(a, b)) \(kind), KEY (latest)) ENGINE=InnoDB;
            INSERT INTO t (id, v, a, b) SELECT seq, seq, NOW(6) - INTERVAL 1 DAY, NOW(6) - INTERVAL 1 DAY FROM seq_1_to_3;
            """,
            database: database
        )
        let (connector, source) = server.connector()
        let name = TableName(database: database, table: "t")
        let table = try #require(
            try await connector.withSession(for: source) { try await $0.describe(name) }
        )
        let candidate = try #require(table.cursorCandidates.first { $0.column == "latest" })
        #expect(candidate.isIndexed && !candidate.isServerSet && !candidate.isAutomatic)
        let cursor = CursorSetting.column("latest")
        #expect(try await run(cursor).guarantee == "digestOnly")
        try server.execute("UPDATE t SET v = 10, b = NOW(6) WHERE id = 1", database: database)
        let second = try await run(cursor)
        #expect(second.rowsUpdated == 1 && second.rowsRead == 1)
        #expect(try await values() == [1: 10, 2: 2, 3: 3])
    }

    @Test("the start of a row of a system-versioned table is a cursor for those who name it")
    func systemVersioned() async throws {
        try server.execute(
            """
            CREATE TABLE t (id INT PRIMARY KEY, v INT,
                since TIMESTAMP(6) GENERATED ALWAYS AS ROW START, until TIMESTAMP(6) GENERATED ALWAYS AS ROW END,
                PERIOD FOR SYSTEM_TIME (since, until), KEY (since)) ENGINE=InnoDB WITH SYSTEM VERSIONING;
            INSERT INTO t (id, v) VALUES (1, 1), (2, 2);
            """,
            database: database
        )
        let (connector, source) = server.connector()
        let name = TableName(database: database, table: "t")
        let table = try #require(
            try await connector.withSession(for: source) { try await $0.describe(name) }
        )
        #expect(table.primaryKey == ["id"])
        let candidate = try #require(table.cursorCandidates.first { $0.column == "since" })
        #expect(candidate.isServerSet && candidate.isIndexed && !candidate.isAutomatic)
        #expect(!table.cursorCandidates.contains { $0.column == "until" })
        let cursor = CursorSetting.column("since")
        #expect(try await run(cursor).rowsInserted == 2)
        let writer = try MariaDBClient(server, database: database)
        try writer.execute("BEGIN; UPDATE t SET v = 10 WHERE id = 1")
        try await Task.sleep(for: .milliseconds(1_500))
        try server.execute("INSERT INTO t (id, v) VALUES (3, 3)", database: database)
        let held = try await run(cursor)
        #expect(held.rowsInserted == 1 && held.markHeldBy != nil && held.guarantee == "proven")
        // The row got the time of its statement, which lies before that of the row that was committed first.
        try writer.execute("COMMIT")
        #expect(try await run(cursor).rowsUpdated == 1)
        #expect(try await values() == [1: 10, 2: 2, 3: 3])
    }
}
#endif
