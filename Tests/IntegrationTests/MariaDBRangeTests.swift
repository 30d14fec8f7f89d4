#if MariaDB
import ColumnBatches
@testable import MariaDBConnectors
import SourceConnectors
import Synchronization
import Testing

/// A key of a table, and the values that numbers from 1 become in it.
private struct TestKey: Sendable {
    var columns: [String]
    var values: String
    var options = ""
    /// Whether nothing can be cut by the key.
    var isWhole = false

    static let all = [
        TestKey(columns: ["INT"], values: "CAST(seq AS SIGNED) - 300"),
        TestKey(columns: ["INT"], values: "seq * seq * 7"),
        TestKey(columns: ["BIGINT"], values: "-9223372036854775807 + CAST(seq AS SIGNED) * 1000000"),
        TestKey(columns: ["BIGINT UNSIGNED"], values: "CAST(18446744073709551615 AS UNSIGNED) - seq"),
        TestKey(columns: ["TINYINT", "SMALLINT UNSIGNED"], values: "CAST(seq AS SIGNED) % 7 - 3, seq"),
        TestKey(columns: ["VARCHAR(20)"], values: "CONCAT(CHAR(97 + seq % 26), IF(seq % 2, 'Ä', ' '), seq)"),
        TestKey(
            columns: ["VARCHAR(20)"],
            values: "CONCAT(IF(seq % 2, 'ß', 'Z'), seq)",
            options: "CHARSET=latin1"
        ),
        TestKey(
            columns: ["CHAR(20)"],
            values: "CONCAT(IF(seq % 3, 'ä', 'Ａ'), seq)",
            options: "CHARSET=utf8mb3 COLLATE=utf8mb3_unicode_ci"
        ),
        TestKey(
            columns: ["VARCHAR(20)"],
            values: "CONCAT('😀', HEX(seq * 7919))",
            options: "COLLATE=utf8mb4_bin"
        ),
        TestKey(columns: ["VARCHAR(20)"], values: "CONCAT('я', seq)", options: "CHARSET=utf16"),
        TestKey(columns: ["BINARY(16)"], values: "UNHEX(MD5(seq))"),
        TestKey(columns: ["VARBINARY(20)"], values: "CONCAT(X'00', REVERSE(seq), X'ff')"),
        TestKey(columns: ["UUID"], values: "INSERT(MD5(seq), 13, 1, '4')"),
        TestKey(columns: ["INET6"], values: "CONCAT('2001:db8::', HEX(seq))"),
        TestKey(columns: ["DECIMAL(30,4)"], values: "seq * 12345678901234567.1234 - 9e18"),
        TestKey(columns: ["DATE"], values: "IF(seq = 1, '0000-00-00', '1999-12-31' + INTERVAL seq DAY)"),
        TestKey(columns: ["DATETIME(6)"], values: "'2024-01-01' + INTERVAL seq * 1001 MICROSECOND"),
        TestKey(columns: ["TIMESTAMP(3)"], values: "'2024-10-27 00:30:00' + INTERVAL seq * 10 SECOND"),
        TestKey(columns: ["TIME(2)", "INT"], values: "SEC_TO_TIME(CAST(seq AS SIGNED) % 50 * -999), seq"),
        TestKey(
            columns: ["YEAR", "VARCHAR(9)", "DATE"],
            values: "1990 + seq % 3, seq % 10, '2024-01-01' + INTERVAL seq DAY"
        ),
        TestKey(columns: ["INT", "ENUM('a','b')", "INT"], values: "seq % 100, 1 + seq % 2, seq"),
        TestKey(columns: ["ENUM('z','a')", "INT"], values: "1 + seq % 2, seq", isWhole: true),
        TestKey(columns: ["DOUBLE"], values: "seq / 3", isWhole: true),
    ]

    var names: [String] { columns.indices.map { "k\($0)" } }

