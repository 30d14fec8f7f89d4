#if MariaDB
import ColumnBatches
import MariaDBConnectors
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
    @Test("every value arrives as it is", arguments: MariaDBTypeCase.all)
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
        let (connector, source) = server.connector()
        let name = TableName(database: database, table: "t")
        let expected = type.type
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
        #expect(values == type.values.map(\.value) + [.null])
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
        "a date that the calendar lacks is refused, or read as missing on demand",
        arguments: [
            ("DATE", "'0000-00-00'", ColumnType.date), ("DATE", "'2024-00-00'", .date),
            ("DATE", "'2024-02-00'", .date), ("DATETIME(6)", "'0000-00-00 00:00:00'", .timestampNTZ),
            ("DATETIME", "'2024-00-07 12:00:00'", .timestampNTZ), ("TIMESTAMP NULL", "0", .timestamp),
        ]
    )
    func zeroDates(declaration: String, literal: String, type: ColumnType) async throws {
        let error = await #expect(throws: SourceError.self) {
            try await read(declaration, literal, as: Field("c", type))
        }
        #expect(error?.code == .unrepresentableValue)
        #expect(error?.column == "c")
        let nulls = try await read(declaration, literal, as: Field("c", type)) { $0.zeroDates = .null }
        #expect(nulls == [.null])
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
