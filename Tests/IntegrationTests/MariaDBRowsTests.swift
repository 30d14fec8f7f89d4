#if MariaDB
import ColumnBatches
@testable import MariaDBConnectors
import SourceConnectors
import Testing

@Suite("MariaDBSession.rows", .enabled(if: MariaDBServer.isInstalled, "mariadbd is not installed"))
struct MariaDBRowsTests {
    private let server: MariaDBServer
    private let database: String
    private let connector: MariaDBConnector
    private let source: Source
    private var table: TableName { TableName(database: database, table: "t") }

    init() throws {
        server = try MariaDBServer.running()
        database = try server.makeDatabase()
        (connector, source) = server.connector()
    }

    /// Ten thousand rows, some of whose texts are missing.
    private func makeNumbers() throws {
        try server.execute(
            """
            CREATE TABLE t (id INT PRIMARY KEY, word VARCHAR(40) NULL, flag BIT(1) NULL) ENGINE=InnoDB;
            INSERT INTO t SELECT seq, IF(seq % 3 = 0, NULL, CONCAT('word ', seq)), IF(seq % 7 = 0, NULL, seq % 2)
                FROM seq_1_to_10000;
            """,
            database: database
        )
    }

    @Test(
        "batches hold at most the rows asked for, and all rows in all",
        arguments: [1, 63, 64, 1_000, 9_999, 50_000]
    )
    func batches(batchRows: Int) async throws {
        try makeNumbers()
        let query = ReadQuery(
            table: table,
            columns: [
                Field("id", .int32, isNullable: false), Field("word", .string), Field("flag", .boolean),
            ],
            order: ["id"],
            batchRows: batchRows
        )
        try await connector.withSession(for: source) { session in
            var next = 1
            for try await batch in try await session.rows(query, at: .snapshot) {
                #expect(batch.rowCount == min(batchRows, 10_001 - next))
                #expect(batch.schema == BatchSchema(query.columns))
                for row in [0, batch.rowCount / 2, batch.rowCount - 1] {
                    let number = next + row
                    #expect(batch.columns[0][row] == .integer(Int64(number)))
                    #expect(batch.columns[1][row] == (number % 3 == 0 ? .null : .string("word \(number)")))
                    #expect(batch.columns[2][row] == (number % 7 == 0 ? .null : .boolean(number % 2 == 1)))
                }
                next += batch.rowCount
            }
            #expect(next == 10_001)
        }
    }

    @Test("wide rows end a batch early", arguments: RowPath.allCases)
    func wideRows(path: RowPath) async throws {
        let (connector, source) = server.connector { $0.rowPath = path }
        try server.execute(
            "CREATE TABLE t (id INT, b LONGTEXT); INSERT INTO t SELECT seq, REPEAT('x', 20000000) FROM seq_1_to_4;",
            database: database
        )
        let query = ReadQuery(table: table, columns: [Field("id", .int32), Field("b", .string)])
        let counts = try await connector.withSession(for: source) { session in
            var counts: [Int] = []
            for try await batch in try await session.rows(query, at: .snapshot) {
                counts.append(batch.rowCount)
                guard case .bytes(let texts) = batch.columns[1].storage else { continue }
                #expect((0..<texts.count).allSatisfy { texts[$0].count == 20_000_000 })
            }
            return counts
        }
        #expect(counts == [2, 2])
    }

    @Test(
        "rows of several packets arrive whole",
        arguments: RowPath.allCases,
        [0xFF_FFFF - 10, 0xFF_FFFF - 5, 0xFF_FFFF, 2 * 0xFF_FFFF - 5, 40_000_000]
    )
    func hugeRows(path: RowPath, length: Int) async throws {
        let (connector, source) = server.connector { $0.rowPath = path }
        try server.execute(
            """
            CREATE TABLE t (id INT, b LONGBLOB);
            INSERT INTO t VALUES (1, CONCAT(REPEAT('a', \(length) - 1), 'z')), (2, 'b');
            """,
            database: database
        )
        let query = ReadQuery(
            table: table,
            columns: [Field("id", .int32), Field("b", .binary)],
            order: ["id"]
        )
        let expected = [UInt8](repeating: 0x61, count: length - 1) + [0x7A]
        try await connector.withSession(for: source) { session in
            var rows = 0
            for try await batch in try await session.rows(query, at: .snapshot) {
                for row in 0..<batch.rowCount {
                    guard case .binary(let bytes) = batch.columns[1][row] else { continue }
                    let isWhole = bytes == (rows == 0 ? expected : [0x62])
                    #expect(isWhole)
                    rows += 1
                }
            }
            #expect(rows == 2)
            #expect(try await session.signals().now > 0)
        }
    }

