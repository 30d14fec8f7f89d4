#if MariaDB
import ColumnBatches
import MariaDBConnectors
import SourceConnectors
import Testing

/// The server's digests against those computed from the rows it sends.
@Suite("MariaDBSession.digests", .enabled(if: MariaDBServer.isInstalled, "mariadbd is not installed"))
struct MariaDBDigestTests {
    @Test("the server's digests are those of the rows it sends", arguments: MariaDBTypeCase.all)
    func types(declared: MariaDBTypeCase) async throws {
        let nullable = declared.declaration.hasPrefix("TIMESTAMP") ? " NULL" : ""
        var literals = declared.values.map(\.literal)
        if !declared.declaration.contains("NOT NULL") { literals.append("NULL") }
        let rows = literals.enumerated().map { "(\($0), \($1))" }.joined(separator: ", ")
        try await check(
            "c \(declared.declaration)\(nullable)",
            "INSERT INTO t VALUES \(rows)",
            columns: [Field("c", declared.type)]
        )
    }

    @Test("floats of every size have the same text on both sides")
    func floats() async throws {
        var generator = SystemRandomNumberGenerator()
        var rows: [String] = []
        for number in 0..<4000 {
            let bits = UInt64.random(in: .min ... .max, using: &generator)
            let any = Double(bitPattern: bits)
            let usual = Double(Int64(bitPattern: bits) >> Int64.random(in: 0..<64, using: &generator)) / 1000
            let power = Double(
                sign: .plus,
                exponent: Int.random(in: -70..<70, using: &generator),
                significand: 1
            )
            let decimal = "\(bits % 1000)e\(Int.random(in: -25..<25, using: &generator))"
            let text =
                number % 4 == 0 && any.isFinite
                ? "\(any)" : number % 4 == 1 ? "\(usual)" : number % 4 == 2 ? "\(power)" : decimal
            rows.append(
                "(\(number), \(text.contains("e") ? text : text + "e0"), \(number % 3 == 0 ? "1e-3" : "\(Float(usual))\("\(Float(usual))".contains("e") ? "" : "e0")"))"
            )
        }
        rows.append(
            "(5000, -0e0, -0e0), (5001, 999999999999999e0, 1e15), (5002, 1e15, 1e16), (5003, 1e-14, 1e-15)"
        )
        try await check(
            "c DOUBLE NULL, f FLOAT NULL",
            "INSERT IGNORE INTO t VALUES \(rows.joined(separator: ", "))",
            columns: [Field("c", .double), Field("f", .float)]
        )
    }

    @Test("columns of several character sets and wider lake types have the same text on both sides")
    func charsets() async throws {
        try await check(
            """
            l VARCHAR(20) CHARACTER SET latin1 COLLATE latin1_german2_ci NULL, u TEXT CHARACTER SET utf16 NULL,
            g VARCHAR(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL, k CHAR(5) CHARACTER SET cp1251 NULL,
            d DECIMAL(10,2) UNSIGNED ZEROFILL NULL, i SMALLINT ZEROFILL NULL, b BINARY(4) NULL
            """,
            """
            INSERT INTO t VALUES (1, 'Grüße', 'Ж𝄞', '🚚', 'Ж', 1.5, 7, 'ab'),
                (2, NULL, '', 'a\\0b', 'x', 0, 0, x'00ff00ff'), (3, '', NULL, '', NULL, NULL, NULL, NULL)
            """,
            columns: [
                Field("l", .string), Field("u", .string), Field("g", .string), Field("k", .string),
                Field("d", .decimal(precision: 20, scale: 5)), Field("i", .int64), Field("b", .binary),
            ]
        )
    }

