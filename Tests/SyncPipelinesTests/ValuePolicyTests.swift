import SourceConnectors
@testable import SyncPipelines
import Testing

@Suite("ValuePolicy in a configuration")
struct ValuePolicyTests {
    private func configuration(_ top: String, _ table: String) throws -> SyncConfiguration {
        try SyncConfiguration(
            json: """
                {"lake": "l", "schemas": {"s": {"database": "d"}}, \(top)
                 "tables": [{"schema": "s", "name": "t" \(table)}]}
                """
        )
    }

    @Test("a column's policy goes over the table's, and that over the one for all tables")
    func layers() throws {
        let configuration = try configuration(
            #""values": {"impossibleDates": "fail", "durations": "text"},"#,
            #", "values": {"impossibleDates": "null"}, "columnMap": {"Day": "tag"}, "#
                + #""columnValues": {"day": {"impossibleDates": "text"}, "at": {"wallClock": "-03:30"}}"#
        )
        let policies = configuration.tables[0].policies
        #expect(policies["other"].impossibleDates == .null && policies["other"].durations == .text)
        #expect(policies["TAG"].impossibleDates == .text && policies["TAG"].durations == .text)
        #expect(policies["at"].wallClockOffset == .seconds(-12_600))
        #expect(policies["day"] == policies["other"])
    }

    @Test(
        "a mistake is named with its place",
        arguments: [
            (#", "values": {"impossibleDates": "skip"}"#, "tables[0].values.impossibleDates"),
            (#", "values": {"zeroDates": "null"}"#, "tables[0].values.zeroDates"),
            (
                #", "columnValues": {"a": {"wallClock": "Europe/Paris"}}"#,
                "tables[0].columnValues.a.wallClock"
            ),
            (#", "columnValues": {"a": {"wallClock": "+2:00"}}"#, "tables[0].columnValues.a.wallClock"),
            (#", "columnValues": ["a"]"#, "tables[0].columnValues"),
        ]
    )
    func mistakes(table: String, path: String) throws {
        let error = #expect(throws: SyncError.self) { try configuration("", table) }
        #expect(error?.code == .invalidConfiguration && error?.path == path)
    }
}