    @Test("a budget of rows holds for all sessions of a server, and a cancellation does not wait for it")
    func rowBudget() async throws {
        try makeNumbers()
        let (connector, source) = server.connector { $0.rowsPerSecond = 2_000 }
        let query = ReadQuery(
            table: table,
            columns: [Field("id", .int32)],
            filters: [RowFilter("id", .lessOrEqual, [.integer(1_500)])]
        )
        let clock = ContinuousClock()
        let begin = clock.now
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<4 {
                group.addTask {
                    try await connector.withSession(for: source) { session in
                        for try await _ in try await session.rows(query, at: .snapshot) {}
                        for try await _ in try await session.rows(query, at: .snapshot) {}
                    }
                }
            }
            try await group.waitForAll()
        }
        // Twelve thousand rows; the last pause of each session is not waited for.
        #expect(clock.now - begin > .seconds(3))
        let slow = server.connector { $0.rowsPerSecond = 1 }.0
        let task = Task {
            try await slow.withSession(for: source) { session in
                for try await _ in try await session.rows(query, at: .snapshot) {}
            }
        }
        try await Task.sleep(for: .milliseconds(700))
        task.cancel()
        let error = await #expect(throws: SourceError.self) { try await task.value }
        #expect(error?.code == .cancelled)
    }

    @Test("an empty result has no batch")
    func emptyResult() async throws {
        try makeNumbers()
        let found = try await ids(filters: [RowFilter("id", .less, [.integer(0)])])
        #expect(found.isEmpty)
    }

    @Test("a window takes its bound, everything after it, and rows without a cursor")
    func window() async throws {
        try server.execute(
            """
            CREATE TABLE t (id INT PRIMARY KEY, u TIMESTAMP(6) NULL, n BIGINT NULL, w DATETIME NULL) ENGINE=InnoDB;
            INSERT INTO t VALUES
                (1, '2024-10-27 00:59:59.999999', 10, '2024-01-01 00:00:00'),
                (2, '2024-10-27 01:00:00.000000', 11, '2024-01-01 00:00:01'),
                (3, '2024-10-27 01:00:00.000000', 11, '2024-01-01 00:00:01'),
                (4, '2024-10-27 01:00:00.000001', 12, '2024-01-01 00:00:02'),
                (5, NULL, NULL, NULL);
            """,
            database: database
        )
        // 01:00:00 UTC, when clocks in Paris show 02:00 for the second time.
        let instant: Int64 = 1_729_990_800_000_000
        #expect(
            try await ids(window: CursorWindow(column: "u", type: .timestamp, lowerBound: instant)) == [
                2, 3, 4, 5,
            ]
        )
        #expect(
            try await ids(
                window: CursorWindow(
                    column: "u",
                    type: .timestamp,
                    lowerBound: instant + 1,
                    includesNulls: false
                )
            ) == [4]
        )
        #expect(
            try await ids(window: CursorWindow(column: "n", type: .int64, lowerBound: 11)) == [2, 3, 4, 5]
        )
        let wall: Int64 = 1_704_067_201_000_000
        #expect(
            try await ids(window: CursorWindow(column: "w", type: .timestampNTZ, lowerBound: wall)) == [
                2, 3, 4, 5,
            ]
        )
        #expect(
            try await ids(
                window: CursorWindow(column: "w", type: .timestampNTZ, lowerBound: -62_135_596_800_000_000)
            )
                == [1, 2, 3, 4, 5]
        )
    }

    @Test("a zero date is no cursor value: such rows belong to every window")
    func zeroCursor() async throws {
        try server.execute(
            """
            CREATE TABLE t (id INT PRIMARY KEY, u TIMESTAMP NOT NULL, w DATETIME NOT NULL) ENGINE=InnoDB;
            INSERT INTO t VALUES (1, 0, 0), (2, '2024-01-01', '2024-01-01');
            """,
            database: database
        )
        for (column, type) in [("u", ColumnType.timestamp), ("w", .timestampNTZ)] {
            let window = CursorWindow(column: column, type: type, lowerBound: 1_800_000_000_000_000)
            #expect(try await ids(window: window) == [1])
        }
    }

    @Test(
        "filters compare as the server does",
        arguments: [
            ([RowFilter("word", .equal, [.string("word 4")])], [4]),
            ([RowFilter("word", .equal, [.string("x' OR '1'='1")])], []),
            ([RowFilter("word", .like, [.string("word 1000%")])], [1000, 10_000]),
            ([RowFilter("id", .oneOf, [.integer(3), .integer(5)])], [3, 5]),
            ([RowFilter("id", .lessOrEqual, [.integer(4)]), RowFilter("word", .isNotNull)], [1, 2, 4]),
            ([RowFilter("id", .less, [.integer(10)]), RowFilter("word", .isNull)], [3, 6, 9]),
            (
                [
                    RowFilter("id", .less, [.double(5.5)]),
                    RowFilter("id", .noneOf, [.integer(2), .integer(3)]),
                    RowFilter("id", .notEqual, [.integer(1)]),
                ], [4, 5]
            ),
            ([RowFilter("id", .greaterOrEqual, [.integer(9_999)])], [9_999, 10_000]),
            ([RowFilter("id", .greater, [.decimal(99_995, scale: 1)])], [10_000]),
            ([RowFilter("flag", .equal, [.boolean(true)]), RowFilter("id", .less, [.integer(4)])], [1, 3]),
        ]
    )
    func filters(filters: [RowFilter], expected: [Int64]) async throws {
        try makeNumbers()
        #expect(try await ids(filters: filters) == expected)
    }

    @Test(
        "a filter that makes no sense is refused",
        arguments: [
            RowFilter("id", .oneOf), RowFilter("id", .equal), RowFilter("id", .equal, [.null]),
            RowFilter("id", .isNull, [.integer(1)]), RowFilter("id", .less, [.integer(1), .integer(2)]),
        ]
    )
    func refusesFilters(filter: RowFilter) async throws {
        let error = await #expect(throws: SourceError.self) { try await ids(filters: [filter]) }
        #expect(error?.code == .invalid)
        #expect(error?.column == "id")
    }

    @Test("a name cannot end its quotes")
    func quotesNames() async throws {
        try server.execute(
            "CREATE TABLE `t``; DROP` (`a`` b` INT); INSERT INTO `t``; DROP` VALUES (8);",
            database: database
        )
        let query = ReadQuery(
            table: TableName(database: database, table: "t`; DROP"),
            columns: [Field("a` b", .int32)],
            order: ["a` b"]
        )
        let values = try await connector.withSession(for: source) { session in
            var values: [ColumnValue] = []
            for try await batch in try await session.rows(query, at: .snapshot) {
                values += batch.columns[0].values
            }
            return values
        }
        #expect(values == [.integer(8)])
    }

    @Test(
        "a missing column or table is named as such, and the session goes on",
        arguments: [ReadConsistency.snapshot, .uncommitted]
    )
    func missingNames(consistency: ReadConsistency) async throws {
        try makeNumbers()
        let good = ReadQuery(
            table: table,
            columns: [Field("id", .int32)],
            filters: [RowFilter("id", .equal, [.integer(7)])]
        )
        let bad = [
            ReadQuery(table: table, columns: [Field("absent", .int32)], filters: good.filters),
            ReadQuery(table: TableName(database: database, table: "absent"), columns: [Field("id", .int32)]),
        ]
        try await connector.withSession(for: source) { session in
            for query in bad {
                let error = await #expect(throws: SourceError.self) {
                    _ = try await session.rows(query, at: consistency)
                }
                #expect(error?.code == .missing)
                #expect(error?.table == query.table)
                let found = try await Self.ids(session, good, consistency)
                #expect(found == [7])
            }
        }
    }

    @Test("all reads of a snapshot see one state, until it is ended")
    func snapshotIsOneState() async throws {
        try server.execute(
            "CREATE TABLE t (id INT PRIMARY KEY) ENGINE=InnoDB; INSERT INTO t VALUES (1);",
            database: database
        )
        let query = ReadQuery(table: table, columns: [Field("id", .int32)], order: ["id"])
        let writer = try MariaDBClient(server, database: database)
        try await connector.withSession(for: source) { session in
            #expect(try await Self.ids(session, query) == [1])
            try writer.execute("INSERT INTO t VALUES (2); BEGIN; INSERT INTO t VALUES (3)")
            #expect(try await Self.ids(session, query) == [1])
            #expect(try await Self.ids(session, query, .uncommitted) == [1, 2, 3])
            try await session.endSnapshot()
            #expect(try await Self.ids(session, query) == [1, 2])
        }
    }

    @Test(
        "an iteration that stops early leaves a session that can be used",
        arguments: [ReadConsistency.snapshot, .uncommitted]
    )
    func stopsEarly(consistency: ReadConsistency) async throws {
        try makeNumbers()
        let query = ReadQuery(table: table, columns: [Field("id", .int32)], order: ["id"], batchRows: 10)
        try await connector.withSession(for: source) { session in
            for try await batch in try await session.rows(query, at: consistency) {
                #expect(batch.columns[0][9] == .integer(10))
                break
            }
            #expect(try await Self.ids(session, query, consistency).count == 10_000)
        }
    }

    private func ids(window: CursorWindow? = nil, filters: [RowFilter] = []) async throws -> [Int64] {
        let query = ReadQuery(
            table: table,
            columns: [Field("id", .int32)],
            window: window,
            filters: filters,
            order: ["id"]
        )
        return try await connector.withSession(for: source) { try await Self.ids($0, query) }
    }

    private static func ids(
        _ session: MariaDBSession,
        _ query: ReadQuery,
        _ consistency: ReadConsistency = .snapshot
    ) async throws -> [Int64] {
        var ids: [Int64] = []
        for try await batch in try await session.rows(query, at: consistency) {
            for case .integer(let id) in batch.columns[0].values { ids.append(id) }
        }
        return ids
    }
}
#endif
