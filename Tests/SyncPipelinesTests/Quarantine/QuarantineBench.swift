import ColumnBatches
import ConnectorTestKit
import DeltaTables
import Logging
import ObjectStores
import SourceConnectors
import SyncLedgers
@testable import SyncPipelines

/// A simulated source whose table has values that cannot be represented, and the lake that is brought from it.
struct QuarantineBench: Sendable {
    static let all = TaskSelection(regions: .all)
    /// The amount that no column of the lake can hold.
    static let bad: Int64 = -1

    let fixture = SimulatedFixture(table: TestTable(), capabilities: SimulatedTestBed().capabilities)
    var lake: any ObjectStore = MemoryObjectStore()
    var template: TableTemplate
    var configuration: SyncConfiguration
    var maskingKey: MaskingKey?

    init(_ quarantine: QuarantineSettings? = QuarantineSettings()) {
        let table = fixture.table
        template = TableTemplate(schema: "kit", name: table.name.table, cursor: .column(table.cursor))
        template.quarantine = quarantine
        configuration = SyncConfiguration(
            lake: "lake",
            schemas: ["kit": SchemaSettings(database: table.name.database)],
            tables: []
        )
        configuration.limits.attempts = 1
        configuration.limits.leaseDuration = .zero
        fixture.database.refuse(.integer(Self.bad), of: table.amount, in: table.name)
    }

    var pipeline: SyncPipeline<SimulatedConnector> {
        var configuration = configuration
        configuration.tables = [template]
        var pipeline = SyncPipeline(
            configuration: configuration,
            roster: Roster(entries: [RosterEntry(client: "1", region: "eu", connection: "db")]),
            connector: fixture.connector,
            lake: lake,
            logger: Logger(label: "tributary.quarantine") { _ in SwiftLogNoOpLogHandler() }
        )
        pipeline.maskingKey = maskingKey
        return pipeline
    }

    /// Writes rows whose amounts are their numbers, but for those that cannot be represented.
    func put(_ numbers: some Sequence<Int64>, _ label: String, bad: Set<Int64> = []) async throws {
        let rows = numbers.map { number in
            TestRow(RowKey("a", number), label: label, amount: bad.contains(number) ? Self.bad : number)
        }
        try await fixture.perform(.put(nil, rows))
        try await fixture.perform(.pass(10_000_000))
    }

    /// Corrects the amount of a row and leaves its cursor as it is.
    func correct(_ number: Int64) async throws {
        let rows = fixture.database.rows(of: fixture.table.name).filter { $0[1] == .integer(number) }
        fixture.database.write(
            rows.map { row in
                var row = row
                row[3] = .integer(number)
                return row
            },
            into: fixture.table.name
        )
    }

    /// Brings what there is, after the lake table was made.
    func run() async throws -> RunReport {
        let prepared = try await pipeline.prepare(Self.all)
        guard prepared.succeeded else { throw SyncError(.notPrepared, message: prepared.text) }
        return try await pipeline.run(Self.all)
    }

    /// The labels of the lake's rows by their numbers.
    func labels() async throws -> [Int64: String] {
        let table = DeltaTable(store: lake, path: "kit/\(fixture.table.name.table)")
        var labels: [Int64: String] = [:]
        let names = [fixture.table.number, fixture.table.label]
        for try await batch in try table.rows(of: try await table.snapshot(), columns: names) {
            for row in 0..<batch.rowCount {
                if case .integer(let number) = batch.columns[0][row],
                    case .string(let label) = batch.columns[1][row]
                {
                    labels[number] = label
                }
            }
        }
        return labels
    }

    /// The files with rows of the lake table, whether a commit names them or not.
    func dataFiles() async throws -> [String] {
        try await lake.list("kit/", after: nil).map(\.path).filter { $0.hasSuffix(".parquet") }
    }

    func entries() async throws -> [QuarantineEntry] {
        try await QuarantineTable(store: lake).entries().sorted { $0.key < $1.key }
    }

    /// The states of the entries by the numbers of their rows.
    func states() async throws -> [Int64: QuarantineEntry.State] {
        let fields = [Field(fixture.table.number, .int64), Field(fixture.table.section, .string)]
        var states: [Int64: QuarantineEntry.State] = [:]
        for entry in try await entries() {
            guard case .integer(let number)? = SourceKey.values(entry.key, fields: fields)?.first else {
                continue
            }
            states[number] = entry.state
        }
        return states
    }

    /// A bench on a lake with the same objects.
    func copied() async throws -> QuarantineBench {
        let copy = MemoryObjectStore()
        for object in try await lake.list("", after: nil) {
            try await copy.putIfAbsent(object.path, try await lake.read(object.path))
        }
        var bench = self
        bench.lake = copy
        return bench
    }
}
