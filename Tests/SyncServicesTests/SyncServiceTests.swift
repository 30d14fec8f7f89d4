#if Services
import ColumnBatches
import ConnectorTestKit
import Foundation
#if canImport(FoundationNetworking)
import FoundationNetworking
#endif
import Logging
import ObjectStores
import ServiceLifecycle
import SourceConnectors
import SyncPipelines
import SyncServices
import Testing

/// A connector for services that never get as far as a source.
typealias NoConnector = SimulatedConnector

@Suite("SyncService") struct SyncServiceTests {
    private static let quiet = Logger(label: "quiet") { _ in SwiftLogNoOpLogHandler() }

    /// A pipeline for one table of a simulated server, due each minute.
    private static func pipeline(_ fixture: SimulatedFixture, _ lake: any ObjectStore) throws -> SyncPipeline<
        SimulatedConnector
    > {
        let name = fixture.table.name
        let configuration = try SyncConfiguration(
            json: """
                {"lake": "lake", "connections": {"db": {"host": "h", "user": "u"}},
                 "schemas": {"kit": {"database": "\(name.database)"}},
                 "tables": [{"schema": "kit", "name": "\(name.table)", "cursor": "\(fixture.table.cursor)",
                             "schedule": {"cron": "* * * * *"}}]}
                """
        )
        return SyncPipeline(
            configuration: configuration,
            roster: Roster(entries: [RosterEntry(client: "1", region: "eu", connection: "db")]),
            connector: fixture.connector,
            lake: lake,
            logger: quiet
        )
    }

    private static func runs(_ pipeline: SyncPipeline<SimulatedConnector>) -> ScheduledRuns<
        SimulatedConnector
    > {
        var runs = ScheduledRuns(selection: TaskSelection(regions: .all)) { pipeline }
        runs.logger = quiet
        return runs
    }

    private static func fixture() async throws -> SimulatedFixture {
        let fixture = SimulatedFixture(table: TestTable(), capabilities: SimulatedTestBed().capabilities)
        try await fixture.perform(.put(nil, [TestRow(RowKey("s", 1), label: "one")]))
        try await fixture.perform(.pass(10_000_000))
        return fixture
    }

    @Test("what is due is brought, and a graceful shutdown ends the service and its page without an error")
    func gracefulShutdown() async throws {
        let pipeline = try Self.pipeline(try await Self.fixture(), MemoryObjectStore())
        _ = try await pipeline.prepare(TaskSelection(regions: .all))
        let ended = AsyncStream<RunReport>.makeStream()
        var runs = Self.runs(pipeline)
        runs.finished = { report in ended.continuation.yield(report) }
        let port = try StatusServerTests.freePort()
        let server = StatusServer(port: port, board: runs.board)
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: [.init(service: SyncService(runs)), .init(service: server)],
                logger: runs.logger
            )
        )
        let serving = Task { try await group.run() }
        var reports = ended.stream.makeAsyncIterator()
        let report = await reports.next()
        #expect(report?.succeeded == true && report?.tasks.first?.rowsInserted == 1)
        while try await StatusServerTests.ask(port, "/run").0.statusCode != 200 {}
        await group.triggerGracefulShutdown()
        try await serving.value
    }

    @Test("a service whose task is cancelled ends without an error of its own")
    func cancelled() async throws {
        let runs = Self.runs(try Self.pipeline(try await Self.fixture(), MemoryObjectStore()))
        let working = Task { try await SyncService(runs).run() }
        while runs.board.state.checkedAt == nil && runs.board.isHealthy {
            try await Task.sleep(for: .milliseconds(5))
        }
        working.cancel()
        try await working.value
    }
}
#endif
