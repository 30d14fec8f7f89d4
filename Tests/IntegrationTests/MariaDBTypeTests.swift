#if MariaDB
import ColumnBatches
@testable import MariaDBConnectors
import SourceConnectors
import Testing

/// A column declared in MariaDB, with literals and the values that they must become.
struct MariaDBTypeCase: Sendable, CustomTestStringConvertible {
    var declaration: String
    var type: ColumnType
    var values: [(literal: String, value: ColumnValue)]

    var testDescription: String { declaration }

    init(_ declaration: String, _ type: ColumnType, _ values: [(literal: String, value: ColumnValue)]) {
        self.declaration = declaration
        self.type = type
        self.values = values
    }

    static let all: [MariaDBTypeCase] = integers + numbers + times + texts

    static let integers = [
        MariaDBTypeCase("TINYINT", .int8, [("-128", .integer(-128)), ("127", .integer(127))]),
        MariaDBTypeCase("TINYINT UNSIGNED", .int16, [("0", .integer(0)), ("255", .integer(255))]),
        MariaDBTypeCase("TINYINT(1)", .int8, [("-1", .integer(-1)), ("1", .integer(1)), ("7", .integer(7))]),
        MariaDBTypeCase("SMALLINT", .int16, [("-32768", .integer(-32_768)), ("32767", .integer(32_767))]),
        MariaDBTypeCase("SMALLINT UNSIGNED", .int32, [("65535", .integer(65_535))]),
        MariaDBTypeCase("MEDIUMINT", .int32, [("-8388608", .integer(-8_388_608))]),
        MariaDBTypeCase("MEDIUMINT UNSIGNED", .int32, [("16777215", .integer(16_777_215))]),
        MariaDBTypeCase("INT", .int32, [("-2147483648", .integer(-2_147_483_648)), ("7", .integer(7))]),
        MariaDBTypeCase("INT(8) UNSIGNED ZEROFILL", .int64, [("4294967295", .integer(4_294_967_295))]),
        MariaDBTypeCase("BIGINT", .int64, [("-9223372036854775808", .integer(.min)), ("1", .integer(1))]),
        MariaDBTypeCase(
            "BIGINT UNSIGNED",
            .decimal(precision: 20, scale: 0),
            [
                ("18446744073709551615", .decimal(18_446_744_073_709_551_615, scale: 0)),
                ("0", .decimal(0, scale: 0)),
            ]
        ),
        MariaDBTypeCase("YEAR", .int16, [("0", .integer(0)), ("2155", .integer(2155))]),
        MariaDBTypeCase("BIT(1)", .boolean, [("b'1'", .boolean(true)), ("b'0'", .boolean(false))]),
        MariaDBTypeCase("BIT(10)", .int64, [("b'1000000001'", .integer(513))]),
        MariaDBTypeCase(
            "BIT(64)",
            .decimal(precision: 20, scale: 0),
            [("~0", .decimal(18_446_744_073_709_551_615, scale: 0))]
        ),
    ]

    static let numbers = [
        MariaDBTypeCase(
            "DECIMAL(12,2)",
            .decimal(precision: 12, scale: 2),
            [("-9999999999.99", .decimal(-999_999_999_999, scale: 2)), ("0.05", .decimal(5, scale: 2))]
        ),
        MariaDBTypeCase(
            "DECIMAL(18,0)",
            .decimal(precision: 18, scale: 0),
            [("-999999999999999999", .decimal(-999_999_999_999_999_999, scale: 0))]
        ),
        MariaDBTypeCase(
            "DECIMAL(18,18) UNSIGNED",
            .decimal(precision: 18, scale: 18),
            [("0.999999999999999999", .decimal(999_999_999_999_999_999, scale: 18))]
        ),
        MariaDBTypeCase(
            "DECIMAL(38,10)",
            .decimal(precision: 38, scale: 10),
            [
                (
                    "9999999999999999999999999999.9999999999",
                    .decimal(99_999_999_999_999_999_999_999_999_999_999_999_999, scale: 10)
                ),
                ("-0.0000000001", .decimal(-1, scale: 10)),
            ]
        ),
        MariaDBTypeCase(
            "DECIMAL(38,38)",
            .decimal(precision: 38, scale: 38),
            [
                ("-0.00000000000000000000000000000000000007", .decimal(-7, scale: 38)),
                ("0", .decimal(0, scale: 38)),
            ]
        ),
        MariaDBTypeCase(
            "FLOAT",
            .float,
            [("16777217", .float(16_777_216)), ("3.4028234e38", .float(3.4028235e38))]
        ),
        MariaDBTypeCase(
            "DOUBLE",
            .double,
            [("0.1", .double(0.1)), ("1.7976931348623157e308", .double(1.7976931348623157e308))]
        ),
    ]

