import ColumnBatches
import DeltaLog
import DeltaTables
import Logging
import ObjectStores
import SourceConnectors
import SyncLedgers
import Synchronization
@testable import SyncPipelines
import Testing

/// Two hundred clients on three hosts, one table each.
struct LargeFleet {
    let store = MemoryObjectStore()
    let databases: [String: MemoryDatabase]
    var connector: WatchedConnector
    var configuration: SyncConfiguration
    let roster: Roster

    init(clients: Int = 200, delay: Duration = .milliseconds(2)) {
        var databases: [String: MemoryDatabase] = [:]
        var hosts: [String: String] = [:]
        configuration = SyncConfiguration(
            lake: "lake",
            schemas: ["shop": SchemaSettings(database: "shop")],
            tables: [TableTemplate(schema: "shop", name: "orders")]
        )
        configuration.limits = Limits(tasks: 8, tasksPerHost: 3)
        var entries: [RosterEntry] = []
        for number in 0..<clients {
            let database = MemoryDatabase()
            database.update { state in
                state.signals = MarkSignals(now: MemoryFleet.start)
                var table = MemoryDatabase.Table(description: MemoryFleet.description)
                table.committed = (0..<20).map {
                    MemoryFleet.row($0, "of \(number)", at: MemoryFleet.start - 7200 * MemoryFleet.second)
                }
                state.tables[MemoryFleet.table] = table
            }
            databases["c\(number)"] = database
            hosts["c\(number)"] = "h\(number % 3):3306"
            configuration.connections["c\(number)"] = ConnectionSettings(host: "h\(number % 3)", user: "sync")
            entries.append(
                RosterEntry(
                    client: "\(number)",
                    region: number % 2 == 0 ? "eu" : "us",
                    connection: "c\(number)"
                )
            )
        }
        self.databases = databases
        connector = WatchedConnector(base: MemoryConnector(databases: databases), hosts: hosts, delay: delay)
        roster = Roster(entries: entries)
    }

    var pipeline: SyncPipeline<WatchedConnector> {
        SyncPipeline(
            configuration: configuration,
            roster: roster,
            connector: connector,
            lake: store,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
    }

    var table: DeltaTable { DeltaTable(store: store, path: "shop/orders") }

    func rowCount() async throws -> Int {
        try await table.snapshot().files.reduce(0) { $0 + ($1.rowCount ?? 0) }
    }
}

@Suite("A run of a fleet") struct FleetRunTests {
    static let everything = TaskSelection(regions: .all)

    @Test("200 clients: host budgets hold, and at most a tenth as many versions as tasks")
    func versions() async throws {
        var fleet = LargeFleet()
        // Groups are full, or the last of a run: how quick the machine is has no part in it.
        fleet.configuration.limits.commitPatience = .seconds(600)
        #expect(try await fleet.pipeline.prepare(Self.everything).succeeded)
        let report = try await fleet.pipeline.run(Self.everything)
        #expect(report.succeeded && report.tasks.allSatisfy { $0.outcome == .loaded })
        let most = fleet.connector.watch.state.withLock { $0.most }
        #expect(most.count == 3 && most.values.allSatisfy { $0 <= 3 }, "\(most)")
        #expect(try await fleet.rowCount() == 4000)
        let version = Int64(try await fleet.table.snapshot().version)
        #expect(version <= 20, "\(version) versions")
        let entries = try await SyncLedger(store: fleet.store).entries()
        #expect(entries.count == 200)
        #expect(await fleet.store.list("tributary/leases/", after: nil).isEmpty)

        for database in fleet.databases.values {
            database.update { state in
                state.signals.now += 100 * MemoryFleet.second
                state.tables[MemoryFleet.table]?.committed[3] =
                    MemoryFleet.row(3, "changed", at: MemoryFleet.start + 50 * MemoryFleet.second)
            }
        }
        let second = try await fleet.pipeline.run(Self.everything)
        #expect(second.succeeded && second.tasks.allSatisfy { $0.rowsUpdated == 1 })
        let later = Int64(try await fleet.table.snapshot().version)
        #expect(later - version <= 20, "\(later - version) versions")
        #expect(try await fleet.rowCount() == 4000)
    }

    @Test("two schedulers started by mistake read no client twice")
    func twoSchedulers() async throws {
        let fleet = LargeFleet(clients: 60, delay: .milliseconds(10))
        _ = try await fleet.pipeline.prepare(Self.everything)
        fleet.connector.watch.state.withLock { $0.sessions = [:] }
        async let one = fleet.pipeline.run(Self.everything)
        async let two = fleet.pipeline.run(Self.everything)
        let reports = try await [one, two]
        #expect(reports.allSatisfy { $0.succeeded })
        let loaded = reports.flatMap(\.tasks).filter { $0.outcome == .loaded }
        #expect(Set(loaded.map(\.client)).count == 60 && loaded.count == 60)
        #expect(try await fleet.rowCount() == 1200)
    }

    @Test("a member of a group that conflicts leaves alone")
    func conflict() async throws {
        let fleet = LargeFleet(clients: 4)
        _ = try await fleet.pipeline.prepare(Self.everything)
        let lake = LakeTable(fleet.table, size: 3, patience: .seconds(10), expected: 3)
        let snapshot = try await lake.snapshot()
        func edit(_ client: String) -> TableEdit {
            let partition: [String: String?] = ["region": "eu", "client_id": client]
            var readSet = ReadSet(partitions: .only([partition]))
            readSet.transactionIDs = ["run/\(client)"]
            return TableEdit(
                operation: "WRITE",
                transactions: [ApplicationTransaction(appID: "run/\(client)", version: 1)],
                readSet: readSet
            )
        }
        _ = try await fleet.table.apply(edit("1"), to: snapshot)  // another process was first
        let results = await withTaskGroup(of: (String, Result<TableVersion, any Error>).self) { group in
            for client in ["0", "1", "2"] {
                group.addTask {
                    do {
                        return (
                            client,
                            .success(try await lake.commit(edit(client), to: snapshot, isUrgent: false))
                        )
                    } catch {
                        return (client, .failure(error))
                    }
                }
            }
            return await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
        }
        #expect(throws: DeltaLogError.self) { try results["1"]?.get() }
        let versions = try Set([results["0"]?.get(), results["2"]?.get()])
        #expect(versions.count == 1)
        let newest = try await lake.snapshot()
        #expect(newest.transactionVersion("run/0") == 1 && newest.transactionVersion("run/2") == 1)
    }

    @Test("a cancelled run ends at once, says what did not start, and the next one completes")
    func cancelled() async throws {
        var fleet = LargeFleet(clients: 100, delay: .zero)
        _ = try await fleet.pipeline.prepare(Self.everything)
        let prepared = fleet.connector.watch.sessionCount
        fleet.connector.delay = .seconds(3600)
        let running = Task { [pipeline = fleet.pipeline] in try await pipeline.run(Self.everything) }
        while fleet.connector.watch.sessionCount == prepared { try await Task.sleep(for: .milliseconds(10)) }
        running.cancel()
        let report = try await running.value
        #expect(!report.succeeded && report.tasksNotStarted > 0)
        #expect(await fleet.store.list("tributary/leases/", after: nil).isEmpty)
        fleet.connector.delay = .zero
        #expect(try await fleet.pipeline.run(Self.everything).succeeded)
        #expect(try await fleet.rowCount() == 2000)
    }
}
