#if MariaDB
import ColumnBatches
import MariaDBConnectors
import SourceConnectors
import Testing

@Suite("MariaDBSession.describe", .enabled(if: MariaDBServer.isInstalled, "mariadbd is not installed"))
struct MariaDBDescribeTests {
    @Test("tells columns, keys and cursors")
    func tellsColumnsKeysAndCursors() async throws {
        let server = try MariaDBServer.running()
        let database = try server.makeDatabase()
        try server.execute(
            """
            CREATE TABLE `odd``name` (
                a INT NOT NULL, b VARCHAR(8) COLLATE utf8mb4_bin NOT NULL, c DECIMAL(65,30), d INT UNSIGNED NULL, e INT NOT NULL,
                created_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
                seen DATETIME(3) NULL,
                touched TIMESTAMP(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6),
                updated_at DATETIME NULL,
                PRIMARY KEY (b, a), UNIQUE KEY by_d (d), UNIQUE KEY by_e (e, a), KEY (touched), KEY (created_at)
            ) ENGINE=InnoDB;
            INSERT INTO `odd``name` (a, b, e) VALUES (1, 'x', 1), (2, 'y', 2);
            ANALYZE TABLE `odd``name`;
            """,
            database: database
        )
        let (connector, source) = server.connector()
        let name = TableName(database: database, table: "odd`name")
        let table = try #require(
            try await connector.withSession(for: source) { try await $0.describe(name) }
        )
        #expect(table.name == name)
        #expect(
            table.columns == [
                ColumnDescription(name: "a", type: .int32, sourceType: "int(11)", isNullable: false),
                ColumnDescription(
                    name: "b",
                    type: .string,
                    sourceType: "varchar(8)",
                    isNullable: false,
                    collation: "utf8mb4_bin"
                ),
                ColumnDescription(name: "c", type: .string, sourceType: "decimal(65,30)", isNullable: true),
                ColumnDescription(name: "d", type: .int64, sourceType: "int(10) unsigned", isNullable: true),
                ColumnDescription(name: "e", type: .int32, sourceType: "int(11)", isNullable: false),
                ColumnDescription(
                    name: "created_at",
                    type: .timestamp,
                    sourceType: "timestamp",
                    isNullable: false
                ),
                ColumnDescription(
                    name: "seen",
                    type: .timestampNTZ,
                    sourceType: "datetime(3)",
                    isNullable: true
                ),
                ColumnDescription(
                    name: "touched",
                    type: .timestamp,
                    sourceType: "timestamp(6)",
                    isNullable: false
                ),
                ColumnDescription(
                    name: "updated_at",
                    type: .timestampNTZ,
                    sourceType: "datetime",
                    isNullable: true
                ),
            ]
        )
        #expect(table.primaryKey == ["b", "a"])
        #expect(
            table.uniqueKeys == [
                UniqueKey(name: "by_d", columns: ["d"], isNullable: true),
                UniqueKey(name: "by_e", columns: ["e", "a"], isNullable: false),
            ]
        )
        #expect(
            table.cursorCandidates.map(\.column) == ["touched", "updated_at", "seen", "created_at", "d", "e"]
        )
        #expect(
            table.cursorCandidates.first
                == CursorCandidate(
                    column: "touched",
                    type: .timestamp,
                    fractionalDigits: 6,
                    isIndexed: true,
                    isServerSet: true
                )
        )
        #expect(table.estimatedRows == 2)
        #expect(table.hasSnapshots)
    }

    @Test("knows an engine without snapshots")
    func knowsAnEngineWithoutSnapshots() async throws {
        let server = try MariaDBServer.running()
        let database = try server.makeDatabase()
        try server.execute("CREATE TABLE m (a INT PRIMARY KEY) ENGINE=Aria", database: database)
        let (connector, source) = server.connector()
        let table = try await connector.withSession(for: source) {
            try await $0.describe(TableName(database: database, table: "m"))
        }
        #expect(table?.hasSnapshots == false)
    }

    @Test("returns nil for a table that is not there", arguments: ["absent", "with'quote", "with`tick"])
    func returnsNilForAMissingTable(table: String) async throws {
        let server = try MariaDBServer.running()
        let database = try server.makeDatabase()
        let (connector, source) = server.connector()
        let found = try await connector.withSession(for: source) {
            (
                try await $0.describe(TableName(database: database, table: table)) == nil,
                try await $0.describe(TableName(database: "no_such_database", table: table)) == nil
            )
        }
        #expect(found.0 && found.1)
    }

    @Test("tells a table that may not be read from one that is not there")
    func tellsForbiddenFromMissing() async throws {
        let server = try MariaDBServer.running()
        let database = try server.makeDatabase()
        try server.execute("CREATE TABLE secret (a INT PRIMARY KEY)", database: database)
        let (connector, source) = server.connector {
            $0.user = "guest"
            $0.password = .literal("guest")
        }
        let name = TableName(database: database, table: "secret")
        let error = await #expect(throws: SourceError.self) {
            try await connector.withSession(for: source) { try await $0.describe(name) }
        }
        #expect(error?.code == .accessDenied)
        #expect(error?.table == name)
        #expect(error?.isTransient == false)
    }

    @Test("tells the columns that a foreign key changes by itself, to a user who may only read")
    func tellsCascades() async throws {
        let server = try MariaDBServer.running()
        let database = try server.makeDatabase()
        try server.execute(
            """
            CREATE TABLE p (a INT, b INT, `c``(x)` INT UNIQUE, UNIQUE (a, b)) ENGINE=InnoDB;
            CREATE TABLE t (id INT PRIMARY KEY, a INT, b INT, `d``, (e)` INT, f INT, g INT,
                CONSTRAINT `odd FOREIGN KEY (name` FOREIGN KEY (a, b) REFERENCES p (a, b) ON UPDATE CASCADE,
                FOREIGN KEY (`d``, (e)`) REFERENCES p (`c``(x)`) ON DELETE SET NULL,
                FOREIGN KEY (f) REFERENCES p (`c``(x)`) ON DELETE CASCADE,
                FOREIGN KEY (g) REFERENCES p (`c``(x)`)) ENGINE=InnoDB;
            CREATE VIEW v AS SELECT * FROM t;
            """,
            database: database
        )
        let (connector, source) = server.connector()
        try await connector.withSession(for: source) { session in
            let table = try await session.describe(TableName(database: database, table: "t"))
            #expect(Set(table?.cascadeColumns ?? []) == ["a", "b", "d`, (e)"])
            let view = try await session.describe(TableName(database: database, table: "v"))
            #expect(view?.cascadeColumns == [])
        }
    }
}
#endif
