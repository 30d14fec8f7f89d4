#if MariaDB
import ColumnBatches
import DeltaTables
import Foundation
import MariaDBConnectors
import ObjectStores
import SourceConnectors
import SyncPipelines
import Testing

/// `AUTO_INCREMENT` columns as cursors, on a real server.
@Suite(
    "counters of MariaDB",
    .serialized,
    .enabled(if: MariaDBServer.isInstalled, "mariadbd is not installed")
)
struct MariaDBCounterTests {
    private let server: MariaDBServer
    private let database: String
    private let lake = MemoryObjectStore()

    /// A server of its own: what other tests run there would hold marks back.
    ///
    /// Numbers are given without a lock on the table.
    private static let server = Result { try MariaDBServer(options: ["--innodb-autoinc-lock-mode=2"]) }

    init() throws {
        server = try Self.server.get()
        database = try server.makeDatabase()
        try server.execute(
            """
            CREATE TABLE t (id BIGINT AUTO_INCREMENT PRIMARY KEY, k VARCHAR(20) UNIQUE) ENGINE=InnoDB;
            INSERT INTO t (k) VALUES ('one'), ('two');
            """,
            database: database
        )
    }

    private func pipeline(
        write: TableTemplate.Write = .append,
        _ change: (inout MariaDBConnection) -> Void = { _ in }
    ) -> SyncPipeline<MariaDBConnector> {
        var template = TableTemplate(schema: "shop", name: "t", cursor: .column("id"))
        template.write = write
        return server.pipeline(of: template, database: database, to: lake, connection: change)
    }

    private func run(
        write: TableTemplate.Write = .append,
        _ change: (inout MariaDBConnection) -> Void = { _ in }
    ) async throws -> TaskReport {
        let pipeline = pipeline(write: write, change)
        let all = TaskSelection(regions: .all)
        let prepared = try await pipeline.prepare(all)
        #expect(prepared.succeeded, "\(prepared.tables.compactMap(\.error))")
        return try #require(try await pipeline.run(all).tasks.first)
    }

    /// The numbers in the lake, in order.
    private func numbers() async throws -> [Int64] {
        let table = DeltaTable(store: lake, path: "shop/t")
        var numbers: [Int64] = []
        for try await batch in try table.rows(of: try await table.snapshot(), columns: ["id"]) {
            for value in batch.columns[0].values {
                if case .integer(let number) = value { numbers.append(number) }
            }
        }
        return numbers.sorted()
    }

    /// The numbers of the committed rows, in order.
    private func committed() throws -> [Int64] {
        try server.execute("SELECT id FROM t ORDER BY id", database: database)
            .split(separator: "\n").compactMap { Int64($0) }
    }

    @Test("of two transactions the one with the lower number may commit later")
    func outOfOrder() async throws {
        let first = try await run()
        #expect(first.guarantee == "proven" && first.markNumber == 3 && first.markHeldBy == nil)
        let early = try MariaDBClient(server, database: database)
        let late = try MariaDBClient(server, database: database)
        try early.execute("BEGIN; INSERT INTO t (k) VALUES ('early')")
        try late.execute("BEGIN; INSERT INTO t (k) VALUES ('late')")
        try late.execute("COMMIT")
        let held = try await run()
        #expect(held.rowsInserted == 1 && held.markNumber == 3 && held.markHeldBy != nil)
        try early.execute("COMMIT")
        let free = try await run()
        #expect(free.rowsInserted == 1)
        #expect(try await numbers() == [1, 2, 3, 4])
        #expect(try await run().markNumber == 5)
    }

    @Test("numbers that a statement has reserved and not written are not passed by")
    func reserved() async throws {
        _ = try await run()
        let holder = try MariaDBClient(server, database: database)
        let bulk = try MariaDBClient(server, database: database)
        try holder.execute("BEGIN; INSERT INTO t (k) VALUES ('x')")
        // It has the numbers of all three rows, and waits for the first one's text.
        try bulk.begin("INSERT INTO t (k) VALUES ('x'), ('y'), ('z')")
        try await waits("x")
        try server.execute("INSERT INTO t (k) VALUES ('after')", database: database)
        let after = try #require(try committed().last)
        #expect(after > 6)
        let held = try await run()
        #expect(held.rowsInserted == 1 && held.markNumber == 3)
        try holder.execute("ROLLBACK")
        try bulk.execute("SELECT 1")
        #expect(try committed().count == 6)
        #expect(try await run().rowsInserted == 3)
        #expect(try await numbers() == committed())
    }