    static let times = [
        MariaDBTypeCase(
            "DATE",
            .date,
            [
                ("'1970-01-01'", .date(0)), ("'0001-01-01'", .date(-719_162)),
                ("'9999-12-31'", .date(2_932_896)),
                ("'2024-02-29'", .date(19_782)), ("'1000-01-01'", .date(-354_285)),
            ]
        ),
        MariaDBTypeCase(
            "DATETIME(6)",
            .timestampNTZ,
            [
                ("'1969-12-31 23:59:59.999999'", .timestampNTZ(-1)),
                ("'2024-02-29 12:34:56.123456'", .timestampNTZ(1_709_210_096_123_456)),
                ("'9999-12-31 23:59:59'", .timestampNTZ(253_402_300_799_000_000)),
                ("'2024-03-01'", .timestampNTZ(1_709_251_200_000_000)),
            ]
        ),
        MariaDBTypeCase(
            "DATETIME",
            .timestampNTZ,
            [("'2024-10-27 02:30:00'", .timestampNTZ(1_729_996_200_000_000))]
        ),
        MariaDBTypeCase(
            "TIMESTAMP(6) NULL",
            .timestamp,
            [
                ("'1970-01-01 00:00:01'", .timestamp(1_000_000)),
                ("'2038-01-19 03:14:07.999999'", .timestamp(2_147_483_647_999_999)),
                ("'2024-10-27 00:30:00'", .timestamp(1_729_989_000_000_000)),
                ("'2024-10-27 01:30:00'", .timestamp(1_729_992_600_000_000)),
            ]
        ),
        MariaDBTypeCase(
            "TIME(6)",
            .int64,
            [
                ("'-838:59:59'", .integer(-3_020_399_000_000)),
                ("'838:59:59.999999'", .integer(3_020_399_999_999)),
                ("'-00:00:00.25'", .integer(-250_000)), ("'00:00:00'", .integer(0)),
            ]
        ),
    ]

    static let texts = [
        MariaDBTypeCase(
            "VARCHAR(40) CHARACTER SET utf8mb4",
            .string,
            [("'héllo 😀'", .string("héllo 😀")), ("''", .string("")), ("'trail  '", .string("trail  "))]
        ),
        MariaDBTypeCase("VARCHAR(40) CHARACTER SET latin1", .string, [("'héllo €'", .string("héllo €"))]),
        MariaDBTypeCase(
            "VARCHAR(40) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin",
            .string,
            [("'Aé'", .string("Aé"))]
        ),
        MariaDBTypeCase("CHAR(6)", .string, [("'ab    '", .string("ab"))]),
        MariaDBTypeCase(
            "LONGTEXT",
            .string,
            [("REPEAT('zü', 50000)", .string(String(repeating: "zü", count: 50_000)))]
        ),
        MariaDBTypeCase(
            "TINYTEXT",
            .string,
            [("REPEAT('x', 251)", .string(String(repeating: "x", count: 251)))]
        ),
        MariaDBTypeCase("ENUM('a','bé','')", .string, [("'bé'", .string("bé")), ("0", .string(""))]),
        MariaDBTypeCase("SET('x','y','z')", .string, [("'z,x'", .string("x,z")), ("''", .string(""))]),
        MariaDBTypeCase("JSON", .string, [("'{\"a\": [1, 2]}'", .string("{\"a\": [1, 2]}"))]),
        MariaDBTypeCase(
            "UUID",
            .string,
            [("'123E4567-e89b-12d3-a456-426655440000'", .string("123e4567-e89b-12d3-a456-426655440000"))]
        ),
        MariaDBTypeCase("INET6", .string, [("'2001:DB8::FF00:42:8329'", .string("2001:db8::ff00:42:8329"))]),
        MariaDBTypeCase("INET4", .string, [("'10.0.0.1'", .string("10.0.0.1"))]),
        MariaDBTypeCase("BINARY(4)", .binary, [("x'0102'", .binary([1, 2, 0, 0]))]),
        MariaDBTypeCase("VARBINARY(16)", .binary, [("x'00FF'", .binary([0, 255])), ("''", .binary([]))]),
        MariaDBTypeCase("MEDIUMBLOB", .binary, [("x'00FF0A'", .binary([0, 255, 10]))]),
        MariaDBTypeCase(
            "POINT",
            .binary,
            [
                (
                    "POINT(1,2)",
                    .binary([
                        0, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xF0, 0x3F, 0, 0, 0, 0, 0, 0, 0, 0x40,
                    ])
                )
            ]
        ),
    ]
}

