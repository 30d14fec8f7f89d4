#if MariaDB
import ColumnBatches
import DeltaTables
import Logging
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
        var configuration = SyncConfiguration(
            lake: "lake",
            schemas: ["shop": SchemaSettings(database: database)],
            tables: [TableTemplate(schema: "shop", name: "t", cursor: cursor)]
        )
        configuration.limits.attempts = 1
        let (connector, source) = server.connector()
        let entry = RosterEntry(client: source.client, region: source.region, connection: source.connection)
        return SyncPipeline(
            configuration: configuration,
            roster: Roster(entries: [entry]),
            connector: connector,
            lake: lake,
            logger: Logger(label: "cursors") { _ in SwiftLogNoOpLogHandler() }
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
