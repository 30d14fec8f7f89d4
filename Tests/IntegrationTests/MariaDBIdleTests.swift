#if MariaDB
import ColumnBatches
import Foundation
import MariaDBConnectors
import SourceConnectors
import Testing

/// Connections that are kept for the next session.
@Suite(
    "idle connections of MariaDB",
    .serialized,
    .enabled(if: MariaDBServer.isInstalled, "mariadbd is not installed")
)
struct MariaDBIdleTests {
    private let server: MariaDBServer
    private let database: String
    private let watcher: MariaDBClient

    /// A server of its own: connections are counted.
    private static let server = Result { try MariaDBServer() }

    init() throws {
        server = try Self.server.get()
        database = try server.makeDatabase()
        try server.execute(
            """
            CREATE TABLE t (id INT PRIMARY KEY, at TIMESTAMP(6), name VARCHAR(20)) ENGINE=InnoDB;
            INSERT INTO t VALUES (1, '2024-01-01 00:00:00', 'ö'), (2, '2024-07-01 12:00:00.000001', '€');
            """,
            database: database
        )
        watcher = try MariaDBClient(server, database: database)
    }

    /// The connections that the server has ever made.
    private func made() throws -> Int {
        let count = try watcher.execute(
            "SELECT VARIABLE_VALUE FROM information_schema.GLOBAL_STATUS WHERE VARIABLE_NAME = 'CONNECTIONS'"
        )
        return try #require(count.first.flatMap { Int($0) })
    }

    /// The connections of sessions that are open.
    private func open() throws -> Int {
        let count = try watcher.execute(
            "SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE USER = 'reader'"
        )
        return try #require(count.first.flatMap { Int($0) })
    }

    /// Uses a connection in each of its ways, and returns the rows as the snapshot has them.
    private func work(_ connector: MariaDBConnector, _ source: Source) async throws -> [[ColumnValue]] {
        let table = TableName(database: database, table: "t")
        let fields = [Field("id", .int32), Field("at", .timestamp), Field("name", .string)]
        let query = ReadQuery(table: table, columns: fields, order: ["id"])
        let directory = server.directory
        return try await connector.withSession(for: source) { session in
            #expect(try await session.describe(table)?.columns.count == 3)
            #expect(try await session.signals().limitations.isEmpty)
            var seen: [[ColumnValue]] = []
            for try await batch in try await session.rows(query, at: .uncommitted) {
                seen += (0..<batch.rowCount).map { batch.row($0) }
            }
            var rows: [[ColumnValue]] = []
            for try await batch in try await session.rows(query, at: .snapshot) {
                rows += (0..<batch.rowCount).map { batch.row($0) }
            }
            #expect(seen == rows)
            try await session.endSnapshot()
            #expect(try await session.signals().server.contains(directory))
            return rows
        }
    }

    @Test("one connection after another is taken again, and reads the same as a new one")
    func takenAgain() async throws {
        let (connector, source) = server.connector()
        let first = try await work(connector, source)
        let before = try made()
        for _ in 0..<5 { #expect(try await work(connector, source) == first) }
        #expect(try made() == before)
        #expect(first.count == 2 && first[1][2] == .string("€"))
        #expect(first[1][1] == .timestamp(1_719_835_200_000_001))
        #expect(try await work(server.connector().0, source) == first)
        #expect(try made() > before)
    }

    @Test("what a session changed for one way of reading does not show in another")
    func roles() async throws {
        let (connector, source) = server.connector()
        _ = try await work(connector, source)
        let writer = try MariaDBClient(server, database: database)
        try writer.execute("BEGIN; UPDATE t SET name = 'later' WHERE id = 1")
        let query = ReadQuery(
            table: TableName(database: database, table: "t"),
            columns: [Field("name", .string)],
            order: ["id"]
        )
        for consistency in [ReadConsistency.snapshot, .uncommitted, .snapshot, .uncommitted] {
            let name = try await connector.withSession(for: source) { session in
                var names: [ColumnValue] = []
                for try await batch in try await session.rows(query, at: consistency) {
                    names += batch.columns[0].values
                }
                if consistency == .snapshot { try await session.endSnapshot() }
                return names.first
            }
            #expect(name == .string(consistency == .snapshot ? "ö" : "later"))
        }
        try writer.execute("ROLLBACK")
    }

    @Test("a connection that the server has ended meanwhile is replaced")
    func ended() async throws {
        let (connector, source) = server.connector()
        let first = try await work(connector, source)
        for id in try watcher.execute("SELECT ID FROM information_schema.PROCESSLIST WHERE USER = 'reader'") {
            try watcher.execute("KILL \(id)")
        }
        while try open() > 0 { try await Task.sleep(for: .milliseconds(20)) }
        #expect(try await work(connector, source) == first)
    }

    @Test("a session that failed, or left its snapshot open, leaves no connection behind")
    func failed() async throws {
        let (connector, source) = server.connector()
        let query = ReadQuery(
            table: TableName(database: database, table: "t"),
            columns: [Field("id", .int32)],
            batchRows: 1
        )
        await #expect(throws: CancellationError.self) {
            try await connector.withSession(for: source) { session in
                for try await _ in try await session.rows(query, at: .snapshot) { throw CancellationError() }
            }
        }
        while try open() > 0 { try await Task.sleep(for: .milliseconds(20)) }
        try await connector.withSession(for: source) { session in
            for try await _ in try await session.rows(query, at: .snapshot) {}
        }
        while try open() > 0 { try await Task.sleep(for: .milliseconds(20)) }
    }

    @Test("what is kept never adds to what is open, also where clients have accounts of their own")
    func bounded() async throws {
        let settings = server.connection()
        let connector = MariaDBConnector(connections: ["a": settings, "b": settings])
        for name in ["a", "b", "a", "b"] {
            _ = try await work(connector, Source(region: "eu", client: name, connection: name))
            #expect(try open() == 1)
        }
    }

    @Test("a connector that is gone has no connections, and one that has nothing to do lets go of them")
    func letGo() async throws {
        do {
            let (connector, source) = server.connector()
            _ = try await work(connector, source)
            #expect(try open() == 1)
        }
        while try open() > 0 { try await Task.sleep(for: .milliseconds(20)) }
        let (connector, source) = server.connector()
        _ = try await work(connector, source)
        while try open() > 0 { try await Task.sleep(for: .milliseconds(100)) }
        _ = try await work(connector, source)
    }
}
#endif
