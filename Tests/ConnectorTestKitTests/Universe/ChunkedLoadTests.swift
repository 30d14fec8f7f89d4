import ColumnBatches
import ConnectorTestKit
import DeltaLog
import DeltaTables
import Foundation
import Logging
import ObjectStores
import SourceConnectors
import Synchronization
import SyncPipelines
import Testing

/// Lines that many tasks write.
private final class LogLines: Sendable {
    let all = Mutex<[String]>([])
}

/// First loads that are committed chunk by chunk, on one simulated client.
@Suite("a first load in chunks") struct ChunkedLoadTests {
    private let table = TestTable()
    private let fixture: SimulatedFixture
    private let lake = MemoryObjectStore()

    init() async throws {
        fixture = SimulatedFixture(table: table, capabilities: SimulatedTestBed().capabilities)
        let rows = (1...40).map { TestRow(RowKey("s", $0), label: "row \($0)") }
        try await fixture.perform(.put(nil, rows))
        try await fixture.perform(.pass(10_000_000))
        _ = try await pipeline().prepare(SimulatedFleet.all)
    }

    /// The lines of the log.
    private let lines = LogLines()

    private func pipeline(_ change: (inout SyncConfiguration) -> Void = { _ in }) -> SyncPipeline<
        SimulatedConnector
    > {
        var configuration = SyncConfiguration(
            lake: "lake",
            schemas: ["kit": SchemaSettings(database: table.name.database)],
            tables: [TableTemplate(schema: "kit", name: table.name.table)]
        )
        configuration.limits.chunkRows = 8
        configuration.limits.attempts = 1
        configuration.limits.leaseDuration = .zero
        change(&configuration)
        return SyncPipeline(
            configuration: configuration,
            roster: Roster(entries: [RosterEntry(client: "1", region: "eu", connection: "db")]),
            connector: fixture.connector,
            lake: lake,
            logger: Logger(label: "load") { [lines] label in
                JSONLogHandler(label: label) { line in lines.all.withLock { $0.append(line) } }
            }
        )
    }

    private func run(_ change: (inout SyncConfiguration) -> Void = { _ in }) async throws -> TaskReport {
        try #require(try await pipeline(change).run(SimulatedFleet.all).tasks.first)
    }

    private func expectInSync(_ place: SourceLocation = #_sourceLocation) async throws {
        let delta = DeltaTable(store: lake, path: "kit/\(table.name.table)")
        let columns = table.fields.map(\.name)
        var lakeRows: [StoredRow] = []
        for try await batch in try delta.rows(
            of: try await delta.snapshot(),
            partition: ["region": "eu", "client_id": "1"],
            columns: columns
        ) {
            for row in 0..<batch.rowCount { lakeRows.append(try #require(storedRow(batch.row(row)))) }
        }
        let rows = try await fixture.contents()
        #expect(lakeRows.sorted { $0.key < $1.key } == rows.sorted { $0.key < $1.key }, sourceLocation: place)
    }

    private func storedRow(_ values: [ColumnValue]) -> StoredRow? {
        guard case .string(let section) = values[0], case .integer(let number) = values[1] else { return nil }
        var row = StoredRow(key: RowKey(section, number))
        if case .string(let text) = values[2] { row.label = text }
        if case .integer(let amount) = values[3] { row.amount = amount }
        if case .timestamp(let cursor) = values[4] { row.cursor = cursor }
        return row
    }

    /// What is kept of loads that are not complete.
    private func plans() async throws -> [String] {
        await lake.list("tributary/loads/", after: nil).map(\.path)
    }

    @Test("commits each chunk, says that it shows one instant, and keeps nothing when it is complete")
    func complete() async throws {
        let report = try await run()
        #expect(report.outcome == .loaded)
        #expect(report.rowsRead == 40 && report.rowsInserted == 40)
        let load = try #require(report.load)
        #expect(load.isOneInstant && load.chunks >= 5 && load.connections == 2 && load.rowsBefore == 0)
        #expect(report.warnings.isEmpty)
        #expect(try await plans().isEmpty)
        try await expectInSync()
        #expect(try await run().outcome == .unchanged)
    }

    @Test("a plan says which loads are in chunks")
    func planned() async throws {
        let plan = try await pipeline().plan(SimulatedFleet.all)
        #expect(plan.tasks.map(\.expectedChunks) == [5])
        #expect(plan.text.contains("1 of them in at least 5 chunks"))
        let whole = try await pipeline { $0.limits.chunkRows = 21 }.plan(SimulatedFleet.all)
        #expect(whole.tasks.map(\.expectedChunks) == [nil] && !whole.text.contains("chunks"))
        _ = try await run()
        #expect(try await pipeline().plan(SimulatedFleet.all).tasks.map(\.expectedChunks) == [nil])
    }

    @Test("the log says how a load began, in lines that fit the published schema")
    func logLines() async throws {
        try await breakOff()
        _ = try await run()
        let path = URL(filePath: #filePath).deletingLastPathComponent().appending(
            path: "../../../Documentation/schemas/log-line.schema.json"
        )
        let schema = try #require(
            try JSONSerialization.jsonObject(with: Data(contentsOf: path)) as? [String: Any]
        )
        let properties = try #require(schema["properties"] as? [String: [String: Any]])
        let begun = try #require(lines.all.withLock { $0.last { $0.contains("load in chunks") } })
        let line = try #require(
            try JSONSerialization.jsonObject(with: Data(begun.utf8)) as? [String: Any]
        )
        for (name, value) in line {
            let property = try #require(properties[name], "\(name) is not in the schema")
            #expect((property["type"] as? String == "string") == (value is String), "\(name)")
        }
        #expect((line["load.rows.before"] as? Int ?? 0) > 0)
        #expect((line["load.consistency"] as? String)?.hasPrefix("not one instant") == true)
    }