@Suite("MariaDB types", .enabled(if: MariaDBServer.isInstalled, "mariadbd is not installed"))
struct MariaDBTypeTests {
    @Test(
        "every value arrives as it is, by the fast way and the portable one",
        arguments: MariaDBTypeCase.all
    )
    func valuesArrive(type: MariaDBTypeCase) async throws {
        let server = try MariaDBServer.running()
        let database = try server.makeDatabase()
        let rows = (type.values.map(\.literal) + ["NULL"]).enumerated().map {
            "(\($0.offset), \($0.element))"
        }
        try server.execute(
            """
            CREATE TABLE t (id INT PRIMARY KEY, c \(type.declaration));
            INSERT INTO t VALUES \(rows.joined(separator: ", "));
            """,
            database: database
        )
        let name = TableName(database: database, table: "t")
        let expected = type.type
        for path in RowPath.allCases {
            let (connector, source) = server.connector { $0.rowPath = path }
            let values = try await connector.withSession(for: source) { session in
                let table = try await session.describe(name)
                #expect(table?.column("c")?.type == expected)
                let query = ReadQuery(table: name, columns: [Field("c", expected)], order: ["id"])
                var values: [ColumnValue] = []
                for try await batch in try await session.rows(query, at: .snapshot) {
                    values += batch.columns[0].values
                }
                return values
            }
            #expect(values == type.values.map(\.value) + [.null], "\(path)")
        }
    }

    @Test(
        "a wider type of the lake holds the values of a narrower column",
        arguments: [
            ("TINYINT UNSIGNED", "255", ColumnType.int64, ColumnValue.integer(255)),
            ("SMALLINT", "-7", .int32, .integer(-7)),
            ("INT", "-7", .int64, .integer(-7)),
            (
                "INT UNSIGNED", "4294967295", .decimal(precision: 12, scale: 1),
                .decimal(42_949_672_950, scale: 1)
            ),
            ("BIGINT", "-9", .decimal(precision: 38, scale: 2), .decimal(-900, scale: 2)),
            ("DECIMAL(5,2)", "-1.25", .decimal(precision: 9, scale: 4), .decimal(-12_500, scale: 4)),
            ("DECIMAL(18,2)", "0.01", .decimal(precision: 30, scale: 3), .decimal(10, scale: 3)),
            ("DECIMAL(65,2)", "7.25", .string, .string("7.25")),
            ("FLOAT", "1.5", .double, .double(1.5)),
            ("INT", "3", .double, .double(3)),
            ("TINYINT(1)", "1", .boolean, .boolean(true)),
            ("YEAR", "2024", .int32, .integer(2024)),
        ]
    )
    func widens(declaration: String, literal: String, type: ColumnType, value: ColumnValue) async throws {
        #expect(try await read(declaration, literal, as: Field("c", type)) == [value])
    }

