import ColumnBatches
import DeltaLog
import DeltaTables
import ObjectStores
import Testing

@Suite("Rules of rows") struct RowRuleTests {
    static let fields = [
        Field("region", .string), Field("n", .int64), Field("d", .decimal(precision: 9, scale: 2)),
        Field("x", .double), Field("s", .string), Field("day", .date), Field("b", .boolean),
        Field("o", .structure([Field("i", .int32)])),
    ]
    static let row: [ColumnValue] = [
        .string("eu"), .integer(7), .decimal(1250, scale: 2), .double(0.5), .string("it's 100%"),
        .date(19_000),
        .boolean(true), .structure([.integer(3)]),
    ]
    static let nothing: [ColumnValue] = Array(repeating: .null, count: 8)

    static let holding: [String] = [
        "n > 0", "n = 7 AND d = 12.5", "d >= 12 and d <= 12.50", "x < n", "n % 2 = 1", "n * 2 + 1 == 15",
        "-n < -6.5", "s LIKE 'it%100_'", "s = 'it\\'s 100%'", "s = \"it's 100%\"", "s is not null",
        "NOT (n IN (1, 2, 3))",
        "n BETWEEN 7 AND 8", "n NOT BETWEEN 8 AND 9", "day >= '2022-01-08'", "day < DATE '2022-01-09'", "b",
        "b = true",
        "b is true", "o.i = 3", "`o`.`i` <=> 3", "length(s) = 9", "upper(region) = 'EU'",
        "region in ('eu', 'us')",
        "abs(-n) = 7", "n > 100 OR (n < 10 AND (s <> 'a'))", "(n) >= (7)", "N = 7", "n <> 8 and n != 9",
        "d + n = 19.5", "d * 2 = 25", "x * 2 = 1e0", "n NOT IN (8)",
    ]
    static let breaking: [String] = [
        "n > 7", "n = 7 AND d = 12.51", "s LIKE 'it_100'", "n IN (1, NULL)", "NOT b", "o.i is null",
        "n = NULL",
        "day > '2022-01-08'", "region = 'us'", "s NOT LIKE '%'",
    ]
    static let unknown: [String] = [
        "", "n >", "n > 5L", "f(n) > 1", "n / 2 = 3", "CASE WHEN n > 1 THEN true END", "n > (SELECT 1)",
        "n @ 2",
        "s RLIKE 'a'", "n > 1 ;", "'open", "cast(n as string) = '7'", "s LIKE 'a\\\\%'", "interval 1 day > n",
        String(repeating: "(", count: 500) + "n" + String(repeating: ")", count: 500),
    ]

    static func table(_ settings: [String: String], _ fields: [Field] = fields) async throws -> DeltaTable {
        let table = DeltaTable(store: MemoryObjectStore(), path: "t")
        let schema = TableSchema(fields: fields, partitionColumns: ["region"])
        _ = try await table.create(schema: schema, configuration: settings)
        return table
    }