    @Test("a selection of buckets reads exactly their rows")
    func buckets() async throws {
        let server = try MariaDBServer.running()
        let database = try server.makeDatabase()
        try server.execute(
            "CREATE TABLE t (a INT, b VARCHAR(9), c TIME(3), PRIMARY KEY (a, b)); INSERT INTO t "
                + "SELECT seq, CONCAT('k', seq % 7), SEC_TO_TIME(-seq / 8) FROM seq_1_to_2000",
            database: database
        )
        let (connector, source) = server.connector()
        let rule = BucketRule(keys: ["a", "b"], count: 64)
        var query = ReadQuery(
            table: TableName(database: database, table: "t"),
            columns: [Field("c", .int64), Field("b", .string), Field("a", .int32)]
        )
        try await connector.withSession(for: source) { session in
            let all = try await session.digests(of: query, by: rule, at: .snapshot)
            #expect(all.rowCount == 2000)
            query.buckets = BucketSelection(rule: rule, numbers: [3, 17, 60])
            var some = BucketDigests(rule: rule)
            for try await batch in try await session.rows(query, at: .snapshot) { some.add(batch) }
            #expect(some.rowCount > 0)
            #expect(all.differing(from: some).count == 61)
        }
    }

    @Test("values that are read by a policy have the same text on both sides")
    func policies() async throws {
        var policies = ValuePolicies()
        policies.columns["g"] = ValuePolicy()
        policies.columns["g"]?.geometries = .wkb
        policies.columns["w"] = ValuePolicy()
        policies.columns["w"]?.wallClockOffset = .seconds(-5 * 3600 - 1800)
        for column in ["t", "d", "n", "x"] {
            policies.columns[column] = ValuePolicy()
            policies.columns[column]?.durations = .text
            policies.columns[column]?.impossibleDates = .text
        }
        try await check(
            """
            g POINT NULL, h POINT NULL, w DATETIME(3) NULL, t TIME(2) NULL, d DATETIME(4) NULL, n DATE NULL,
            x DECIMAL(60,5) NULL, z DATE NULL
            """,
            """
            INSERT INTO t VALUES (1, POINT(1,2), ST_GeomFromText('POINT(1 2)', 4326), '2024-02-29 23:59:59.999',
                '-838:59:58.25', '2024-00-07 12:00:00.1234', '0000-00-00', -0.00001, '0000-00-00'),
                (2, NULL, NULL, '2024-01-01', '00:00:01', '2024-01-02', '2024-01-02', 1e50, '2024-02-00')
            """,
            columns: [
                Field("g", .binary), Field("h", .binary), Field("w", .timestamp), Field("t", .string),
                Field("d", .string), Field("n", .string), Field("x", .string), Field("z", .date),
            ],
            policies: policies
        )
    }

    private func check(
        _ columns: String,
        _ insert: String,
        columns fields: [Field],
        policies: ValuePolicies = ValuePolicies()
    ) async throws {
        let server = try MariaDBServer.running()
        let database = try server.makeDatabase()
        try server.execute(
            "CREATE TABLE t (id INT PRIMARY KEY, \(columns)) CHARACTER SET utf8mb4;\n\(insert)",
            database: database
        )
        let (connector, source) = server.connector()
        let query = ReadQuery(
            table: TableName(database: database, table: "t"),
            columns: [Field("id", .int32)] + fields,
            policies: policies
        )
        let rule = BucketRule(keys: ["id"], count: 4096)
        try await connector.withSession(for: source) { session in
            let theirs = try await session.digests(of: query, by: rule, at: .snapshot)
            var mine = BucketDigests(rule: rule)
            var values: [Int: [ColumnValue]] = [:]
            for try await batch in try await session.rows(query, at: .snapshot) {
                mine.add(batch)
                for (row, bucket) in rule.buckets(of: batch).enumerated() { values[bucket] = batch.row(row) }
            }
            #expect(theirs.rowCount == mine.rowCount && mine.rowCount > 0)
            let differing = mine.differing(from: theirs)
            #expect(differing.isEmpty, "\(differing.prefix(5).map { "\(values[$0] ?? [])" })")
        }
    }
}
#endif