    @Test(
        "a type that cannot hold every value is refused by name",
        arguments: [
            ("INT UNSIGNED", "1", ColumnType.int32), ("BIGINT UNSIGNED", "1", .int64),
            ("BIGINT", "1", .int32),
            ("DECIMAL(12,2)", "1", .decimal(precision: 12, scale: 1)),
            ("DECIMAL(12,2)", "1", .decimal(precision: 12, scale: 3)),
            ("DECIMAL(39,2)", "1", .decimal(precision: 38, scale: 2)),
            ("DOUBLE", "1", .float), ("DATETIME", "'2024-01-01'", .timestamp),
            ("TIMESTAMP NULL", "'2024-01-01'", .timestampNTZ), ("BLOB", "'a'", .string),
            ("TEXT", "'a'", .binary),
            ("BIT(2)", "1", .boolean), ("BIGINT", "1", .double),
        ]
    )
    func refuses(declaration: String, literal: String, type: ColumnType) async throws {
        let error = await #expect(throws: SourceError.self) {
            try await read(declaration, literal, as: Field("c", type))
        }
        #expect(error?.code == .unsupportedType)
        #expect(error?.column == "c")
        #expect(error?.message.contains(type.description) == true)
    }

    @Test("a boolean made of a small integer takes 0 and 1 only")
    func refusesOtherBooleans() async throws {
        let error = await #expect(throws: SourceError.self) {
            try await read("TINYINT(1)", "-1", as: Field("c", .boolean))
        }
        #expect(error?.code == .unrepresentableValue)
    }

    @Test(
        "a date that no calendar has is missing and counted, kept as text, or refused, as the policy says",
        arguments: [
            ("DATE", "'0000-00-00'", ColumnType.date), ("DATE", "'2024-00-00'", .date),
            ("DATE", "'2024-02-00'", .date), ("DATETIME(6)", "'0000-00-00 00:00:00'", .timestampNTZ),
            ("DATETIME", "'2024-00-07 12:00:00'", .timestampNTZ), ("TIMESTAMP NULL", "0", .timestamp),
            ("DATE", "'0000-03-01'", .date),
        ]
    )
    func impossibleDates(declaration: String, literal: String, type: ColumnType) async throws {
        let nulls = try await readByPolicy(declaration, [literal])
        #expect(nulls.type == type && nulls.values == [.null])
        #expect(nulls.notices == [ValueNotice(column: "c", rule: "impossibleDates: null", count: 1)])
        let texts = try await readByPolicy(declaration, [literal, "NULL"]) { $0.impossibleDates = .text }
        #expect(texts.type == .string)
        #expect(texts.values == [.string(texts.server[0]), .null])
        #expect(texts.notices == [ValueNotice(column: "c", rule: "impossibleDates: text", count: 1)])
        let error = await #expect(throws: SourceError.self) {
            try await readByPolicy(declaration, [literal]) { $0.impossibleDates = .fail }
        }
        #expect(error?.code == .unrepresentableValue && error?.column == "c")
        #expect(error?.message.contains("impossibleDates") == true)
    }

    @Test(
        "times kept as text are what the server writes",
        arguments: [
            ("DATE", ["'2024-02-29'", "'0001-01-01'", "'9999-12-31'"]),
            ("DATETIME", ["'2024-02-29 12:34:56'", "'1000-01-01'"]),
            ("DATETIME(3)", ["'2024-02-29 12:34:56.789'", "'2024-02-29'"]),
            ("TIMESTAMP(6) NULL", ["'2024-10-27 00:30:00.000001'", "'1970-01-01 00:00:01'"]),
            ("TIME", ["'-838:59:59'", "'838:59:59'", "'25:00:00'", "'00:00:00'", "'-00:00:01'"]),
            ("TIME(2)", ["'-00:00:00.25'", "'100:00:00.99'", "'00:00:00'"]),
            ("TIME(6)", ["'838:59:59.999999'", "'-00:00:00.000001'"]),
        ]
    )
    func timesAsText(declaration: String, literals: [String]) async throws {
        let read = try await readByPolicy(declaration, literals + ["NULL"]) {
            $0.impossibleDates = .text
            $0.durations = .text
        }
        #expect(read.type == .string)
        #expect(read.values == read.server.dropLast().map { .string($0) } + [.null])
        #expect(read.notices.isEmpty)
    }

    @Test("decimals of more than 38 digits are text with every digit, or refused by name")
    func wideDecimals() async throws {
        let digits = "-12345678901234567890123456789012345.123456789012345678901234567891"
        let read = try await readByPolicy("DECIMAL(65,30)", [digits, "0.5"])
        #expect(read.type == .string)
        #expect(read.values == [.string(digits), .string("0.500000000000000000000000000000")])
        let column = try await describe("DECIMAL(65,30)") { $0.wideDecimals = .fail }
        #expect(column.type == nil)
        #expect(column.refusal?.contains("wideDecimals") == true)
        #expect(try await describe("DECIMAL(38,30)") { $0.wideDecimals = .fail }.refusal == nil)
    }

    @Test("a small integer is a boolean on demand, and then only 0 and 1")
    func smallBooleans() async throws {
        let read = try await readByPolicy("TINYINT(1)", ["0", "1", "NULL"]) { $0.tinyint1 = .boolean }
        #expect(read.type == .boolean && read.values == [.boolean(false), .boolean(true), .null])
        #expect(try await describe("TINYINT(4)") { $0.tinyint1 = .boolean }.type == .int8)
        let error = await #expect(throws: SourceError.self) {
            try await readByPolicy("TINYINT(1)", ["2"]) { $0.tinyint1 = .boolean }
        }
        #expect(error?.column == "c")
    }

    @Test("a geometry loses its reference system only where it has none")
    func geometries() async throws {
        let read = try await readByPolicy("POINT", ["POINT(1,2)"]) { $0.geometries = .wkb }
        let point: [UInt8] = [1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xF0, 0x3F, 0, 0, 0, 0, 0, 0, 0, 0x40]
        #expect(read.values == [.binary(point)])
        let error = await #expect(throws: SourceError.self) {
            try await readByPolicy("POINT", ["ST_GeomFromText('POINT(1 2)', 4326)"]) { $0.geometries = .wkb }
        }
        #expect(error?.message.contains("geometries") == true)
    }

    @Test("a wall clock of a declared distance from UTC is an instant")
    func wallClocks() async throws {
        let read = try await readByPolicy("DATETIME(6)", ["'1970-01-01 02:00:00.5'", "NULL"]) {
            $0.wallClockOffset = .seconds(7_200)
        }
        #expect(read.type == .timestamp && read.values == [.timestamp(500_000), .null])
        let error = await #expect(throws: SourceError.self) {
            try await readByPolicy("DATETIME", ["'0001-01-01 00:30:00'"]) {
                $0.wallClockOffset = .seconds(3_600)
            }
        }
        #expect(error?.code == .unrepresentableValue)
    }

    @Test("generated, invisible and versioned columns are columns; only rows of now are read")
    func unusualColumns() async throws {
        let server = try MariaDBServer.running()
        let database = try server.makeDatabase()
        try server.execute(
            """
            CREATE TABLE t (id INT PRIMARY KEY, a INT, v INT AS (a * 2) VIRTUAL, p INT AS (a + 1) PERSISTENT,
                h INT INVISIBLE DEFAULT 7, s TIMESTAMP(6) GENERATED ALWAYS AS ROW START,
                e TIMESTAMP(6) GENERATED ALWAYS AS ROW END, PERIOD FOR SYSTEM_TIME (s, e)) WITH SYSTEM VERSIONING;
            INSERT INTO t (id, a) VALUES (1, 10), (2, NULL), (3, 1);
            UPDATE t SET a = 20 WHERE id = 1;
            DELETE FROM t WHERE id = 3;
            """,
            database: database
        )
        let (connector, source) = server.connector()
        let name = TableName(database: database, table: "t")
        let rows = try await connector.withSession(for: source) { session in
            let table = try #require(try await session.describe(name))
            #expect(table.columns.map(\.name) == ["id", "a", "v", "p", "h", "s", "e"])
            #expect(table.cursorCandidates.allSatisfy { !$0.isServerSet || !$0.isAutomatic })
            #expect(table.cursorCandidates.filter(\.isServerSet).map(\.column) == ["s"])
            let fields = table.columns.compactMap { column in column.type.map { Field(column.name, $0) } }
            var rows: [[ColumnValue]] = []
            for try await batch in try await session.rows(
                ReadQuery(table: name, columns: fields, order: ["id"]),
                at: .snapshot
            ) {
                for row in 0..<batch.rowCount { rows.append(batch.columns.prefix(5).map { $0[row] }) }
            }
            return rows
        }
        #expect(
            rows == [
                [.integer(1), .integer(20), .integer(40), .integer(21), .integer(7)],
                [.integer(2), .null, .null, .null, .integer(7)],
            ]
        )
    }

    @Test("texts of every character set of the server arrive as UTF-8")
    func characterSets() async throws {
        let server = try MariaDBServer.running()
        let sets = try server.execute(
            "SELECT CHARACTER_SET_NAME FROM information_schema.CHARACTER_SETS WHERE CHARACTER_SET_NAME <> 'binary'"
        ).split(separator: "\n").map(String.init)
        #expect(sets.count > 30)
        let text = "Az09 !"
        for set in sets {
            let read = try await readByPolicy("VARCHAR(40) CHARACTER SET \(set)", ["'\(text)'", "''"])
            #expect(read.values == [.string(text), .string("")], "\(set)")
        }
        for (set, text) in [
            ("cp1251", "Привет"), ("koi8r", "Привет"), ("greek", "Αθήνα"), ("hebrew", "שלום"),
            ("latin2", "łódź"),
            ("sjis", "日本語ｱ"), ("cp932", "日本語～①"), ("ujis", "日本語"), ("euckr", "한국어"), ("gbk", "汉语"),
            ("big5", "漢語"),
            ("utf16", "😀é"), ("utf32", "😀é"), ("ucs2", "é漢"), ("utf16le", "😀é"), ("utf8mb3", "é漢"),
            ("tis620", "ไทย"),
        ] {
            let read = try await readByPolicy("TEXT CHARACTER SET \(set)", ["'\(text)'"])
            #expect(read.values == [.string(text)], "\(set)")
        }
    }

    private struct ReadByPolicy: Sendable {
        var type: ColumnType?
        var values: [ColumnValue] = []
        var notices: [ValueNotice] = []
        /// The values as the server itself writes them.
        var server: [String] = []
    }

    private func readByPolicy(
        _ declaration: String,
        _ literals: [String],
        _ change: (inout ValuePolicy) -> Void = { _ in }
    ) async throws -> ReadByPolicy {
        var policies = ValuePolicies()
        change(&policies.common)
        let server = try MariaDBServer.running()
        let database = try server.makeDatabase()
        let rows = literals.enumerated().map { "(\($0.offset), \($0.element))" }.joined(separator: ", ")
        try server.execute(
            "CREATE TABLE t (id INT PRIMARY KEY, c \(declaration)); INSERT INTO t VALUES \(rows);",
            database: database
        )
        let written = try server.execute("SELECT CONCAT(c) FROM t ORDER BY id", database: database)
        let (connector, source) = server.connector()
        let name = TableName(database: database, table: "t")
        return try await connector.withSession(for: source) { [policies] session in
            var read = ReadByPolicy()
            read.server = written.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
            if read.server.last == "" { read.server.removeLast() }
            read.type = try await session.describe(name, policies: policies)?.column("c")?.type
            let field = Field("c", try #require(read.type))
            let query = ReadQuery(table: name, columns: [field], order: ["id"], policies: policies)
            for try await batch in try await session.rows(query, at: .snapshot) {
                read.values += batch.columns[0].values
            }
            read.notices = await session.takeNotices()
            return read
        }
    }

    private func describe(
        _ declaration: String,
        _ change: (inout ValuePolicy) -> Void
    ) async throws -> ColumnDescription {
        var policies = ValuePolicies()
        change(&policies.common)
        let server = try MariaDBServer.running()
        let database = try server.makeDatabase()
        try server.execute("CREATE TABLE t (id INT PRIMARY KEY, c \(declaration))", database: database)
        let (connector, source) = server.connector()
        return try await connector.withSession(for: source) { [policies] session in
            let name = TableName(database: database, table: "t")
            return try #require(try await session.describe(name, policies: policies)?.column("c"))
        }
    }

    @Test("a missing value in a column without missing values is refused")
    func refusesUnexpectedNulls() async throws {
        let error = await #expect(throws: SourceError.self) {
            try await read("INT", "NULL", as: Field("c", .int32, isNullable: false))
        }
        #expect(error?.code == .unrepresentableValue)
        #expect(error?.column == "c")
    }

    private func read(
        _ declaration: String,
        _ literal: String,
        as field: Field,
        _ change: (inout MariaDBConnection) -> Void = { _ in }
    ) async throws -> [ColumnValue] {
        let server = try MariaDBServer.running()
        let database = try server.makeDatabase()
        try server.execute(
            "CREATE TABLE t (id INT PRIMARY KEY, c \(declaration)); INSERT INTO t VALUES (1, \(literal));",
            database: database
        )
        let (connector, source) = server.connector(change)
        return try await connector.withSession(for: source) { session in
            let query = ReadQuery(table: TableName(database: database, table: "t"), columns: [field])
            var values: [ColumnValue] = []
            for try await batch in try await session.rows(query, at: .snapshot) {
                values += batch.columns[0].values
            }
            return values
        }
    }
}
#endif
