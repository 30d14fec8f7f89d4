#if MariaDB
import ColumnBatches
import Foundation
import MariaDBConnectors
import ObjectStores
import SourceConnectors
import SyncPipelines
import Synchronization
import Testing

/// What a MariaDB server is asked about tables in which nothing has changed.
@Suite(
    "quiet tables of MariaDB",
    .serialized,
    .enabled(if: MariaDBServer.isInstalled, "mariadbd is not installed")
)
struct MariaDBQuietTableTests {
    private let server: MariaDBServer
    private let database: String
    private let watcher: MariaDBClient

    /// A server of its own: its statements are logged.
    private static let server = Result { try MariaDBServer() }

    init() throws {
        server = try Self.server.get()
        database = try server.makeDatabase()
        try server.execute(Self.orders, database: database)
        watcher = try MariaDBClient(server, database: database)
        try watcher.execute("SET GLOBAL log_output = 'TABLE'; SET GLOBAL general_log = 1")
    }

    private static let orders = """
        CREATE TABLE orders (
            id INT AUTO_INCREMENT PRIMARY KEY, name VARCHAR(20) COMMENT 'a name, as in AUTO_INCREMENT=5',
            at TIMESTAMP(6) NULL DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6), KEY (at)
        ) ENGINE=InnoDB COMMENT='one ) AUTO_INCREMENT=7';
        INSERT INTO orders VALUES (1, 'one', '2024-01-01 00:00:00'), (2, 'two', '2024-01-01 00:00:00.000001');
        """

    /// The statements that the body has the server carry out for the reader.
    private func statements(_ body: () async throws -> Void) async throws -> [String] {
        try watcher.execute("TRUNCATE mysql.general_log")
        try await body()
        return try watcher.execute(
            """
            SELECT REPLACE(argument, '\\n', ' ') FROM mysql.general_log
            WHERE user_host LIKE 'reader%' AND command_type IN ('Execute', 'Query')
            """
        )
    }

    private func table(_ database: String? = nil, _ name: String = "orders") -> TableName {
        TableName(database: database ?? self.database, table: name)
    }

    /// Both descriptions of a table, which must be equal but for the number of its rows.
    private func requireSame(
        _ connector: MariaDBConnector,
        _ source: Source,
        _ table: TableName,
        _ what: String
    ) async throws {
        let (shape, full) = try await connector.withSession(for: source) { session in
            (
                try await session.describeShape(of: table, policies: ValuePolicies()),
                try await session.describe(table)
            )
        }
        var wanted = try #require(full)
        wanted.estimatedRows = shape?.estimatedRows
        #expect(shape == wanted, "\(what)")
    }

    @Test("a table of a definition that is known is described by one statement")
    func recalled() async throws {
        let (connector, source) = server.connector()
        let other = try server.makeDatabase()
        try server.execute(
            Self.orders + "INSERT INTO orders (name) VALUES ('three'), ('four')",
            database: other
        )
        try await requireSame(connector, source, table(), "the first")
        let second = table(other)
        let asked = try await statements {
            let shape = try await connector.withSession(for: source) {
                try await $0.describeShape(of: second, policies: ValuePolicies())
            }
            #expect(shape?.name == second && shape?.columns.count == 3 && shape?.primaryKey == ["id"])
        }
        #expect(asked.filter { !$0.hasPrefix("SET ") } == ["SHOW CREATE TABLE `\(other)`.`orders`"])
        try await requireSame(connector, source, table(other), "the second")
    }

