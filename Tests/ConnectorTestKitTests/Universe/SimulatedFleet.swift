import ColumnBatches
import ConnectorTestKit
import DeltaTables
import Logging
import ObjectStores
import SourceConnectors
import Synchronization
import SyncPipelines
import Testing

/// Several clients of two regions with one table, each on a simulated server of its own.
struct SimulatedFleet {
    let fixtures: [SimulatedFixture]
    let table = TestTable()
    let lake: any ObjectStore

    init(clients: Int, lake: any ObjectStore = MemoryObjectStore()) {
        let capabilities = SimulatedTestBed().capabilities
        let table = table
        fixtures = (0..<clients).map { _ in SimulatedFixture(table: table, capabilities: capabilities) }
        self.lake = lake
    }

    static let all = TaskSelection(regions: .all)

    func pipeline(over store: (any ObjectStore)? = nil) -> SyncPipeline<SimulatedConnector> {
        var configuration = SyncConfiguration(
            lake: "lake",
            schemas: ["kit": SchemaSettings(database: table.name.database)],
            tables: [TableTemplate(schema: "kit", name: table.name.table)]
        )
        configuration.limits.tasks = 8
        configuration.limits.tasksPerRegion = 8
        configuration.limits.leaseDuration = .zero
        let clients = fixtures.indices.map {
            RosterEntry(client: "\($0)", region: $0 % 2 == 0 ? "eu" : "us", connection: "db\($0)")
        }
        let databases = fixtures.enumerated().map { ("db\($0)", $1.database) }
        return SyncPipeline(
            configuration: configuration,
            roster: Roster(entries: clients),
            connector: SimulatedConnector(databases: Dictionary(uniqueKeysWithValues: databases)),
            lake: store ?? lake,
            logger: Logger(label: "fleet") { _ in SwiftLogNoOpLogHandler() }
        )
    }

    /// Writes rows into each client, and lets time pass.
    func change(_ label: String, numbers: ClosedRange<Int64>) async throws {
        for (index, fixture) in fixtures.enumerated() {
            let rows = numbers.map { TestRow(RowKey("s\(index)", $0), label: "\(label) \($0)") }
            try await fixture.perform(.put(nil, rows))
            try await fixture.perform(.pass(10_000_000))
        }
    }

    /// Whether each client's rows are in the lake, and no others.
    func isInSync() async throws -> Bool {
        let delta = DeltaTable(store: lake, path: "kit/\(table.name.table)")
        let snapshot = try await delta.snapshot()
        var rows: [[ColumnValue]] = []
        for try await batch in try delta.rows(of: snapshot, columns: table.fields.map(\.name)) {
            rows += (0..<batch.rowCount).map { batch.row($0) }
        }
        var wanted: [[ColumnValue]] = []
        for fixture in fixtures { wanted += try await fixture.contents().map(table.values) }
        return rows.count == wanted.count && Set(rows) == Set(wanted)
    }
}

/// Lines of a trace, in order.
final class Trace: Sendable {
    private let lines = Mutex<[String]>([])

    func add(_ line: String) { lines.withLock { $0.append(line) } }
    var all: [String] { lines.withLock { $0 } }
}
