#if MariaDB
import ColumnBatches
import MariaDBConnectors
import SourceConnectors
import Testing

@Suite(
    "MariaDBSession.inspect",
    .serialized,
    .enabled(if: MariaDBServer.isInstalled, "mariadbd is not installed")
)
struct MariaDBInspectTests {
    private let server: MariaDBServer
    private let database: String

    /// A server of its own: what other tests ask one that is shared would show as a limitation.
    private static let server = Result { try MariaDBServer() }

    init() throws {
        server = try Self.server.get()
        database = try server.makeDatabase()
    }

    private func inspect(_ user: String, _ tables: [String] = []) async throws -> SourceInspection {
        let (connector, source) = server.connector {
            $0.user = user
            $0.password = .literal(user)
        }
        let names = tables.map { TableName(database: database, table: $0) }
        return try await connector.withSession(for: source) { try await $0.inspect(names) }
    }

    @Test("a server is described by version, zone and privileges")
    func server() async throws {
        let found = try await inspect("reader")
        #expect(found.version.contains("MariaDB") && found.encryption == nil)
        #expect(found.limitations.isEmpty)
        #expect(found.findings.contains { $0.topic == "time zone" && $0.message.contains("CE") })
        #expect(!found.findings.contains { $0.topic == "privileges" })
    }

    @Test("missing privileges weaken the guarantee, needless ones are named, and no hash is told")
    func privileges() async throws {
        let guest = try await inspect("guest")
        #expect(guest.limitations.count == 1)
        #expect(guest.findings.contains { $0.topic == "privileges" && $0.message.contains("GRANT PROCESS") })
        let owner = try await inspect("owner")
        #expect(owner.findings.contains { $0.topic == "privileges" && $0.message.contains("ALL PRIVILEGES") })
        #expect(
            !(guest.findings + owner.findings).contains {
                $0.message.contains("*") && $0.message.contains("IDENTIFIED")
            }
        )
    }

    @Test("tables of other engines and foreign keys that change rows are named")
    func tables() async throws {
        try server.execute(
            """
            CREATE TABLE parent (id INT PRIMARY KEY);
            CREATE TABLE child (id INT PRIMARY KEY, p INT, q INT,
                CONSTRAINT a FOREIGN KEY (p) REFERENCES parent (id) ON UPDATE CASCADE,
                CONSTRAINT b FOREIGN KEY (q) REFERENCES parent (id));
            CREATE TABLE plain (id INT PRIMARY KEY) ENGINE=MyISAM;
            """,
            database: database
        )
        let found = try await inspect("reader", ["parent", "child", "plain", "none"])
        func topics(_ table: String) -> [String]? {
            found.tables[TableName(database: database, table: table)]?.map(\.topic)
        }
        #expect(topics("parent") == [] && topics("none") == [])
        #expect(topics("child") == ["cascade"] && topics("plain") == ["engine"])
    }
}

@Suite("MariaDBGrants")
struct MariaDBGrantsTests {
    @Test("an account gets the tables it reads and PROCESS, and nothing else")
    func statements() {
        let grants = MariaDBGrants(
            user: "o'`hara",
            host: "10.%",
            tables: [TableName(database: "a_b", table: "t`"), TableName(database: "a_b", table: "t`")],
            requiresTLS: true
        )
        #expect(
            grants.statements == [
                "CREATE USER IF NOT EXISTS `o'``hara`@`10.%` IDENTIFIED BY '<password>' REQUIRE SSL;",
                "GRANT SELECT ON `a_b`.`t``` TO `o'``hara`@`10.%`;",
                "GRANT PROCESS ON *.* TO `o'``hara`@`10.%`;",
            ]
        )
    }

    @Test(
        "a lock for an instant needs a privilege on the databases, whose names are no patterns",
        arguments: [
            (SnapshotLock.none, []), (.table, [#"GRANT LOCK TABLES ON `a\_b`.* TO `u`@`h`;"#]),
            (.server, [#"GRANT LOCK TABLES ON `a\_b`.* TO `u`@`h`;"#, "GRANT RELOAD ON *.* TO `u`@`h`;"]),
        ]
    )
    func locks(lock: SnapshotLock, statements: [String]) {
        let grants = MariaDBGrants(
            user: "u",
            host: "h",
            tables: [TableName(database: "a_b", table: "t"), TableName(database: "a_b", table: "s")],
            requiresTLS: false,
            snapshotLock: lock
        )
        #expect(Array(grants.statements.dropFirst(4)) == statements)
    }
}
#endif
