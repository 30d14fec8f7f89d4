import ColumnBatches
import StagedChanges
import Testing

@Suite("PatchRule") struct PatchRuleTests {
    static let fields = [
        Field("id", .int64), Field("amount", .decimal(precision: 10, scale: 2)), Field("email", .string),
        Field("born", .date), Field("weight", .double), Field("active", .boolean), Field("seen", .timestamp),
    ]

    static func batch(_ rows: [[ColumnValue]]) -> ColumnBatch {
        let columns = fields.indices.map { index in
            var builder = ColumnBuilder(fields[index].type)
            for row in rows { builder.append(row[index]) }
            return builder.finish()
        }
        return ColumnBatch(schema: BatchSchema(fields), columns: columns, rowCount: rows.count)
    }

    static let rows: [[ColumnValue]] = [
        [
            .integer(1), .decimal(-250, scale: 2), .string(" Ada@Example.ORG "), .date(0), .double(1.5),
            .boolean(true), .timestamp(5),
        ],
        [.integer(2), .decimal(1000, scale: 2), .null, .null, .null, .boolean(false), .null],
    ]

    private func apply(_ json: [String]) throws -> ([[ColumnValue]], PatchReplay) {
        let rules = try json.map { try PatchRule(json: $0) }
        var replay = try PatchReplay(rules: rules, fields: Self.fields, keys: ["id"])
        let batch = try replay.apply(Self.batch(Self.rows))
        return ((0..<batch.rowCount).map { batch.row($0) }, replay)
    }

