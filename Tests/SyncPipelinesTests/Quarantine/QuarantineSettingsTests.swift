import ColumnBatches
@testable import SyncPipelines
import Testing

@Suite("Quarantine in a configuration") struct QuarantineSettingsTests {
    private func table(_ defaults: String, _ table: String) throws -> TableTemplate {
        try SyncConfiguration(
            json: """
                {"lake": "l", "schemas": {"s": {"database": "d"}}, "defaults": {\(defaults)},
                 "tables": [{"schema": "s", "name": "t" \(table)}]}
                """
        ).tables[0]
    }

    @Test(
        "a table says its limits, or takes those of the defaults, or none",
        arguments: [
            ("", "", nil), ("", #", "quarantine": true"#, QuarantineSettings()),
            ("", #", "quarantine": {}"#, QuarantineSettings()),
            (
                "", #", "quarantine": {"maxRows": 5, "maxShare": 0.5}"#,
                QuarantineSettings(maximumRows: 5, maximumShare: 0.5)
            ),
            (#""quarantine": {"maxRows": 7}"#, "", QuarantineSettings(maximumRows: 7)),
            (#""quarantine": {"maxRows": 7}"#, #", "quarantine": false"#, nil),
        ] as [(String, String, QuarantineSettings?)]
    )
    func settings(defaults: String, own: String, wanted: QuarantineSettings?) throws {
        #expect(try table(defaults, own).quarantine == wanted)
    }

    @Test(
        "a mistake is named with its place and a way out",
        arguments: [
            (#"{"maxrows": 1}"#, "tables[0].quarantine.maxrows", "maxRows"),
            (#"{"maxRows": 0}"#, "tables[0].quarantine.maxRows", "nearest that is allowed is 1"),
            (#"{"maxShare": 2}"#, "tables[0].quarantine.maxShare", "0.01"),
            (#"{"maxShare": "a"}"#, "tables[0].quarantine.maxShare", "0.01"),
            (#""yes""#, "tables[0].quarantine", "true or false"),
        ]
    )
    func mistakes(json: String, path: String, hint: String) throws {
        let error = #expect(throws: SyncError.self) { try table("", ", \"quarantine\": \(json)") }
        #expect(error?.path == path && error?.message.contains(hint) == true, "\(error?.description ?? "")")
    }

    @Test(
        "a key is the same after it was written down",
        arguments: [
            (ColumnType.int64, ColumnValue.integer(.min)), (.string, .string("a \"b\" \u{1F}é")),
            (.string, .string("")), (.binary, .binary([0, 255, 10])), (.binary, .binary([])),
            (.decimal(precision: 20, scale: 2), .decimal(-1_234, scale: 2)), (.date, .date(19_000)),
            (.timestamp, .timestamp(1_700_000_000_123_456)), (.boolean, .boolean(true)),
            (.timestampNTZ, .timestampNTZ(1_700_000_000_000_000)), (.double, .double(0.1)),
        ]
    )
    func keys(type: ColumnType, value: ColumnValue) {
        let fields = [Field("id", type), Field("part", .int32)]
        let text = SourceKey.text([value, .integer(3)], fields: fields)
        #expect(SourceKey.values(text, fields: fields) == [value, .integer(3)], "\(text)")
        #expect(SourceKey.values(text, fields: [Field("other", type), Field("part", .int32)]) == nil)
    }
}
