import ColumnBatches
import ConnectorTestKit
import DeltaLog
import DeltaTables
import Logging
import ObjectStores
import SourceConnectors
import SyncLedgers
@testable import SyncPipelines
import Testing

/// A process that stops before any of the calls that a run makes to the store, and one that runs after it.
@Suite("Crashes at each call to the store") struct CrashTests {
    /// What runs when the process stops.
    struct Scenario: Sendable, CustomTestStringConvertible {
        var name: String
        var marks = false
        var write = TableTemplate.Write.upsert
        var deletes = TableTemplate.Deletes.delete
        /// Whether the run that stops is the first one, which loads the table in chunks.
        var isFirstLoad = false

        var testDescription: String { name }
    }

    static let scenarios = [
        Scenario(name: "upsert, files written anew"),
        Scenario(name: "upsert, deletion vectors", marks: true),
        Scenario(name: "upsert with marked rows", marks: true, deletes: .mark),
        Scenario(name: "history, files written anew", write: .history),
        Scenario(name: "history, deletion vectors", marks: true, write: .history),
        Scenario(name: "first load in chunks", isFirstLoad: true),
        Scenario(name: "first load of a history in chunks", write: .history, isFirstLoad: true),
    ]

    /// A source, and lakes that are brought from it.
    private struct Bench {
        let scenario: Scenario
        let fixture: SimulatedFixture
        let selection = TaskSelection(regions: .all)

        init(_ scenario: Scenario) {
            self.scenario = scenario
            fixture = SimulatedFixture(table: TestTable(), capabilities: SimulatedTestBed().capabilities)
        }

        func pipeline(_ lake: any ObjectStore) -> SyncPipeline<SimulatedConnector> {
            let table = fixture.table
            var template = TableTemplate(schema: "kit", name: table.name.table, cursor: .column(table.cursor))
            template.write = scenario.write
            template.deletes = scenario.deletes
            template.deletionVectors = scenario.marks
            template.findDeletes = .everyRun
            var configuration = SyncConfiguration(
                lake: "lake",
                schemas: ["kit": SchemaSettings(database: table.name.database)],
                tables: [template]
            )
            configuration.limits.attempts = 1
            configuration.limits.leaseDuration = .zero
            if scenario.isFirstLoad {
                configuration.limits.chunkRows = 8
                configuration.limits.loadConnections = 1
            }
            return SyncPipeline(
                configuration: configuration,
                roster: Roster(entries: [RosterEntry(client: "1", region: "eu", connection: "db")]),
                connector: fixture.connector,
                lake: lake,
                logger: Logger(label: "tributary.crash") { _ in SwiftLogNoOpLogHandler() }
            )
        }

        func put(_ numbers: some Sequence<Int64>, _ label: String) async throws {
            let rows = numbers.map { TestRow(RowKey("a", $0), label: label, amount: $0) }
            try await fixture.perform(.put(nil, rows))
            try await fixture.perform(.pass(10_000_000))
        }

        /// The rows of the lake, each with all columns but those of the partition.
        func rows(_ lake: any ObjectStore) async throws -> [[ColumnValue]] {
            let table = table(lake)
            let snapshot = try await table.snapshot()
            var rows: [[ColumnValue]] = []
            let names = try table.schema(of: snapshot).dataFields.map(\.name)
            for try await batch in try table.rows(of: snapshot, columns: names) {
                for row in 0..<batch.rowCount { rows.append(batch.row(row)) }
            }
            return rows.sorted { "\($0)" < "\($1)" }
        }

        func table(_ lake: any ObjectStore) -> DeltaTable {
            DeltaTable(store: lake, path: "kit/\(fixture.table.name.table)")
        }
    }

    /// A store of its own with the same objects.
    private static func copy(_ store: MemoryObjectStore) async throws -> MemoryObjectStore {
        let copy = MemoryObjectStore()
        for object in await store.list("", after: nil) {
            try await copy.putIfAbsent(object.path, try await store.read(object.path))
        }
        return copy
    }

    /// The ledger says of no task more than the log of its table.
    private static func expectLedgerBehind(_ lake: any ObjectStore, _ bench: Bench, _ place: String)
        async throws
    {
        let transactions = try await bench.table(lake).snapshot().transactions.values
        let mark = transactions.filter { $0.appID.hasSuffix("/mark") }.map(\.version).max() ?? 0
        for entry in try await SyncLedger(store: lake).entries() {
            #expect(entry.mark <= mark, "the ledger leads \(place)")
        }
    }

    @Test(
        "content is equal after the next run, nothing is doubled, and the ledger never leads",
        arguments: scenarios
    )
    func crashes(scenario: Scenario) async throws {
        let bench = Bench(scenario)
        let start = MemoryObjectStore()
        try await bench.put(1...40, "first")
        #expect(try await bench.pipeline(start).prepare(bench.selection).succeeded)
        if !scenario.isFirstLoad {
            #expect(try await bench.pipeline(start).run(bench.selection).succeeded)
            try await bench.put([3, 4, 50, 51], "second")
            try await bench.fixture.perform(.remove(nil, [RowKey("a", 7), RowKey("a", 8)]))
            try await bench.fixture.perform(.pass(10_000_000))
        }
        let calm = try await Self.copy(start)
        let report = try await bench.pipeline(calm).run(bench.selection)
        #expect(report.succeeded, "\(report.text)")
        let wanted = try await bench.rows(calm)
        #expect(wanted.count >= 40)
        if scenario.isFirstLoad { #expect((report.tasks[0].load?.chunks ?? 0) > 2) }

        var point = 0
        var isFaulty = true
        while isFaulty {
            let lake = try await Self.copy(start)
            let store = FaultyObjectStore(lake)
            store.plan(.crash, at: point)
            _ = try? await bench.pipeline(store).run(bench.selection)
            isFaulty = store.wasFaulty
            let place = "after a stop before call \(point)"
            try await Self.expectLedgerBehind(lake, bench, place)
            let after = try await bench.pipeline(lake).run(bench.selection)
            #expect(after.succeeded, "\(place): \(after.text)")
            #expect(try await bench.rows(lake) == wanted, "\(place)")
            try await Self.expectLedgerBehind(lake, bench, place)
            let again = try await bench.pipeline(lake).run(bench.selection)
            #expect(again.succeeded && again.tasks[0].tableVersion == nil, "\(place), once more")
            point += 1
        }
        #expect(point > 20)
        #expect(try await bench.table(calm).check(readsRows: true).problems.isEmpty)
    }
}