    @Test("is one for a pair of connectors as well, whichever of them reads", arguments: [true, false])
    func pair(isFirst: Bool) async throws {
        let one = pipeline()
        let pair = SyncPipeline(
            configuration: one.configuration,
            roster: one.roster,
            connector: EitherConnector(fixture.connector, fixture.connector) { _ in isFirst },
            lake: lake
        )
        let report = try #require(try await pair.run(SimulatedFleet.all).tasks.first)
        let load = try #require(report.load)
        #expect(load.chunks >= 5 && load.connections == 2)
        try await expectInSync()
    }

    @Test("goes on after the last chunk that was committed, and says that it shows more than one instant")
    func goesOn() async throws {
        try await breakOff()
        let kept = try #require(try await plans().first)
        try await fixture.perform(
            .put(nil, [TestRow(RowKey("s", 1), label: "changed"), TestRow(RowKey("z", 1), label: "new")])
        )
        try await fixture.perform(.pass(10_000_000))
        let resumed = try await run()
        let load = try #require(resumed.load)
        #expect(resumed.outcome == .loaded)
        #expect(load.rowsBefore > 0 && resumed.rowsRead == 40 - load.rowsBefore)
        #expect(!load.isOneInstant && load.consistency.hasPrefix("not one instant: the load was broken off"))
        #expect(resumed.warnings.contains { $0.hasPrefix("not one instant") })
        #expect(try await !plans().contains(kept))
        let next = try await run()
        #expect(next.rowsUpdated == 1 && next.rowsInserted == 1 && next.load == nil)
        try await expectInSync()
    }

    @Test("a load that advances is tried again, however often it breaks")
    func advances() async throws {
        let batches = Mutex(0)
        let connector = InterleavedConnector(fixture.connector) { point in
            guard case .batch(.snapshot) = point else { return }
            let number = batches.withLock { count in
                count += 1
                return count
            }
            guard number.isMultiple(of: 9) else { return }
            throw SourceError(.unreachable, isTransient: true, message: "the connection broke")
        }
        let whole = pipeline {
            $0.limits.loadConnections = 1
            $0.limits.attempts = 2
            $0.limits.chunkRows = 6
        }
        let breaking = SyncPipeline(
            configuration: whole.configuration,
            roster: whole.roster,
            connector: connector,
            lake: lake,
            logger: Logger(label: "load") { _ in SwiftLogNoOpLogHandler() }
        )
        let report = try #require(try await breaking.run(SimulatedFleet.all).tasks.first)
        #expect(report.outcome == .loaded && report.attempts > 2)
        #expect(try await run().outcome == .unchanged)
        try await expectInSync()
    }

    @Test("reads everything again and merges when the rows of the broken load have changed in the lake")
    func changedMeanwhile() async throws {
        try await breakOff()
        let delta = DeltaTable(store: lake, path: "kit/\(table.name.table)")
        let snapshot = try await delta.snapshot()
        let gone = try #require(snapshot.files.first { _ in true })
        let edit = TableEdit(operation: "DELETE", removed: [gone], readSet: ReadSet(partitions: .whole))
        _ = try await delta.apply(edit, to: snapshot)
        let report = try await run()
        #expect(report.load == nil && report.rowsRead == 40 && report.outcome == .merged)
        try await expectInSync()
    }

    @Test("reads everything again and merges when the definition is another")
    func redefined() async throws {
        try await breakOff()
        let report = try await run { $0.tables[0].filters = [RowFilter("number", .greater, [.integer(0)])] }
        #expect(report.load == nil && report.rowsRead == 40 && report.outcome == .merged)
        try await expectInSync()
    }

    @Test("says so when the readers see different states, and the next run makes lake and source equal")
    func notOneInstant() async throws {
        fixture.database.setSnapshotsAgree(false)
        let report = try await run()
        #expect(report.load?.isOneInstant == false)
        #expect(
            report.warnings.contains(
                "not one instant: the database does not agree; the next run brings what differs"
            )
        )
        #expect(try await run().outcome == .unchanged)
        try await expectInSync()
    }

    @Test("tables that are compared are loaded in chunks as well")
    func compared() async throws {
        try await breakOff { $0.tables[0].cursor = .none }
        try await fixture.perform(.remove(nil, [RowKey("s", 1)]))
        let report = try await run { $0.tables[0].cursor = .none }
        #expect((report.load?.rowsBefore ?? 0) > 0)
        #expect(try await run { $0.tables[0].cursor = .none }.rowsDeleted == 1)
        try await expectInSync()
    }

    /// Lets a load stop for good at the first operation of the store after which some chunks are in the lake.
    private func breakOff(_ change: (inout SyncConfiguration) -> Void = { _ in }) async throws {
        for operation in 20..<400 {
            let files = try await DeltaTable(store: lake, path: "kit/\(table.name.table)").snapshot().files
            if files.reduce(0, { count, _ in count + 1 }) > 1 { return }
            let store = FaultyObjectStore(lake)
            store.plan(.crash, at: operation)
            let whole = pipeline {
                $0.limits.loadConnections = 1
                change(&$0)
            }
            let broken = SyncPipeline(
                configuration: whole.configuration,
                roster: whole.roster,
                connector: fixture.connector,
                lake: store,
                logger: Logger(label: "load") { _ in SwiftLogNoOpLogHandler() }
            )
            #expect(try await broken.run(SimulatedFleet.all).tasks.first?.outcome == .failed)
        }
        Issue.record("no chunk was ever committed")
    }
}
