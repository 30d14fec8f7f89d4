#if MariaDB
import ColumnBatches
import Foundation
import MariaDBConnectors
import SourceConnectors
import Testing

@Suite(
    "MariaDBSession.signals",
    .serialized,
    .enabled(if: MariaDBServer.isInstalled, "mariadbd is not installed")
)
struct MariaDBSignalTests {
    private let server: MariaDBServer
    private let database: String

    /// A server of its own: what other tests run there would show in the signals.
    private static let server = Result { try MariaDBServer() }

    init() throws {
        server = try Self.server.get()
        database = try server.makeDatabase()
        try server.execute(
            "CREATE TABLE t (id INT PRIMARY KEY, v INT) ENGINE=InnoDB; INSERT INTO t VALUES (1, 1), (2, 2);",
            database: database
        )
    }

    private func signals(_ change: (inout MariaDBConnection) -> Void = { _ in }) async throws -> MarkSignals {
        let (connector, source) = server.connector(change)
        return try await connector.withSession(for: source) { try await $0.signals() }
    }

    @Test("an idle server holds nothing back")
    func idle() async throws {
        let before = Date().timeIntervalSince1970
        let signals = try await signals()
        #expect(abs(Double(signals.now) / 1e6 - before) < 5)
        #expect(signals.oldestStatement == nil)
        #expect(signals.oldestWriter == nil)
        #expect(signals.limitations.isEmpty)
        #expect(signals.heldBy == nil)
        #expect(signals.server.contains(server.directory))
    }

    @Test("an open transaction that has written holds the mark back, in UTC whatever the server's zone")
    func openWriter() async throws {
        let writer = try MariaDBClient(server, database: database)
        let now = try await signals().now
        let id = try writer.execute("BEGIN; UPDATE t SET v = 3 WHERE id = 1; SELECT CONNECTION_ID()")
        try await Task.sleep(for: .milliseconds(1_200))
        let signals = try await signals()
        let start = try #require(signals.oldestWriter)
        #expect(start > now - 2_500_000 && start <= signals.now - 1_200_000)
        #expect(signals.heldBy == "transaction of thread \(id[0])")
        #expect(signals.oldestStatement == nil)
        try writer.execute("ROLLBACK")
        #expect(try await self.signals().oldestWriter == nil)
    }

    @Test("a transaction that only reads holds nothing back")
    func openReader() async throws {
        let reader = try MariaDBClient(server, database: database)
        try reader.execute("START TRANSACTION WITH CONSISTENT SNAPSHOT; SELECT * FROM t")
        #expect(try await signals().oldestWriter == nil)
    }

    @Test("a statement that waits for a table's lock holds the mark back before it has a transaction")
    func blockedStatement() async throws {
        let locker = try MariaDBClient(server, database: database)
        try locker.execute("LOCK TABLES t WRITE")
        let writer = try MariaDBClient(server, database: database)
        let before = try await signals().now
        try writer.begin("UPDATE t SET v = 4 WHERE id = 2")
        try await Task.sleep(for: .milliseconds(300))
        let signals = try await signals()
        let start = try #require(signals.oldestStatement)
        #expect(start > before - 100_000 && start < signals.now - 150_000)
        #expect(signals.oldestWriter == nil)
        try locker.execute("UNLOCK TABLES")
        try writer.execute("SELECT 1")
        #expect(try await self.signals().oldestStatement == nil)
    }

    @Test("a program that reads the list of transactions all the time cannot hide a writer")
    func staleTransactionList() async throws {
        let (connector, source) = server.connector()
        let monitor = try MariaDBClient(server, database: database)
        let writer = try MariaDBClient(server, database: database)
        let first = try await connector.withSession(for: source) { try await $0.signals() }
        let poll = "SELECT COUNT(*) FROM information_schema.INNODB_TRX; DO SLEEP(0.02);"
        try monitor.execute(poll)
        try monitor.begin(String(repeating: poll, count: 100))
        try writer.execute("BEGIN; UPDATE t SET v = 9 WHERE id = 1")
        // The list that the server shows was made before the transaction wrote.
        let signals = try await connector.withSession(for: source) { try await $0.signals() }
        let bounds = [signals.oldestStatement, signals.oldestWriter].compactMap { $0 }
        #expect(try #require(bounds.min()) <= first.now || signals.oldestWriter != nil)
        // A program that has never seen a fresh list says that it proves nothing.
        let (other, _) = server.connector()
        let unsure = try await other.withSession(for: source) { try await $0.signals() }
        #expect(!unsure.limitations.isEmpty || unsure.oldestWriter != nil)
        try writer.execute("ROLLBACK")
    }

    @Test("reads of this program hold nothing back, other reads do")
    func ownReads() async throws {
        try server.execute(
            "CREATE TABLE big (id INT PRIMARY KEY, s VARCHAR(200)); "
                + "INSERT INTO big SELECT seq, REPEAT('x', 200) FROM seq_1_to_100000;",
            database: database
        )
        let (connector, source) = server.connector()
        let name = TableName(database: database, table: "big")
        let query = ReadQuery(table: name, columns: [Field("s", .string)], batchRows: 100)
        try await connector.withSession(for: source) { session in
            for try await _ in try await session.rows(query, at: .snapshot) {
                // The rest of the rows is under way while another session asks.
                #expect(try await self.signals().oldestStatement == nil)
                break
            }
        }
        let other = try MariaDBClient(server, database: database)
        let id = try other.execute("SELECT CONNECTION_ID()")
        try other.begin("SELECT SLEEP(3600)")
        try await Task.sleep(for: .milliseconds(200))
        let signals = try await signals()
        try server.execute("KILL \(id[0])")
        #expect(signals.oldestStatement != nil)
        #expect(signals.heldBy?.contains("Query") == true)
    }

    @Test("an account without the privilege to see others says so")
    func lacksProcess() async throws {
        let signals = try await signals {
            $0.user = "guest"
            $0.password = .literal("guest")
        }
        #expect(signals.limitations == ["the account lacks the PROCESS privilege"])
    }

    @Test("a read-only server may be a replica")
    func readOnly() async throws {
        try server.execute("SET GLOBAL read_only = 1")
        defer { _ = try? server.execute("SET GLOBAL read_only = 0") }
        #expect(try await signals().limitations.count == 1)
    }
}
#endif