    @Test("a bulk insert that waits behind a lock on the table is not passed by")
    func lockedTable() async throws {
        _ = try await run()
        let locker = try MariaDBClient(server, database: database)
        let bulk = try MariaDBClient(server, database: database)
        try locker.execute("LOCK TABLES t READ")
        try bulk.begin("INSERT INTO t (k) SELECT CONCAT('bulk', seq) FROM seq_1_to_5")
        try await waits("bulk")
        let held = try await run()
        #expect(held.rowsInserted == 0)
        try locker.execute("UNLOCK TABLES")
        try bulk.execute("SELECT 1")
        #expect(try await run().rowsInserted == 5)
        #expect(try await numbers() == committed())
    }

    @Test("a bulk insert takes its numbers while others are given that commit first")
    func slowInsert() async throws {
        _ = try await run()
        let gate = try MariaDBClient(server, database: database)
        let bulk = try MariaDBClient(server, database: database)
        try gate.execute("DO GET_LOCK('gate', 10)")
        try bulk.begin(
            "INSERT INTO t (k) SELECT CONCAT('bulk', seq, IF(seq = 2, GET_LOCK('gate', 60), '')) FROM seq_1_to_3"
        )
        try await waits("bulk")
        try server.execute("INSERT INTO t (k) VALUES ('between')", database: database)
        let held = try await run()
        #expect(held.rowsInserted == 1 && held.markNumber == 3)
        try gate.execute("DO RELEASE_LOCK('gate')")
        try bulk.execute("DO RELEASE_ALL_LOCKS()")
        #expect(try await run().rowsInserted == 3)
        #expect(try await numbers() == committed())
    }

    @Test("what is rolled back leaves a hole that nothing waits for")
    func rollbackHole() async throws {
        _ = try await run()
        let writer = try MariaDBClient(server, database: database)
        try writer.execute("BEGIN; INSERT INTO t (k) VALUES ('gone'), ('gone too'); ROLLBACK")
        try server.execute("INSERT INTO t (k) VALUES ('kept')", database: database)
        let report = try await run()
        #expect(report.guarantee == "proven" && report.markHeldBy == nil && report.rowsInserted == 1)
        let next = try #require(
            Int64(
                try server.execute(
                    "SELECT AUTO_INCREMENT FROM information_schema.TABLES WHERE TABLE_SCHEMA = '\(database)'",
                    database: database
                ).trimmingCharacters(in: .whitespacesAndNewlines)
            )
        )
        #expect(report.markNumber == next)
    }

    @Test("a table that was emptied is noticed")
    func truncated() async throws {
        try server.execute("INSERT INTO t (k) VALUES ('three'), ('four')", database: database)
        _ = try await run(write: .upsert)
        try server.execute("TRUNCATE t; INSERT INTO t (k) VALUES ('new')", database: database)
        let report = try await run(write: .upsert)
        #expect(report.warnings.contains { $0.contains("it was reset") })
        #expect(report.rowsRead == 1 && report.rowsUpdated == 1 && report.guarantee == "digestOnly")
    }

    @Test("unsigned numbers are counted as far as they fit, and refused beyond")
    func unsigned() async throws {
        try server.execute(
            "ALTER TABLE t MODIFY id BIGINT UNSIGNED AUTO_INCREMENT; "
                + "CREATE TABLE small (id SMALLINT UNSIGNED AUTO_INCREMENT PRIMARY KEY); INSERT INTO small VALUES ()",
            database: database
        )
        #expect(try await run().markNumber == 3)
        try server.execute("ALTER TABLE t AUTO_INCREMENT = 9300000000000000000", database: database)
        let report = try await run()
        #expect(report.error?.message.contains("9223372036854775807") == true)
        let (connector, source) = server.connector()
        let small = TableName(database: database, table: "small")
        let counter = try await connector.withSession(for: source) { try await $0.counter("id", of: small) }
        #expect(counter == 2)
    }

    @Test("an account that sees nobody else's statements proves nothing")
    func withoutProcess() async throws {
        try server.execute(
            "CREATE OR REPLACE USER plain@localhost IDENTIFIED BY 'plain'; GRANT SELECT ON *.* TO plain@localhost"
        )
        func plain(_ connection: inout MariaDBConnection) {
            connection.user = "plain"
            connection.password = .literal("plain")
        }
        #expect(try await run(plain).guarantee?.hasPrefix("bounded") == true)
        try server.execute("INSERT INTO t (k) VALUES ('three')", database: database)
        let report = try await run(plain)
        #expect(report.guarantee?.hasPrefix("bounded") == true && report.markNumber == 3)
        #expect(try await numbers() == committed())
    }

    /// Waits until a statement with a text is known to wait.
    private func waits(_ text: String) async throws {
        for _ in 0..<400 {
            let count = try server.execute(
                "SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE COMMAND = 'Query' AND INFO LIKE 'INSERT%\(text)%'"
            )
            if count.trimmingCharacters(in: .whitespacesAndNewlines) != "0" { return }
            try await Task.sleep(for: .milliseconds(10))
        }
        Issue.record("no statement waits")
    }
}
#endif
