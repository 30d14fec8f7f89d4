#if SQLite
import ColumnBatches
import Foundation
import SQLiteConnectors
import SourceConnectors
import Testing

@Suite("SQLite files") struct SQLiteSessionTests {
    private static let file = SQLiteReadingTests.file
    private static let source = SQLiteReadingTests.source

    private static func describe(_ sql: String, _ name: String = "t") async throws -> TableDescription {
        try await SQLiteReadingTests.withFile(sql) { session, _ in
            try #require(try await session.describe(SQLiteReadingTests.table(name)))
        }
    }

    @Test(
        "keys are found in every kind of table",
        arguments: [
            ("CREATE TABLE t (id INTEGER PRIMARY KEY, x)", ["id"]),
            ("CREATE TABLE t (b TEXT NOT NULL, a INT NOT NULL, PRIMARY KEY (a, b))", ["a", "b"]),
            ("CREATE TABLE t (a TEXT, b TEXT, PRIMARY KEY (b, a)) WITHOUT ROWID", ["b", "a"]),
            ("CREATE TABLE t (a TEXT PRIMARY KEY, b ANY) STRICT, WITHOUT ROWID", ["a"]),
            ("CREATE TABLE t (a, b)", []),
            ("CREATE TABLE s (a INTEGER PRIMARY KEY); CREATE VIEW t AS SELECT a FROM s", []),
        ]
    )
    func keys(_ sql: String, _ keys: [String]) async throws {
        #expect(try await Self.describe(sql).primaryKey == keys)
    }