    @Test("whatever is changed of a table is told by its next description")
    func changes() async throws {
        let (connector, source) = server.connector()
        try await requireSame(connector, source, table(), "before")
        for change in [
            "ADD COLUMN note TEXT", "ADD COLUMN kind ENUM('a', 'b') DEFAULT 'a' FIRST",
            "MODIFY name VARCHAR(40)",
            "MODIFY name VARCHAR(40) COLLATE utf8mb4_bin", "MODIFY name VARCHAR(40) NOT NULL",
            "ADD UNIQUE (name)",
            "DROP KEY at", "MODIFY at TIMESTAMP(3) NULL", "RENAME COLUMN note TO remark",
            "DROP KEY name, DROP PRIMARY KEY, ADD PRIMARY KEY (id, name)", "CONVERT TO CHARACTER SET latin1",
            "ENGINE = Aria",
            "ENGINE = InnoDB", "ADD COLUMN twice INT AS (id * 2)", "PARTITION BY HASH (id) PARTITIONS 2",
            "REMOVE PARTITIONING", "ADD SYSTEM VERSIONING", "DROP SYSTEM VERSIONING", "DROP COLUMN remark",
        ] {
            try server.execute("ALTER TABLE orders \(change)", database: database)
            try await requireSame(connector, source, table(), change)
            try await requireSame(connector, source, table(), "\(change), again")
        }
        try server.execute(
            "CREATE VIEW seen AS SELECT id, name FROM orders; CREATE SEQUENCE numbers; CREATE TABLE plain (a INT)",
            database: database
        )
        for name in ["seen", "plain"] { try await requireSame(connector, source, table(nil, name), name) }
        try server.execute("ALTER TABLE orders MODIFY name VARCHAR(80) NOT NULL", database: database)
        try await requireSame(connector, source, table(nil, "seen"), "a view of what changed")
        let name = table(nil, "absent")
        let absent = try await connector.withSession(for: source) {
            try await $0.describeShape(of: name, policies: ValuePolicies())
        }
        #expect(absent == nil)
    }

    @Test("a window with rows is never said to have none")
    func windows() async throws {
        let (connector, source) = server.connector()
        var query = ReadQuery(table: table(), columns: [Field("id", .int32)])
        func mayHaveRows(from bound: Int64, includesNulls: Bool = true) async throws -> Bool {
            query.window = CursorWindow(
                column: "at",
                type: .timestamp,
                lowerBound: bound,
                includesNulls: includesNulls
            )
            let query = query
            return try await connector.withSession(for: source) { try await $0.mayHaveRows(query) }
        }
        let last: Int64 = 1_704_067_200_000_001
        #expect(try await mayHaveRows(from: last))
        #expect(try await !mayHaveRows(from: last + 1))
        try watcher.execute("BEGIN; DELETE FROM orders WHERE id = 2")
        #expect(try await mayHaveRows(from: last), "the transaction may be rolled back")
        try watcher.execute("ROLLBACK")
        query.filters = [RowFilter("name", .equal, [.string("one")])]
        #expect(try await !mayHaveRows(from: last))
        query.filters = []
        try watcher.execute("INSERT INTO orders VALUES (3, 'none', NULL)")
        #expect(try await mayHaveRows(from: last + 1))
        #expect(try await !mayHaveRows(from: last + 1, includesNulls: false))
        try watcher.execute("SET sql_mode = ''; UPDATE orders SET at = '0000-00-00 00:00:00' WHERE id = 3")
        #expect(try await mayHaveRows(from: last + 1))
    }

