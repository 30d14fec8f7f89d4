import ColumnBatches
import DeltaTables
import Testing

@Suite("Predicates in SQL") struct PredicateTests {
    static let schema = TableSchema(fields: [
        Field("id", .int64), Field("Text", .string), Field("d", .decimal(precision: 9, scale: 2)),
        Field("x", .float),
        Field("day", .date), Field("at", .timestamp), Field("b", .boolean), Field("a.b", .int32),
    ])

    static let texts: [(String, Predicate)] = [
        ("id = 5", .equal("id", .integer(5))), ("5 < ID", .greater("id", .integer(5))),
        (
            "id <> -5 and text >= 'a'",
            .and([.compare("id", .notEqual, .integer(-5)), .greaterOrEqual("Text", .string("a"))])
        ),
        ("d = 1.5 or x < 1e3", .or([.equal("d", .decimal(15, scale: 1)), .less("x", .float(1000))])),
        ("not (day >= '1970-01-02')", .not(.greaterOrEqual("day", .date(1)))),
        ("day = DATE '1970-01-02'", .equal("day", .date(1))),
        ("at > TIMESTAMP '1970-01-01 00:00:01'", .greater("at", .timestamp(1_000_000))),
        (
            "id IN (1, 2) AND text IS NOT NULL",
            .and([.isIn("id", [.integer(1), .integer(2)]), .not(.isNull("Text"))])
        ),
        (
            "id between 1 and 3",
            .and([.greaterOrEqual("id", .integer(1)), .compare("id", .lessOrEqual, .integer(3))])
        ),
        ("b", .equal("b", .boolean(true))), ("true", .and([])), ("`a.b` = 1", .equal("a.b", .integer(1))),
        ("id <=> null", .isNull("id")),
    ]

    @Test("a text is read as a predicate", arguments: texts)
    func reads(text: String, predicate: Predicate) throws {
        #expect(try Predicate(sql: text, of: Self.schema) == predicate)
    }

    @Test(
        "what is no predicate of the table is refused",
        arguments: [
            "", "id", "id = 'x'", "other = 1", "id = text", "length(text) = 1", "id + 1 = 2", "day = ''",
            "id = 1.5",
        ]
    )
    func refuses(text: String) {
        #expect(throws: DeltaTableError.self) { try Predicate(sql: text, of: Self.schema) }
    }
}
