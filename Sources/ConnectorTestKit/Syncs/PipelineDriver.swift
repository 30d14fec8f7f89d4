public import ColumnBatches
import DeltaTables
import Logging
public import SourceConnectors
import SyncPipelines

/// Brings rows by the project's own pipeline.
public struct PipelineDriver: SyncDriver {
    /// Makes the driver.
    public init() {}

    /// Prepares the lake table by `SyncPipeline.prepare`.
    public func prepare(_ setup: SyncSetup<some SourceConnector>) async throws {
        let report = try await pipeline(setup).prepare(selection)
        guard report.succeeded else {
            throw ConformanceFailure("prepare failed: \(report.tables.compactMap(\.error))")
        }
    }

    /// Runs `SyncPipeline.run`.
    public func run(_ setup: SyncSetup<some SourceConnector>) async throws -> SyncObservation {
        observation(of: try await pipeline(setup).run(selection))
    }

    /// Makes a plan and carries it out.
    public func runPlanned(_ setup: SyncSetup<some SourceConnector>) async throws -> SyncObservation {
        let pipeline = pipeline(setup)
        return observation(of: try await pipeline.run(plan: try await pipeline.plan(selection).id))
    }

    private func observation(of report: RunReport) -> SyncObservation {
        guard let task = report.tasks.first else {
            return SyncObservation(succeeded: false, error: "no task ran")
        }
        var observation = SyncObservation(
            succeeded: report.succeeded,
            mark: task.markNumber ?? task.mark,
            guarantee: task.guarantee,
            error: task.error?.message ?? report.bookkeepingError
        )
        observation.rowsRead = task.rowsRead
        observation.rowsChanged = task.rowsInserted + task.rowsUpdated + task.rowsDeleted
        return observation
    }

    /// Reads the client's partition.
    public func lakeRows(_ setup: SyncSetup<some SourceConnector>) async throws -> [[ColumnValue]] {
        try await LakeReader(setup).rows()
    }

    private var selection: TaskSelection { TaskSelection(regions: .all) }

    func pipeline<Connector: SourceConnector>(_ setup: SyncSetup<Connector>) -> SyncPipeline<Connector> {
        var configuration = SyncConfiguration(
            lake: "lake",
            schemas: ["kit": SchemaSettings(database: setup.table.name.database)],
            tables: [
                TableTemplate(
                    schema: "kit",
                    name: setup.table.name.table,
                    cursor: setup.usesCursor ? .column(setup.table.cursor) : .none,
                    filters: setup.filters
                )
            ]
        )
        configuration.limits.attempts = 1
        configuration.limits.tasks = 1
        if let rows = setup.chunkRows {
            configuration.limits.chunkRows = rows
            // One reader after the other: a history is then the same each time.
            configuration.limits.loadConnections = 1
        }
        // Runs overtake one another here, which leases would prevent.
        configuration.limits.leaseDuration = .zero
        let client = RosterEntry(
            client: setup.source.client,
            region: setup.source.region,
            connection: setup.source.connection
        )
        return SyncPipeline(
            configuration: configuration,
            roster: Roster(entries: [client]),
            connector: setup.connector,
            lake: setup.lake,
            logger: Logger(label: "tributary.kit") { _ in SwiftLogNoOpLogHandler() }
        )
    }
}

/// Reads the lake table of a setup.
struct LakeReader {
    let table: DeltaTable
    let partition: [String: String?]
    let columns: [String]

    init(_ setup: SyncSetup<some SourceConnector>) {
        table = DeltaTable(store: setup.lake, path: "kit/\(setup.table.name.table)")
        partition = ["region": setup.source.region, "client_id": setup.source.client]
        columns = setup.table.fields.map(\.name)
    }

    func rows() async throws -> [[ColumnValue]] {
        var rows: [[ColumnValue]] = []
        let snapshot = try await table.snapshot()
        for try await batch in try table.rows(of: snapshot, partition: partition, columns: columns) {
            for row in 0..<batch.rowCount { rows.append(batch.row(row)) }
        }
        return rows
    }
}
