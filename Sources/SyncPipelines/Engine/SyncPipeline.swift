import ColumnBatches
public import DeltaTables
import FoundationEssentials
public import IncrementalFilters
public import Logging
public import ObjectStores
public import SourceConnectors
public import StagedChanges
import SyncLedgers

/// Brings the tables of many clients into one lake, again and again.
///
///     let configuration = try SyncConfiguration(contentsOf: "sync.json")
///     let pipeline = SyncPipeline(
///         configuration: configuration,
///         roster: try configuration.loadRoster(),
///         connector: MariaDBConnector(connections: connections),
///         lake: LocalObjectStore(root: configuration.lake)
///     )
///     _ = try await pipeline.prepare(TaskSelection(regions: .all))
///     let report = try await pipeline.run(TaskSelection(regions: .all))
///
/// `prepare` alone changes what tables look like; `run` moves rows. Each task (region × client × table) writes its own
/// partition and commits its mark with its rows, so that runs may be killed, repeated, or started beside one another.
public struct SyncPipeline<Connector: SourceConnector>: Sendable {
    /// What is brought, and how.
    public let configuration: SyncConfiguration
    /// The clients.
    public let roster: Roster
    /// How sources are read.
    public let connector: Connector
    /// The store that holds the lake.
    public let lake: any ObjectStore
    /// How far marks stay behind what the signals allow.
    public var markPolicy = MarkPolicy()
    /// How data files are cut and encoded; the first ones of a partition are 4 MB, so that merges of the newest rows touch
    /// little.
    public var files: DataFileOptions = {
        var options = DataFileOptions()
        options.firstFileBytes = 4_050_000
        return options
    }()
    /// Decides about staged changes as they come, in this program; nil leaves all of them to people.
    public var reviewer: (any ChangeReviewer)?
    /// Whether runs look in every table for rows that the source no longer has, whatever the configuration says of when.
    ///
    /// Tables whose rows never go are left out.
    public var findsDeletes = false
    /// The key of masked columns; nil where none needs one.
    public var maskingKey: MaskingKey?
    /// Where events are logged.
    public var logger: Logger
    /// Is told of each task as it ends; rows read so far, tasks done, tasks in all.
    public var progress: (@Sendable (SyncProgress) -> Void)?

    /// Makes a pipeline; nothing is read yet.
    public init(
        configuration: SyncConfiguration,
        roster: Roster,
        connector: Connector,
        lake: any ObjectStore,
        logger: Logger = Logger(label: "tributary.sync")
    ) {
        self.configuration = configuration
        self.roster = roster
        self.connector = connector
        self.lake = lake
        self.logger = logger
    }

    /// The tasks of a selection.
    ///
    /// - Throws: `SyncError` when the selection names a region, a client or a table that is not there.
    public func tasks(_ selection: TaskSelection) throws -> [SyncTask] {
        var tasks = try configuration.tasks(selection, roster: roster)
        for index in tasks.indices {
            let task = tasks[index]
            tasks[index].masks = try RowMasks(task.template, of: task.identity, key: maskingKey)
        }
        return tasks
    }

    /// Makes or extends the lake tables for all clients of a selection.
    public func prepare(_ selection: TaskSelection) async throws -> PrepareReport {
        var byPath: [(path: String, tasks: [SyncTask])] = []
        for task in try tasks(selection) {
            if let index = byPath.firstIndex(where: { $0.path == task.lakePath }) {
                byPath[index].tasks.append(task)
            } else {
                byPath.append((task.lakePath, [task]))
            }
        }
        var tables: [PrepareReport.Table] = []
        for (path, tasks) in byPath {
            let preparation = TablePreparation(
                tasks: tasks,
                connector: connector,
                table: DeltaTable(store: lake, path: path),
                clientIDType: configuration.clientIDType == .integer ? .int64 : .string
            )
            tables.append(await preparation.run())
        }
        return PrepareReport(tables: tables)
    }

    /// Brings what changed in the clients of a selection.
    ///
    /// A task that fails leaves the others alone; the report names it. Nothing of a failed task is in the lake, except
    /// slices of a large merge that were complete in themselves.
    public func run(_ selection: TaskSelection) async throws -> RunReport {
        let tasks = try tasks(selection)
        let run = PipelineRun(pipeline: self, tasks: tasks)
        return await run.perform(regions: selection.regions.description)
    }

    /// Up to where the tasks of a selection are in sync: what the ledger, the history and the leases say.
    public func status(_ selection: TaskSelection) async throws -> [TaskStatus] {
        var entries: [TaskIdentity: LedgerEntry] = [:]
        for entry in try await SyncLedger(store: lake).entries() { entries[entry.task] = entry }
        let runs = try await RunHistory(store: lake).lastRuns()
        let leases = try await LeaseBoard.held(in: lake)
        let review = try await ReviewLog(store: lake).state()
        var quarantined: [TaskIdentity: Int] = [:]
        for entry in try await QuarantineTable(store: lake).entries() where entry.state == .open {
            quarantined[entry.task, default: 0] += 1
        }
        return try tasks(selection).map { task in
            let entry = entries[task.identity]
            var status = TaskStatus(task: task.identity, mark: entry?.mark, runSequence: entry?.runSequence)
            status.lastRun = runs[task.identity]
            status.guarantee = status.lastRun?.guarantee
            status.markHeldBy = status.lastRun?.markHeldBy
            status.lease = leases[task.identity]
            status.rowsQuarantined = quarantined[task.identity] ?? 0
            status.waitingChangeSet = review.pending(task.identity)?.id
            return status
        }
    }
}

/// How far a run is.
public struct SyncProgress: Sendable, Hashable, Codable {
    /// Tasks that have ended.
    public var tasksDone: Int
    /// Tasks in all.
    public var taskCount: Int
    /// Tasks that failed.
    public var tasksFailed: Int
    /// Rows read so far.
    public var rowsRead: Int
}