    /// A table of so many rows with the key, and their numbers beside it.
    func table(_ name: String, rows: Int) -> String {
        let columns = zip(names, columns).map { "\($0) \($1) NOT NULL" }.joined(separator: ", ")
        return """
            CREATE TABLE \(name) (\(columns), number INT NOT NULL, PRIMARY KEY (\(names.joined(separator: ", "))))
                ENGINE=InnoDB \(options);
            INSERT INTO \(name) SELECT \(values), seq FROM seq_1_to_\(rows);
            ANALYZE TABLE \(name);

            """
    }
}

@Suite("MariaDBSession ranges", .enabled(if: MariaDBServer.isInstalled, "mariadbd is not installed"))
struct MariaDBRangeTests {
    private let server: MariaDBServer
    private let database: String
    private var table: TableName { TableName(database: database, table: "t") }
    private static let number = Field("number", .int32, isNullable: false)

    init() throws {
        server = try MariaDBServer.running()
        database = try server.makeDatabase()
    }

    @Test("ranges of any key hold each row once, in order, and the server reads them by the index of the key")
    func ranges() async throws {
        let tables = TestKey.all.enumerated().map { $1.table("t\($0)", rows: 600) }
        try server.execute(tables.joined(), database: database)
        let (connector, source) = server.connector()
        try await connector.withSession(for: source) { session in
            for (index, key) in TestKey.all.enumerated() {
                let table = TableName(database: database, table: "t\(index)")
                let bounds = try await session.bounds(of: table, by: key.names, every: 50)
                #expect((bounds == nil) == key.isWhole, "\(key)")
                guard let bounds else { continue }
                #expect((6...100).contains(bounds.count), "\(bounds.count) ranges of \(key)")
                var seen: [Int64] = []
                for (after, through) in zip([nil] + bounds.map { $0 }, bounds) {
                    let range = KeyRange(key: key.names, after: after, through: through)
                    seen += try await numbers(of: table, key, range, in: session)
                }
                #expect(try await numbers(of: table, key, nil, in: session) == seen, "\(key)")
                #expect(seen.count == 600, "\(key)")
                try await session.endSnapshot()
                let middle = KeyRange(
                    key: key.names,
                    after: bounds[bounds.count / 2 - 1],
                    through: bounds[bounds.count / 2]
                )
                #expect(try rowsTouched(table, key, middle, in: session) <= 250, "\(key)")
            }
        }
    }

