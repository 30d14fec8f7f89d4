#if MariaDB
import ColumnBatches
import ConnectorTestKit
import Foundation
import MariaDBConnectors
import SourceConnectors
import Synchronization

/// Makes databases on a server of its own, and changes them by sessions of the command line client.
struct MariaDBTestBed: ConnectorTestBed {
    static let password = "kit-password-nobody-may-see"

    /// A server for the beds of each name: what runs for one would hold back the marks of another.
    private static let servers = Mutex<[String: Result<MariaDBServer, any Error>]>([:])

    /// A server with the kit's account.
    static func makeServer() throws -> MariaDBServer {
        let server = try MariaDBServer(options: ["--innodb-lock-wait-timeout=2"])
        let account = """
            CREATE USER kit@localhost IDENTIFIED BY '\(password)';
            GRANT SELECT, PROCESS ON *.* TO kit@localhost;
            """
        try MariaDBServer.run("mariadb", ["--no-defaults", "-uroot", "-S", server.socket], input: account)
        return server
    }

    /// The server; nil for the one of all beds of this name.
    var server: MariaDBServer?
    var fractionalDigits = 6
    /// Whether the cursor is an `AUTO_INCREMENT` column, and every row that is written replaces the one before.
    var counts = false

    private func running() throws -> MariaDBServer {
        if let server { return server }
        return try Self.servers.withLock { servers in
            let server = servers[name] ?? Result { try Self.makeServer() }
            servers[name] = server
            return server
        }.get()
    }

    var name: String { counts ? "MariaDB, counters" : "MariaDB, cursors with \(fractionalDigits) digits" }
    var secrets: [String] { [Self.password, "another-password"] }

    var capabilities: ConnectorCapabilities {
        var capabilities = ConnectorCapabilities()
        capabilities.mutation = .transactions
        capabilities.fractionalDigits = fractionalDigits
        if counts {
            capabilities.cursor = .counter
            capabilities.hasRowsWithoutCursor = false
        }
        capabilities.readsUncommitted = true
        capabilities.cutsKeys = true
        capabilities.filters = Set(RowFilter.Comparison.allCases)
        capabilities.hasLongStatements = true
        return capabilities
    }

    func withFixture<Result: Sendable>(
        _ table: TestTable,
        _ body: (MariaDBFixture) async throws -> Result
    ) async throws -> Result {
        let server = try running()
        let fixture = try MariaDBFixture(server, table, fractionalDigits: fractionalDigits, counts: counts)
        do {
            let result = try await body(fixture)
            try await fixture.drop()
            return result
        } catch {
            try? await fixture.drop()
            throw error
        }
    }

    static func connector(password: String, socket: String) -> MariaDBConnector {
        MariaDBConnector(connections: [
            "test": MariaDBConnection(socket: socket, user: "kit", password: .literal(password))
        ])
    }

    static let source = Source(region: "eu", client: "1", connection: "test")

    func brokenConnectors() -> [BrokenConnector<MariaDBConnector>] {
        guard let socket = try? running().socket else { return [] }
        return [
            BrokenConnector(
                "wrong password",
                connector: Self.connector(password: "another-password", socket: socket),
                source: Self.source,
                code: .accessDenied
            ),
            BrokenConnector(
                "no server",
                connector: Self.connector(password: Self.password, socket: socket + "-none"),
                source: Self.source,
                code: .unreachable
            ),
        ]
    }
}

/// A database with the kit's table.
struct MariaDBFixture: SourceFixture {
    private let server: MariaDBServer
    private let table: TestTable
    private let writers: MariaDBWriters

    init(_ server: MariaDBServer, _ table: TestTable, fractionalDigits: Int, counts: Bool) throws {
        self.server = server
        self.table = table
        let time = "CURRENT_TIMESTAMP(\(fractionalDigits))"
        func quoted(_ name: String) -> String { MariaDBWriters.quoted(name) }
        let cursor =
            counts
            ? "BIGINT NOT NULL AUTO_INCREMENT"
            : "TIMESTAMP(\(fractionalDigits)) NULL DEFAULT \(time) ON UPDATE \(time)"
        try server.execute(
            """
            CREATE DATABASE \(quoted(table.name.database)) CHARACTER SET utf8mb4;
            USE \(quoted(table.name.database));
            CREATE TABLE \(quoted(table.name.table)) (
                \(quoted(table.section)) VARCHAR(100) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
                \(quoted(table.number)) BIGINT NOT NULL,
                \(quoted(table.label)) LONGTEXT,
                \(quoted(table.amount)) BIGINT,
                \(quoted(table.cursor)) \(cursor),
                PRIMARY KEY (\(quoted(table.section)), \(quoted(table.number))),
                INDEX (\(quoted(table.cursor)))
            ) ENGINE=InnoDB;
            """
        )
        writers = MariaDBWriters(server, table, time: time, counts: counts)
    }

    func drop() async throws {
        await writers.close()
        try server.execute("DROP DATABASE \(MariaDBWriters.quoted(table.name.database))")
    }

    var connector: MariaDBConnector {
        MariaDBTestBed.connector(password: MariaDBTestBed.password, socket: server.socket)
    }

    var source: Source { MariaDBTestBed.source }

    func perform(_ step: SourceStep) async throws { try await writers.perform(step) }
    func contents() async throws -> [StoredRow] { try await writers.contents() }

    /// Adds a vector, which servers have since 11.7.
    func addUnmappedColumn() async throws -> String? {
        let statement = "ALTER TABLE \(MariaDBWriters.quoted(table.name.table)) ADD COLUMN place VECTOR(2)"
        guard (try? server.execute(statement, database: table.name.database)) != nil else { return nil }
        return "place"
    }

    /// The server counts the sessions of the connector's account.
    func openSessions() async -> Int? {
        let count = try? server.execute(
            "SELECT COUNT(*) FROM information_schema.processlist WHERE user = 'kit'"
        )
        return count.flatMap { Int($0.trimmingCharacters(in: .whitespacesAndNewlines)) }
    }
}
#endif
