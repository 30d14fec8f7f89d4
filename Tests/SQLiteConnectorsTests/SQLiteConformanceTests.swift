#if SQLite
import ConnectorTestKit
import Testing

@Suite("SQLiteConnector conforms") struct SQLiteConformanceTests {
    static let instants = ConnectorConformance(SQLiteTestBed(), effort: effort)
    static let wallClocks = ConnectorConformance(SQLiteTestBed(kind: .wallClocks), effort: effort)

    private static var effort: ConformanceEffort {
        var effort = ConformanceEffort(histories: 4)
        effort.crashStride = 7
        effort.shrinkingPlays = 60
        return effort
    }

    @Test("with instants", arguments: instants.properties)
    func conforms(_ property: ConnectorProperty<SQLiteTestBed>) async throws {
        try await Self.instants.check(property)
    }

    @Test(
        "with wall clocks and tables without row ids",
        arguments: wallClocks.properties.filter {
            ["K05", "K06", "K07", "K10", "K24a", "K26", "K32"].contains($0.id)
        }
    )
    func conformsWithWallClocks(_ property: ConnectorProperty<SQLiteTestBed>) async throws {
        try await Self.wallClocks.check(property)
    }
}
#endif