    @Test("unique indexes count when they cover all rows, and say whether a value may be missing")
    func uniqueKeys() async throws {
        let description = try await Self.describe(
            """
            CREATE TABLE t (a TEXT NOT NULL, b TEXT, c AS (a || b));
            CREATE UNIQUE INDEX whole ON t (a); CREATE UNIQUE INDEX maybe ON t (b, a);
            CREATE UNIQUE INDEX part ON t (a) WHERE b = 1; CREATE UNIQUE INDEX made ON t (lower(a)); CREATE INDEX plain ON t (b)
            """
        )
        #expect(
            description.uniqueKeys == [
                UniqueKey(name: "maybe", columns: ["b", "a"], isNullable: true),
                UniqueKey(name: "whole", columns: ["a"], isNullable: false),
            ]
        )
        #expect(description.columns.map(\.name) == ["a", "b", "c"])
    }

    @Test(
        "a cursor is the database's own when a default and a trigger on every update set it",
        arguments: [
            ("AFTER UPDATE ON t BEGIN UPDATE t SET u = CURRENT_TIMESTAMP WHERE id = NEW.id; END", true),
            (
                "AFTER UPDATE ON t FOR EACH ROW WHEN OLD.u = NEW.u BEGIN UPDATE t SET \"u\" = datetime('now') WHERE id = NEW.id; END",
                true
            ),
            ("AFTER UPDATE OF x ON t BEGIN UPDATE t SET u = CURRENT_TIMESTAMP WHERE id = NEW.id; END", false),
            (
                "AFTER UPDATE ON t WHEN NEW.x > 5 BEGIN UPDATE t SET u = CURRENT_TIMESTAMP WHERE id = NEW.id; END",
                false
            ),
            ("AFTER UPDATE ON t BEGIN UPDATE t SET x = CURRENT_TIMESTAMP WHERE id = NEW.id; END", false),
            ("AFTER UPDATE ON t BEGIN UPDATE t SET u = NEW.x WHERE id = NEW.id; END", false),
            ("AFTER INSERT ON t BEGIN UPDATE t SET u = CURRENT_TIMESTAMP WHERE id = NEW.id; END", false),
        ]
    )
    func cursors(_ trigger: String, _ isServerSet: Bool) async throws {
        let description = try await Self.describe(
            """
            CREATE TABLE t (id INTEGER PRIMARY KEY, x, made TIMESTAMP, u TIMESTAMP DEFAULT CURRENT_TIMESTAMP);
            CREATE INDEX i ON t (u); CREATE TRIGGER g \(trigger);
            """
        )
        let cursor = try #require(description.cursorCandidates.first { $0.column == "u" })
        #expect(cursor.isServerSet == isServerSet && cursor.isIndexed && cursor.fractionalDigits == 0)
        #expect(description.cursorCandidates.count == 2)
    }

    @Test("a writer that has not ended holds the mark at the time when there was none")
    func writers() async throws {
        let sql = "PRAGMA journal_mode = WAL; CREATE TABLE t (a); INSERT INTO t VALUES (1)"
        try await SQLiteReadingTests.withFile(sql) { session, database in
            _ = try await session.describe(SQLiteReadingTests.table())
            try database.run("BEGIN IMMEDIATE; INSERT INTO t VALUES (2)")
            let unknown = try await session.signals()
            #expect(unknown.oldestWriter == 0 && unknown.limitations.isEmpty && unknown.heldBy != nil)
            try database.run("COMMIT")
            let quiet = try await session.signals()
            #expect(quiet.oldestWriter == nil && quiet.heldBy == nil)
            try database.run("BEGIN IMMEDIATE")
            let known = try await session.signals()
            #expect(known.oldestWriter == quiet.now && known.now >= quiet.now)
        }
    }

    @Test("nothing is written to a file, nor checkpointed, by a session with all that it does")
    func leavesFilesAlone() async throws {
        let folder = try TestFolder()
        let path = folder.path + "/" + Self.file
        let writer = try TestDatabase(path)
        try writer.run(
            "PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0; CREATE TABLE t (a); INSERT INTO t VALUES (1)"
        )
        func bytes() throws -> [Data] {
            try [path, path + "-wal"].map { try Data(contentsOf: URL(filePath: $0)) }
        }
        let before = try bytes()
        let connector = SQLiteConnector(connections: ["files": SQLiteConnection(folder: folder.path)])
        try await connector.withSession(for: Self.source) { session in
            _ = try await session.describe(SQLiteReadingTests.table())
            _ = try await session.signals()
            #expect(try await SQLiteReadingTests.rows(session).count == 1)
            _ = try await session.inspect([SQLiteReadingTests.table()])
        }
        #expect(try bytes() == before)
    }

    @Test("without the question who is writing, the signals say that they prove nothing")
    func withoutQuestion() async throws {
        let change: (inout SQLiteConnection) -> Void = { $0.asksForWriters = false }
        try await SQLiteReadingTests.withFile("CREATE TABLE t (a)", change) { session, _ in
            _ = try await session.describe(SQLiteReadingTests.table())
            #expect(try await session.signals().limitations.count == 1)
        }
    }

    @Test("a file that a writer holds shut is an error that passes")
    func busy() async throws {
        try await SQLiteReadingTests.withFile("CREATE TABLE t (a)") { session, database in
            try database.run("BEGIN EXCLUSIVE")
            let error = await #expect(throws: SourceError.self) {
                try await session.describe(SQLiteReadingTests.table())
            }
            #expect(error?.code == .interrupted && error?.isTransient == true)
            try database.run("COMMIT")
            #expect(try await session.describe(SQLiteReadingTests.table()) != nil)
        }
    }

    @Test("names that leave the folder are refused", arguments: ["../shop.sqlite", "", "..", "a/b", "a\0b"])
    func names(_ name: String) async throws {
        try await SQLiteReadingTests.withFile("CREATE TABLE t (a)") { session, _ in
            let error = await #expect(throws: SourceError.self) {
                try await session.describe(TableName(database: name, table: "t"))
            }
            #expect(error?.code == .invalid)
        }
    }

    @Test("what is no database is an error that says so", arguments: [0, 1, 2, 3])
    func damaged(_ seed: UInt8) async throws {
        let folder = try TestFolder()
        let path = folder.path + "/" + Self.file
        try TestDatabase(path).run(
            "CREATE TABLE t (a TEXT); WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 900) "
                + "INSERT INTO t SELECT 'row ' || n FROM c"
        )
        var bytes = [UInt8](try Data(contentsOf: URL(filePath: path)))
        // The header, the catalogue's page, or pages of the table.
        for index in stride(from: [0, 100, 4096, 5000][Int(seed)], to: min(bytes.count, 4096 * 3), by: 7) {
            bytes[index] = bytes[index] &* 31 &+ seed &+ 17
        }
        try Data(bytes).write(to: URL(filePath: path))
        let connector = SQLiteConnector(connections: ["files": SQLiteConnection(folder: folder.path)])
        await #expect(throws: SourceError.self) {
            try await connector.withSession(for: Self.source) { session in
                _ = try await SQLiteReadingTests.rows(session)
            }
        }
    }

    @Test("a statement without end ends when its task is cancelled")
    func cancellation() async throws {
        let sql = """
            CREATE VIEW t AS WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c) SELECT n FROM c WHERE n < 0
            """
        let reading = Task {
            try await SQLiteReadingTests.withFile(sql) { session, _ in
                let query = ReadQuery(table: SQLiteReadingTests.table(), columns: [Field("n", .int64)])
                for try await _ in try await session.rows(query, at: .snapshot) {}
            }
        }
        try await Task.sleep(for: .milliseconds(50))
        reading.cancel()
        let error = await #expect(throws: SourceError.self) { try await reading.value }
        #expect(error?.code == .cancelled)
    }
}
#endif