    @Test(
        "expressions and conditions of every kind",
        arguments: [
            (
                #""set": {"email": {"lower": {"trim": {"column": "email"}}}}"#, 0, 2,
                ColumnValue.string("ada@example.org")
            ),
            (
                #""where": [{"column":"amount","op":"<","value":0}], "set": {"amount": 0}"#, 0, 1,
                .decimal(0, scale: 2)
            ),
            (
                #""where": [{"column":"amount","op":"<","value":0}], "set": {"amount": 0}"#, 1, 1,
                .decimal(1000, scale: 2)
            ),
            (
                #""set": {"amount": {"multiply": [{"column": "amount"}, 1.10]}}"#, 1, 1,
                .decimal(1100, scale: 2)
            ),
            (
                #""set": {"amount": {"add": [{"column": "amount"}, {"column": "id"}]}}"#, 1, 1,
                .decimal(1200, scale: 2)
            ),
            (#""set": {"amount": {"subtract": [{"column": "amount"}, 0.5]}}"#, 1, 1, .decimal(950, scale: 2)),
            (#""set": {"email": {"coalesce": [{"column": "email"}, "none"]}}"#, 1, 2, .string("none")),
            (#""set": {"email": {"concat": ["c", {"column": "id"}, "@x.org"]}}"#, 1, 2, .string("c2@x.org")),
            (
                #""set": {"email": {"upper": {"replace": [{"column": "email"}, "@", " at "]}}}"#, 0, 2,
                .string(" ADA AT EXAMPLE.ORG ")
            ),
            (
                #""where": [{"column":"born","op":"is null"}], "set": {"born": "1999-12-31"}"#, 1, 3,
                .date(10_956)
            ),
            (
                #""where": [{"column":"email","op":"like","value":"%@Ex_mple%"}], "set": {"active": false}"#,
                0, 5, .boolean(false)
            ),
            (
                #""where": [{"column":"id","op":"in","values":[2, 3]}], "set": {"weight": 7}"#, 1, 4,
                .double(7)
            ),
            (
                #""where": [{"column":"id","op":"not in","values":[2]}], "set": {"seen": "2024-01-01T00:00:00Z"}"#,
                0, 6, .timestamp(1_704_067_200_000_000)
            ),
            (
                #""where": [{"column":"weight","op":">=","value":1.5},{"column":"active","op":"=","value":true}], "set": {"email": null}"#,
                0, 2, .null
            ),
        ] as [(String, Int, Int, ColumnValue)]
    )
    func evaluate(body: String, row: Int, column: Int, wanted: ColumnValue) throws {
        let json =
            (body.hasPrefix(#""where""#) ? #"{"table":"s.t","# : #"{"table":"s.t","where":[],"#) + body + "}"
        let (rows, _) = try apply([json])
        #expect(rows[row][column] == wanted)
        let rule = try PatchRule(json: json)
        #expect(try PatchRule(json: rule.json) == rule)
    }

    @Test("later rules see what earlier ones set; a rule that changes nothing is not counted")
    func order() throws {
        let (rows, replay) = try apply([
            #"{"id":"a","table":"s.t","where":[{"column":"email","op":"is null"}],"set":{"email":"X"}}"#,
            #"{"id":"b","table":"s.t","where":[{"column":"email","op":"=","value":"X"}],"set":{"email":{"lower":{"column":"email"}}}}"#,
            #"{"id":"c","table":"s.t","where":[],"set":{"id2":1}}"#.replacing("id2", with: "weight"),
        ])
        #expect(rows[1][2] == .string("x"))
        #expect(replay.patched.values.map(\.rules).contains(["a", "b", "c"]))
    }

    @Test("a rule about one row holds while its source does, and goes stale with it")
    func staleness() throws {
        let source = Self.batch(Self.rows)
        let digest = SourceDigest(source, row: 0)
        var rule = PatchRule(schema: "s", table: "t", id: "one")
        (rule.region, rule.client) = ("eu", "1")
        rule.target = .row(key: ["id": .integer(1)], digest: digest)
        rule.set = ["email": .value(.string("fixed"))]
        #expect(try PatchRule(json: rule.json) == rule)
        var replay = try PatchReplay(rules: [rule], fields: Self.fields, keys: ["id"])
        #expect(try replay.apply(source).row(0)[2] == .string("fixed"))
        #expect(replay.stale.isEmpty && replay.patched.values.first?.digest == digest)
        var changed = Self.rows
        changed[0][4] = .double(2)
        #expect(try replay.apply(Self.batch(changed)).row(0)[2] == changed[0][2])
        #expect(replay.stale == ["one"])
    }

    @Test("a digest does not depend on missing columns nor on the order of columns")
    func digest() {
        let batch = Self.batch(Self.rows)
        let digest = SourceDigest(batch, row: 1)
        let fewer = batch.selecting(["active", "amount", "id"])
        #expect(SourceDigest(fewer, row: 1) == digest)
        #expect(SourceDigest(batch, row: 0) != digest)
    }

    @Test(
        "what makes no sense is refused with the place",
        arguments: [
            (#"{"table":"t","where":[],"set":{"email":"x"}}"#, "SCHEMA.TABLE"),
            (#"{"table":"s.t","set":{"email":"x"}}"#, "either"),
            (#"{"table":"s.t","where":[],"set":{}}"#, "no column"),
            (#"{"table":"s.t","where":[],"sett":{}}"#, "sett"),
            (#"{"table":"s.t","where":[{"column":"id","op":"~","value":1}],"set":{"email":"x"}}"#, "none of"),
            (#"{"table":"s.t","where":[{"column":"id","op":"="}],"set":{"email":"x"}}"#, "does not take"),
            (#"{"table":"s.t","where":[],"set":{"email":{"loower":"x"}}}"#, "loower"),
            (#"{"table":"s.t","where":[],"set":{"nowhere":"x"}}"#, "no such column"),
            (#"{"table":"s.t","where":[],"set":{"id":5}}"#, "key"),
            (#"{"table":"s.t","where":[],"set":{"amount":"1.234"}}"#, "no value of type"),
            (#"{"table":"s.t","where":[],"set":{"born":"soon"}}"#, "no value of type"),
            (#"{"table":"s.t","row":{"key":{"id":1},"digest":"00"},"set":{"email":"x"}}"#, "region"),
            (
                #"{"table":"s.t","region":"eu","client":1,"row":{"key":{"id":1},"digest":"00"},"set":{"email":"x"}}"#,
                "32 digits"
            ),
        ]
    )
    func refused(json: String, reason: String) {
        #expect {
            _ = try apply([json])
        } throws: { error in
            "\(error)".contains(reason)
        }
    }
}
