#if MariaDB
import ColumnBatches
@testable import MariaDBConnectors
import SourceConnectors
import Testing
import Tributary

@Suite(
    "MariaDB values that cannot be represented",
    .enabled(if: MariaDBServer.isInstalled, "mariadbd is not installed")
)
struct MariaDBQuarantineTests {
    private static let policy: ValuePolicy = {
        var policy = ValuePolicy()
        policy.impossibleDates = .fail
        policy.tinyint1 = .boolean
        policy.geometries = .wkb
        policy.wallClockOffset = .seconds(3_600)
        return policy
    }()

    /// Declarations, a value that is good, one that is not, and the rule it is against.
    private static let cases = [
        ("DATE", "'2024-02-29'", "'0000-00-00'", "impossibleDates: fail"),
        ("DATE", "'2024-02-29'", "'2024-02-00'", "impossibleDates: fail"),
        ("TIMESTAMP(3) NULL", "'2024-02-29'", "0", "impossibleDates: fail"),
        ("DATETIME", "'2024-02-29'", "'0001-01-01 00:30:00'", "wallClock"),
        ("TINYINT(1)", "1", "7", "tinyint1: boolean"),
        ("POINT", "POINT(1,2)", "ST_GeomFromText('POINT(1 2)', 4326)", "geometries: wkb"),
    ]

    @Test(
        "a value is named and missing where the query sets it aside, by every way of reading",
        arguments: cases
    )
    func setAside(declaration: String, good: String, bad: String, rule: String) async throws {
        let server = try MariaDBServer.running()
        let database = try server.makeDatabase()
        try server.execute(
            """
            CREATE TABLE t (id INT PRIMARY KEY, a VARCHAR(9) NOT NULL, c \(declaration), z INT);
            INSERT INTO t VALUES (1, 'x', \(good), 1), (2, 'y', \(bad), 2), (3, 'x', NULL, 3), (4, 'z', \(good), 4);
            """,
            database: database
        )
        let name = TableName(database: database, table: "t")
        let policies = ValuePolicies(common: Self.policy)
        for path in RowPath.allCases {
            let (connector, source) = server.connector { $0.rowPath = path }
            try await connector.withSession(for: source) { session in
                let table = try #require(try await session.describe(name, policies: policies))
                let fields = try table.columns.map { Field($0.name, try #require($0.type)) }
                var query = ReadQuery(
                    table: name,
                    columns: fields,
                    order: ["id"],
                    batchRows: 3,
                    policies: policies
                )
                query.setsDefectsAside = true
                var batches: [ColumnBatch] = []
                for try await batch in try await session.rows(query, at: .snapshot) { batches.append(batch) }
                #expect(batches.map(\.rowCount) == [3, 1], "\(path)")
                #expect(batches[0].columns[3].values == [.integer(1), .integer(2), .integer(3)])
                #expect(batches[0].columns[1].values == [.string("x"), .string("y"), .string("x")])
                #expect((0..<3).map { batches[0].columns[2].isNull($0) } == [false, true, true])
                #expect(!batches[1].columns[2].isNull(0) && batches[1].defects.isEmpty)
                #expect(batches[0].defects.map(\.row) == [1] && batches[0].defects[0].column == "c")
                #expect(batches[0].defects[0].rule == rule)
            }
        }
    }

    private func pipeline(_ server: MariaDBServer, _ database: String, _ store: any ObjectStore)
        -> SyncPipeline<MariaDBConnector>
    {
        var template = TableTemplate(schema: "shop", name: "orders", cursor: .column("changed"))
        template.values.impossibleDates = .fail
        template.values.tinyint1 = .boolean
        template.quarantine = QuarantineSettings()
        return server.pipeline(of: template, database: database, to: store)
    }

    private func states(_ store: any ObjectStore) async throws -> [String: String] {
        let entries = try await QuarantineTable(store: store).entries()
        return Dictionary(uniqueKeysWithValues: entries.map { ($0.key, "\($0.column) \($0.state)") })
    }

    private func ids(_ store: any ObjectStore) async throws -> Set<ColumnValue> {
        let table = DeltaTable(store: store, path: "shop/orders")
        var ids: Set<ColumnValue> = []
        for try await batch in try table.rows(of: try await table.snapshot(), columns: ["id"]) {
            ids.formUnion(batch.columns[0].values)
        }
        return ids
    }

    @Test(
        "a zero date and a boolean of 7 are set aside, come in as they change, and are replayed by their keys"
    )
    func pipeline() async throws {
        let server = try MariaDBServer.running()
        let database = try server.makeDatabase()
        try server.execute(
            """
            CREATE TABLE orders (id BIGINT UNSIGNED PRIMARY KEY, born DATE, paid TINYINT(1),
                changed TIMESTAMP(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6), KEY (changed));
            INSERT INTO orders (id, born, paid) SELECT seq, '2024-01-01', 1 FROM seq_1_to_50;
            UPDATE orders SET born = '0000-00-00' WHERE id = 3;
            UPDATE orders SET paid = 7 WHERE id IN (4, 5);
            UPDATE orders SET born = '0000-00-00' WHERE id = 6;
            """,
            database: database
        )
        let store: any ObjectStore = MemoryObjectStore()
        let pipeline = pipeline(server, database, store)
        let all = TaskSelection(regions: .all)
        #expect(try await pipeline.prepare(all).succeeded)
        let first = try await pipeline.run(all)
        #expect(first.succeeded && first.tasks[0].rowsQuarantined == 4, "\(first.text)")
        #expect(try await ids(store).count == 46)
        #expect(
            try await states(store) == [
                "{\"id\":\"3\"}": "born open", "{\"id\":\"4\"}": "paid open", "{\"id\":\"5\"}": "paid open",
                "{\"id\":\"6\"}": "born open",
            ]
        )
        let found = try await pipeline.verify(all)
        #expect(found.isEqual && found.tasks[0].counts == ["quarantined": 4], "\(found.text)")

        try server.execute(
            """
            UPDATE orders SET born = '2024-05-05' WHERE id = 3;
            UPDATE orders SET paid = 0, changed = changed WHERE id = 4;
            DELETE FROM orders WHERE id = 5;
            """,
            database: database
        )
        let replayed = try await pipeline.replayQuarantine(all)
        #expect(replayed.succeeded && replayed.tasks[0].rowsRead == 3, "\(replayed.text)")
        #expect(
            try await states(store) == [
                "{\"id\":\"3\"}": "born cured", "{\"id\":\"4\"}": "paid cured", "{\"id\":\"5\"}": "paid gone",
                "{\"id\":\"6\"}": "born open",
            ]
        )
        try server.execute("UPDATE orders SET born = '2024-06-06' WHERE id = 6", database: database)
        #expect(try await pipeline.run(all).succeeded)
        #expect(try await states(store)["{\"id\":\"6\"}"] == "born cured")
        #expect(try await ids(store).count == 49)
        let equal = try await pipeline.verify(all)
        #expect(equal.isEqual && equal.tasks[0].counts["quarantined"] == nil, "\(equal.text)")
    }
}
#endif