    @Test("a row that keeps the rule is written", arguments: holding)
    func holds(rule: String) async throws {
        let table = try await Self.table(["delta.constraints.c": rule])
        #expect(
            try await table.append(rows: [AlterationTests.batch(Self.fields, [Self.row, Self.row])]).version
                == 1
        )
    }

    @Test("a row that breaks the rule, or of which it is not known, is not written", arguments: breaking)
    func breaks(rule: String) async throws {
        let table = try await Self.table(["delta.constraints.c": rule])
        let error = await #expect(throws: DeltaTableError.self) {
            _ = try await table.append(rows: [AlterationTests.batch(Self.fields, [Self.row])])
        }
        #expect(error?.code == .constraintViolated)
        #expect(error?.message.contains("rule c: \(rule)") == true)
        #expect(try await table.store.list("t/", after: nil).count == 1)
    }

    @Test("a missing value breaks a rule about it")
    func missing() async throws {
        let table = try await Self.table(["delta.constraints.c": "n > 0"])
        await #expect(throws: DeltaTableError.self) {
            _ = try await table.append(rows: [AlterationTests.batch(Self.fields, [Self.row, Self.nothing])])
        }
    }

    @Test("a table with a rule that is not understood is not written to", arguments: unknown)
    func notUnderstood(rule: String) async throws {
        let table = try await Self.table(["delta.constraints.odd": rule])
        let error = await #expect(throws: DeltaLogError.self) {
            _ = try await table.delete(where: .isNull("n"))
        }
        #expect(error?.code == .unsupportedFeature)
        #expect(error?.message.contains("odd") == true)
        await #expect(throws: DeltaLogError.self) {
            _ = try await table.append(rows: [AlterationTests.batch(Self.fields, [Self.row])])
        }
        #expect(try await DeltaTableTests.rows(table) == [])
    }

    @Test(
        "a rule that compares what cannot be compared is no silent pass",
        arguments: ["n > 'abc'", "b > 1", "s + 1 > 2", "n"]
    )
    func mismatch(rule: String) async throws {
        let table = try await Self.table(["delta.constraints.c": rule])
        await #expect(throws: DeltaTableError.self) {
            _ = try await table.append(rows: [AlterationTests.batch(Self.fields, [Self.row])])
        }
    }

    @Test(
        "a rule is added when all rows keep it, and holds for every way of writing",
        arguments: RowEditTests.markSettings
    )
    func added(settings: [String: String]) async throws {
        let table = try await MaintenanceTests.makeTable(settings)
        let refused = await #expect(throws: DeltaTableError.self) {
            _ = try await table.alter([.addConstraint("small", "id < 40")])
        }
        #expect(refused?.code == .constraintViolated)
        _ = try await table.alter([
            .addConstraint("small", "id < 50"), .addConstraint("where", "region <> 'xx'"),
        ])
        #expect(try await table.snapshot().protocol.writerFeatures?.contains("checkConstraints") == true)
        await #expect(throws: DeltaTableError.self) {
            _ = try await table.append(DeltaTableTests.batch([(50, nil)]), partition: ["region": "eu"])
        }
        await #expect(throws: DeltaTableError.self) {
            _ = try await table.append(DeltaTableTests.batch([(1, nil)]), partition: ["region": "xx"])
        }
        await #expect(throws: DeltaTableError.self) {
            _ = try await table.update(where: .equal("id", .integer(3)), set: ["id": .integer(99)])
        }
        await #expect(throws: DeltaTableError.self) {
            _ = try await table.overwrite(with: [RowEditTests.whole([("eu", 51, nil)])])
        }
        #expect(try await MaintenanceTests.ids(table) == Array(0..<50))
        _ = try await table.alter([.dropConstraint("small")])
        _ = try await table.append(DeltaTableTests.batch([(50, nil)]), partition: ["region": "eu"])
    }

    @Test("columns that must have values have them, nested ones too")
    func required() async throws {
        let inner = Field("i", .int32, isNullable: false)
        let fields = [
            Field("region", .string, isNullable: false), Field("n", .int64, isNullable: false),
            Field("o", .structure([inner])),
            Field("l", .list(element: Field("element", .int32, isNullable: false))),
        ]
        let table = try await Self.table([:], fields)
        let good: [ColumnValue] = [
            .string("eu"), .integer(1), .structure([.integer(1)]), .list([.integer(1)]),
        ]
        _ = try await table.append(
            rows: [AlterationTests.batch(fields, [good, [.string("eu"), .integer(1), .null, .null]])]
        )
        for (index, bad) in [
            (0, ColumnValue.null), (1, .null), (2, .structure([.null])), (3, .list([.integer(1), .null])),
        ] {
            var row = good
            row[index] = bad
            let error = await #expect(throws: DeltaTableError.self) {
                _ = try await table.append(rows: [AlterationTests.batch(fields, [good, row])])
            }
            #expect(error?.code == .constraintViolated)
            #expect(error?.column == ["region", "n", "o.i", "l.element"][index])
        }
        #expect(try await table.snapshot().version == 1)
        _ = try await table.alter([.makeNullable(["n"])])
        let schema = try table.schema(of: try await table.snapshot())
        _ = try await table.append(
            rows: [AlterationTests.batch(schema.fields, [[.string("eu"), .null, .null, .null]])]
        )
    }

    @Test("invariants of columns are kept")
    func invariants() async throws {
        let table = try await Self.table([:])
        let snapshot = try await table.snapshot()
        var metadata = snapshot.metadata
        metadata.schemaString = metadata.schemaString.replacingFirst(
            #"{"metadata":{},"name":"n""#,
            #"{"metadata":{"delta.invariants":"{\"expression\":{\"expression\":\"n > 5\"}}"},"name":"n""#
        )
        try await table.log.write([.metadata(metadata)], as: 1)
        _ = try await table.append(rows: [AlterationTests.batch(Self.fields, [Self.row])])
        var small = Self.row
        small[1] = .integer(5)
        await #expect(throws: DeltaTableError.self) {
            _ = try await table.append(rows: [AlterationTests.batch(Self.fields, [small])])
        }
    }
}

extension String {
    /// The text with the first place of a part replaced.
    func replacingFirst(_ part: String, _ other: String) -> String {
        guard let range = firstRange(of: part) else { return self }
        return replacingCharacters(range, other)
    }

    private func replacingCharacters(_ range: Range<String.Index>, _ other: String) -> String {
        String(self[..<range.lowerBound]) + other + String(self[range.upperBound...])
    }
}