    @Test("a run in which nothing has changed reads no row, and looks once at what is under way")
    func run() async throws {
        try server.execute(
            (1...6).map { "CREATE TABLE t\($0) LIKE orders; INSERT INTO t\($0) SELECT * FROM orders;" }
                .joined(separator: "\n"),
            database: database
        )
        let pipeline = server.pipeline(
            of: TableTemplate(schema: "shop", name: "orders", cursor: .column("at")),
            database: database,
            to: MemoryObjectStore()
        ) { configuration in
            configuration.tables += (1...6).map {
                TableTemplate(schema: "shop", name: "t\($0)", cursor: .column("at"))
            }
            configuration.limits.tasks = 1
        }
        let all = TaskSelection(regions: .all)
        #expect(try await pipeline.prepare(all).succeeded)
        // The first run describes the tables in full, the second one for those that come after it.
        for _ in 0..<2 { #expect(try await pipeline.run(all).succeeded) }
        // The server's list of transactions is renewed when nobody has read it for a tenth of a second.
        try await Task.sleep(for: .milliseconds(150))
        let asked = try await statements {
            let report = try await pipeline.run(all)
            #expect(report.tasks.count == 7 && report.tasks.allSatisfy { $0.outcome == .unchanged })
            #expect(
                report.tasks.allSatisfy { $0.guarantee == "proven" && $0.tableVersion == nil },
                "\(report.text)"
            )
        }
        #expect(asked.filter { $0.hasPrefix("SHOW CREATE TABLE") }.count == 7)
        #expect(asked.filter { $0.contains("EXISTS") }.count == 7)
        #expect(asked.filter { $0.contains("information_schema.COLUMNS") }.isEmpty)
        // The signals serve a fifth of a second; a slow machine may need them again.
        #expect(asked.filter { $0.contains("INNODB_TRX") }.count < 7, "\(asked)")
        try watcher.execute("UPDATE t4 SET name = 'changed' WHERE id = 1")
        let report = try await pipeline.run(all)
        #expect(report.tasks.filter { $0.rowsUpdated == 1 }.map(\.table) == ["t4"], "\(report.text)")
    }

    @Test("what another run brought after the signals were read is not taken for a clock that was set back")
    func overtaken() async throws {
        try server.execute(
            "CREATE TABLE t1 LIKE orders; INSERT INTO t1 SELECT * FROM orders",
            database: database
        )
        let lake = MemoryObjectStore()
        let other = server.pipeline(
            of: TableTemplate(schema: "shop", name: "orders", cursor: .column("at")),
            database: database,
            to: lake
        ) { configuration in
            configuration.tables.append(TableTemplate(schema: "shop", name: "t1", cursor: .column("at")))
            configuration.limits.tasks = 1
            // Leases would keep the two runs apart.
            configuration.limits.leaseDuration = .zero
        }
        let all = TaskSelection(regions: .all)
        #expect(try await other.prepare(all).succeeded)
        for _ in 0..<2 { #expect(try await other.run(all).succeeded) }
        try await Task.sleep(for: .milliseconds(150))
        let (server, database) = (server, database)
        let pipeline = SyncPipeline(
            configuration: other.configuration,
            roster: other.roster,
            connector: OvertakenConnector(base: other.connector) {
                for table in ["orders", "t1"] {
                    try server.execute(
                        "UPDATE \(table) SET name = 'changed' WHERE id = 2",
                        database: database
                    )
                }
                // The mark that it leaves lies after the signals, which are kept for a fifth of a second.
                let report = try await other.run(all)
                #expect(report.succeeded && report.tasks.allSatisfy { $0.rowsUpdated == 1 }, "\(report.text)")
            },
            lake: lake,
            logger: other.logger
        )
        let report = try await pipeline.run(all)
        #expect(report.succeeded && report.tasks.count == 2)
        #expect(report.tasks.allSatisfy { $0.warnings.isEmpty && $0.rowsUpdated == 0 }, "\(report.text)")
        #expect(report.tasks.allSatisfy { $0.guarantee == "proven" && $0.rowsRead <= 1 }, "\(report.text)")
    }
}

/// Lets another run come between the first session and the second.
private final class OvertakenConnector: SourceConnector {
    private let base: MariaDBConnector
    private let overtake: @Sendable () async throws -> Void
    private let sessions = Mutex(0)

    init(base: MariaDBConnector, _ overtake: @escaping @Sendable () async throws -> Void) {
        self.base = base
        self.overtake = overtake
    }

    func withSession<Result: Sendable>(
        for source: Source,
        _ body: sending (MariaDBSession) async throws -> Result
    ) async throws -> Result {
        let number = sessions.withLock { sessions in
            sessions += 1
            return sessions
        }
        if number == 2 { try await overtake() }
        return try await base.withSession(for: source, body)
    }
}
#endif
