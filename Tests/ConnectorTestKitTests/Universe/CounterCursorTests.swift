import ColumnBatches
import ConnectorTestKit
import Logging
import ObjectStores
import SourceConnectors
import SyncPipelines
import Testing

/// Tables whose cursor is a counter, brought by the pipeline from a simulated server.
@Suite("counters as cursors") struct CounterCursorTests {
    private let database = SimulatedDatabase()
    private let lake = MemoryObjectStore()
    private let name = TableName(database: "shop", table: "events")

    private static let counter = CursorCandidate(
        column: "id",
        type: .int64,
        fractionalDigits: 0,
        isIndexed: true,
        isServerSet: true
    )
    private static let timestamp = CursorCandidate(
        column: "changed_at",
        type: .timestamp,
        fractionalDigits: 6,
        isIndexed: true,
        isServerSet: true
    )

    init() { create([Self.counter]) }

    private func create(_ candidates: [CursorCandidate]) {
        database.createTable(
            TableDescription(
                name: name,
                columns: [
                    ColumnDescription(name: "id", type: .int64, sourceType: "bigint", isNullable: false),
                    ColumnDescription(name: "note", type: .string, sourceType: "text", isNullable: true),
                    ColumnDescription(
                        name: "changed_at",
                        type: .timestamp,
                        sourceType: "timestamp(6)",
                        isNullable: false
                    ),
                ],
                primaryKey: ["id"],
                cursorCandidates: candidates.bestFirst()
            )
        )
    }

    private func pipeline(_ change: (inout TableTemplate) -> Void = { _ in })
        -> SyncPipeline<SimulatedConnector>
    {
        var template = TableTemplate(schema: "shop", name: "events", cursor: .column("id"))
        template.write = .append
        change(&template)
        var configuration = SyncConfiguration(
            lake: "lake",
            schemas: ["shop": SchemaSettings(database: "shop")],
            tables: [template]
        )
        configuration.limits.attempts = 1
        return SyncPipeline(
            configuration: configuration,
            roster: Roster(entries: [RosterEntry(client: "1", region: "eu", connection: "db")]),
            connector: SimulatedConnector(databases: ["db": database]),
            lake: lake,
            logger: Logger(label: "counters") { _ in SwiftLogNoOpLogHandler() }
        )
    }

    private func run(_ change: (inout TableTemplate) -> Void = { _ in }) async throws -> TaskReport {
        let pipeline = pipeline(change)
        let prepared = try await pipeline.prepare(SimulatedFleet.all)
        #expect(prepared.succeeded, "\(prepared.tables.compactMap(\.error))")
        return try #require(try await pipeline.run(SimulatedFleet.all).tasks.first)
    }

    private func put(_ count: Int = 1, in transaction: Int? = nil) {
        // The number is the server's; as it is the key as well, rows carry it from the start.
        for _ in 0..<count {
            let row: [ColumnValue] = [.null, .string("note"), .timestamp(database.now)]
            database.put([row], into: name, in: transaction)
        }
    }

    @Test("appended rows are proven, from the first run on")
    func proven() async throws {
        put(3)
        let first = try await run()
        #expect(first.rowsInserted == 3 && first.guarantee == "proven" && first.markNumber == 4)
        #expect(first.mark == database.now)
        put(2)
        database.moveClock(1_000_000)
        let second = try await run()
        #expect(second.rowsRead == 2 && second.rowsInserted == 2 && second.markNumber == 6)
        let status = try #require(try await pipeline().status(SimulatedFleet.all).first)
        #expect(status.mark == database.now && status.guarantee == "proven")
    }

    @Test("a transaction that commits late is not passed by, and one that is rolled back leaves a hole")
    func lateCommit() async throws {
        put(2)
        _ = try await run()
        database.moveClock(1_000_000)
        database.begin(0)
        put(1, in: 0)
        put(1)
        database.moveClock(1_000_000)
        let held = try await run()
        #expect(held.rowsInserted == 1 && held.markNumber == 3 && held.markHeldBy == "transaction 0")
        database.commit(0)
        database.begin(1)
        put(5, in: 1)
        database.rollBack(1)
        let free = try await run()
        #expect(free.rowsInserted == 1 && free.markNumber == 10 && free.markHeldBy == nil)
    }

    @Test("where rows are to be upserted only a comparison tells of changes, and the plan says why")
    func upsert() async throws {
        put(2)
        let report = try await run { $0.write = .upsert }
        #expect(report.guarantee == "digestOnly" && report.rowsInserted == 2)
        let plan = try await pipeline { $0.write = .upsert }.plan(SimulatedFleet.all)
        let task = try #require(plan.tasks.first)
        #expect(task.guarantee == "digestOnly")
        #expect(task.lints.contains { $0.code == "cursor.counter" && $0.message.contains("changed later") })
    }

    @Test("limited signals are never called proven")
    func limited() async throws {
        put(2)
        database.setLimitations(["no privilege"])
        #expect(try await run().guarantee?.hasPrefix("bounded") == true)
        put(2)
        database.moveClock(60_000_000)
        let second = try await run()
        #expect(second.guarantee == "bounded(60 s)" && second.markNumber == 3 && second.rowsInserted == 2)
    }

    @Test("a counter that was reset is noticed, and everything is read again")
    func reset() async throws {
        put(5)
        _ = try await run { $0.write = .upsert }
        database.remove(from: name) { _ in true }
        database.setCounter(of: name, to: 1)
        put(2)
        let report = try await run { $0.write = .upsert }
        #expect(report.rowsRead == 2 && report.markNumber == 3 && report.guarantee == "digestOnly")
        #expect(report.warnings.contains { $0.contains("it was reset") })
        put(1)
        #expect(try await run { $0.write = .upsert }.rowsRead == 1)
    }

    @Test("by itself a counter is chosen for appended rows alone, and never before a timestamp")
    func automatic() async throws {
        put(1)
        #expect(try await run { $0.cursor = .automatic }.markNumber == 2)
        create([Self.counter, Self.timestamp])
        let both = try await pipeline { $0.cursor = .automatic }.prepare(SimulatedFleet.all)
        #expect(both.tables.first?.changes == "cursor changed_at")
        create([Self.counter])
        let upsert = try await pipeline { ($0.cursor, $0.write) = (.automatic, .upsert) }
            .prepare(SimulatedFleet.all)
        #expect(upsert.tables.first?.changes?.hasPrefix("none") == true)
    }

    @Test("what needs times or shows changes is refused with what to write instead")
    func refused() async throws {
        put(1)
        let pipeline = pipeline { ($0.write, $0.review) = (.upsert, .required) }
        _ = try await pipeline.prepare(SimulatedFleet.all)
        let report = try #require(try await pipeline.run(SimulatedFleet.all).tasks.first)
        #expect(report.error?.message.contains("name a timestamp") == true)
    }
}