    private func numbers(
        of table: TableName,
        _ key: TestKey,
        _ range: KeyRange?,
        in session: MariaDBSession
    ) async throws -> [Int64] {
        let query = ReadQuery(table: table, columns: [Self.number], range: range, order: key.names)
        var numbers: [Int64] = []
        for try await batch in try await session.rows(query, at: .snapshot) {
            for row in 0..<batch.rowCount { numbers.append(try #require(batch.columns[0][row].integer)) }
        }
        return numbers
    }

    /// The rows that the server touches to find those of a range.
    private func rowsTouched(
        _ table: TableName,
        _ key: TestKey,
        _ range: KeyRange,
        in session: MariaDBSession
    ) throws -> Int {
        let connection = try session.committedConnection()
        func touched() throws -> Int {
            try connection.values("SHOW SESSION STATUS LIKE 'Handler_read%next'", types: [.string, .string])
                .compactMap { Int($0[1].text) }.reduce(0, +)
        }
        let query = ReadQuery(table: table, columns: [Self.number], range: range, order: key.names)
        let statement = try SelectStatement(query, keys: try session.keySQL(of: table))
        let before = try touched()
        _ = try connection.values(statement.sql, statement.parameters, types: [.int32])
        return try touched() - before
    }

    @Test(
        "rows beyond the greatest committed key, and those that an open transaction has removed, are within the ranges"
    )
    func openTransactions() async throws {
        try server.execute(
            "CREATE TABLE t (id INT PRIMARY KEY, number INT) ENGINE=InnoDB; INSERT INTO t VALUES (1, 1), (5, 5), (9, 9)",
            database: database
        )
        let writer = try MariaDBClient(server, database: database)
        let (connector, source) = server.connector()
        func last() async throws -> [String]? {
            try await connector.withSession(for: source) { session in
                try await session.bounds(of: table, by: ["id"], every: 2)?.last?.values
            }
        }
        try writer.execute("BEGIN; DELETE FROM t WHERE id = 9")
        #expect(try await last() == ["9"])
        try writer.execute("ROLLBACK; BEGIN; INSERT INTO t VALUES (12, 12)")
        #expect(try await last() == ["12"])
        try writer.execute("ROLLBACK; TRUNCATE TABLE t")
        #expect(try await last() == nil)
    }

    @Test("without a binlog readers agree by a lock where one is allowed, and else say that they do not")
    func agreementByLock() async throws {
        try server.execute(
            "CREATE TABLE t (id INT PRIMARY KEY, number INT) ENGINE=InnoDB; INSERT INTO t VALUES (1, 1)",
            database: database
        )
        func agreement(_ readers: Int, user: String = "reader", _ lock: SnapshotLock) async throws
            -> SnapshotAgreement
        {
            var settings = server.connection(user: user)
            settings.snapshotLock = lock
            let connector = MariaDBConnector(connections: ["test": settings])
            let source = Source(region: "eu", client: "7", connection: "test")
            let told = Mutex<Set<SnapshotAgreement>>([])
            try await connector.withSession(for: source) { session in
                try await session.withReaders(readers, of: table, feel: { _ in }) { _, _, agreement in
                    _ = told.withLock { $0.insert(agreement) }
                }
            }
            let all = told.withLock { $0 }
            #expect(all.count == 1)
            return try #require(all.first)
        }
        #expect(try await agreement(1, .none).isOneInstant)
        #expect(
            try await agreement(3, .none).description
                == "not one instant: the server writes no binlog, and \"snapshotLock\" allows no lock"
        )
        #expect(try await agreement(3, user: "owner", .table).description.contains("a read lock on \(table)"))
        let refused = try await agreement(3, .server)
        #expect(!refused.isOneInstant)
        #expect(refused.description.contains("LOCK TABLES was refused"))
        #expect(refused.description.contains("FLUSH TABLES was refused"))
    }

    @Test(
        "readers that do not see one state are told apart from those that do, under writers",
        arguments: [true, false]
    )
    func agreementUnderWriters(hasBinlog: Bool) async throws {
        let server = try hasBinlog ? MariaDBServer(options: ["--log-bin=log", "--server-id=1"]) : self.server
        let database = try server.makeDatabase()
        try server.execute(
            """
            CREATE TABLE t (id INT PRIMARY KEY, number INT NOT NULL) ENGINE=InnoDB;
            INSERT INTO t SELECT seq, 100 FROM seq_1_to_400;
            CREATE TABLE ended (id INT) ENGINE=InnoDB;
            CREATE PROCEDURE move() BEGIN
                WHILE NOT EXISTS (SELECT 1 FROM ended) DO
                    SET @a = 1 + FLOOR(RAND() * 200), @b = 201 + FLOOR(RAND() * 200);
                    START TRANSACTION;
                    UPDATE t SET number = number - 1 WHERE id = @a;
                    UPDATE t SET number = number + 1 WHERE id = @b;
                    COMMIT;
                END WHILE;
            END
            """.replacing("CREATE PROCEDURE", with: "DELIMITER //\nCREATE PROCEDURE") + "//",
            database: database
        )
        let writers = try (0..<2).map { _ in try MariaDBClient(server, database: database) }
        for writer in writers { try writer.begin("CALL move()") }
        defer { _ = try? server.execute("INSERT INTO ended VALUES (1)", database: database) }
        var settings = server.connection(user: "owner")
        settings.snapshotLock = hasBinlog ? .none : .table
        let connector = MariaDBConnector(connections: ["test": settings])
        let source = Source(region: "eu", client: "7", connection: "test")
        let table = TableName(database: database, table: "t")
        for _ in 0..<10 {
            let sums = Mutex<[Int64]>([])
            let told = Mutex<[SnapshotAgreement]>([])
            try await connector.withSession(for: source) { session in
                let places = try #require(try await session.bounds(of: table, by: ["id"], every: 100))
                try await session.withReaders(4, of: table, feel: { _ in }) { number, reader, agreement in
                    let after = number == 0 ? nil : places[number - 1]
                    let range = KeyRange(key: ["id"], after: after, through: places[number])
                    let query = ReadQuery(table: table, columns: [Self.number], range: range)
                    var sum: Int64 = 0
                    for try await batch in try await reader.rows(query, at: .snapshot) {
                        for row in 0..<batch.rowCount { sum += batch.columns[0][row].integer ?? 0 }
                    }
                    sums.withLock { $0.append(sum) }
                    told.withLock { $0.append(agreement) }
                }
            }
            if told.withLock({ $0.allSatisfy(\.isOneInstant) }) {
                #expect(sums.withLock { $0.reduce(0, +) } == 40_000)
            } else {
                #expect(told.withLock { $0.allSatisfy { !$0.isOneInstant } })
            }
        }
    }

    @Test(
        "the server is felt before the readers begin and while they read, by one connection beside theirs"
    )
    func pressure() async throws {
        try server.execute(
            "CREATE TABLE t (id INT PRIMARY KEY, number INT) ENGINE=InnoDB; INSERT INTO t VALUES (1, 1)",
            database: database
        )
        // This one may ask how far a replica lags; the other one may not, and reads all the same.
        for user in ["owner", "reader"] {
            var settings = server.connection(user: user)
            settings.pressureInterval = .milliseconds(5)
            let connector = MariaDBConnector(connections: ["test": settings])
            let source = Source(region: "eu", client: "7", connection: "test")
            let (felt, output) = AsyncStream.makeStream(of: SourcePressure.self)
            let open = try await connector.withSession(for: source) { session in
                _ = try await session.describe(table)
                let query = ReadQuery(table: table, columns: [Self.number])
                for try await _ in try await session.rows(query, at: .uncommitted) {}
                let before = session.connectionIDs.count
                try await session.withReaders(2, of: table, feel: { output.yield($0) }) { number, _, _ in
                    guard number == 0 else { return }
                    var count = 0
                    for await pressure in felt {
                        #expect(pressure.answer > .zero && pressure.lag == nil)
                        count += 1
                        if count == 3 { return }
                    }
                }
                return (before, session.connectionIDs.count)
            }
            #expect(open == (1, 1))
        }
    }

    @Test("a cancellation ends every reader at once, and leaves no connection")
    func cancellation() async throws {
        try server.execute(
            "CREATE TABLE t (id INT PRIMARY KEY, number INT) ENGINE=InnoDB; INSERT INTO t SELECT seq, seq FROM seq_1_to_500000",
            database: database
        )
        let (connector, source) = server.connector { $0.applicationName = "cancelled readers" }
        let query = ReadQuery(table: table, columns: [Self.number], batchRows: 1)
        let table = table
        let (started, signal) = AsyncStream.makeStream(of: Int.self, bufferingPolicy: .bufferingNewest(3))
        let task = Task {
            try await connector.withSession(for: source) { session in
                try await session.withReaders(3, of: table, feel: { _ in }) { number, reader, _ in
                    // Again and again: however late the cancellation is, it finds every reader at work.
                    while true {
                        for try await _ in try await reader.rows(query, at: .snapshot) {
                            signal.yield(number)
                        }
                    }
                }
            }
        }
        var seen: Set<Int> = []
        for await number in started {
            seen.insert(number)
            if seen.count == 3 { break }
        }
        task.cancel()
        let error = await #expect(throws: SourceError.self) { try await task.value }
        #expect(error?.code == .cancelled)
        let left = try server.execute(
            "SELECT COUNT(*) FROM information_schema.processlist WHERE db IS NULL AND user = 'reader' AND info LIKE '%\(database)%'"
        )
        #expect(left == "0\n")
    }
}
#endif
