import ArgumentParser
import Foundation
import Logging
import Tributary

/// The main job: many databases into one Delta lake.
///
/// Each command says its name: finding it by the type takes every start of the program a quarter of a millisecond.
@main
struct RegionSync: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "region-sync",
        abstract: "Brings the tables of many MariaDB and SQLite databases into one Delta lake.",
        discussion: """
            The region comes from --region or the environment variable TRIBUTARY_REGION; "all" takes every region.
            """,
        subcommands: [
            Init.self, Grants.self, Check.self, Plan.self, Prepare.self, Due.self, Run.self, Serve.self,
            Verify.self, Rebuild.self, Reset.self, Resync.self, Backfill.self, Move.self, Status.self,
            Quarantine.self, Diff.self, Approve.self, Reject.self, Patch.self,
        ]
    )
}

/// What every command is told.
struct Options: ParsableArguments {
    @Option(help: "The configuration file.")
    var config: String

    @Option(help: "A region of the roster, or \"all\".")
    var region: String?

    @Option(help: "Only this client.")
    var client: String?

    @Option(help: "Only this table, as TABLE or SCHEMA.TABLE.")
    var table: String?

    @Flag(help: "Print JSON instead of text.")
    var json = false

    @Flag(help: "Log each event as a line on standard error.")
    var verbose = false

    @Option(help: "How events are logged: text, or json, which logs them all.")
    var log = LogFormat.text

    func selection() throws -> TaskSelection {
        let regions = try RegionSelection.resolve(region, environment: ProcessInfo.processInfo.environment)
        return TaskSelection(regions: regions, client: client, table: table)
    }

    /// The clients, by the file or the service that is configured.
    func roster(of settings: SyncConfiguration) async throws -> Roster {
        let environment = ProcessInfo.processInfo.environment
        let provider = try settings.rosterProvider(
            transport: URLSessionTransport(),
            cache: LocalObjectStore(root: settings.lake),
            token: { try $0.resolve(environment: environment) }
        )
        let roster = try await provider.roster()
        if let note = roster.note(at: Date()) {
            FileHandle.standardError.write(Data("note: \(note)\n".utf8))
        }
        return roster
    }

    /// Tells whom the configuration names of a run.
    func tell(_ report: RunReport, by settings: SyncConfiguration) async {
        guard let notify = settings.notify else { return }
        let environment = ProcessInfo.processInfo.environment
        let notifier = RunNotifier(
            notify,
            transport: URLSessionTransport(),
            token: { try $0.resolve(environment: environment) }
        )
        if let problem = await notifier.tell(report) {
            FileHandle.standardError.write(Data("note: nobody was told of the run: \(problem)\n".utf8))
        }
    }

    func pipeline() async throws -> SyncPipeline<DatabaseConnector> {
        let settings = try SyncConfiguration(contentsOf: config)
        var pipeline = SyncPipeline(
            configuration: settings,
            roster: try await roster(of: settings),
            connector: try DatabaseConnector(settings),
            lake: LocalObjectStore(root: settings.lake),
            logger: log.logger(verbose: verbose)
        )
        if let reference = settings.maskKey {
            let environment = ProcessInfo.processInfo.environment
            pipeline.maskingKey = try MaskingKey(secret: try reference.resolve(environment: environment))
        }
        return pipeline
    }
}

/// Servers, and folders of files.
typealias DatabaseConnector = EitherConnector<MariaDBConnector, SQLiteConnector>

extension DatabaseConnector {
    /// The connections of a configuration: those with a folder are files, all others servers.
    init(_ settings: SyncConfiguration) throws {
        let folders = settings.connections.compactMapValues(\.folder)
        let servers = settings.connections.filter { folders[$0.key] == nil }
        self.init(
            MariaDBConnector(connections: try servers.mapValues { try MariaDBConnection($0) }),
            SQLiteConnector(connections: folders.mapValues { SQLiteConnection(folder: $0) }),
            isFirst: { folders[$0.connection] == nil }
        )
    }
}

extension MariaDBConnection {
    /// The connection of a configuration; the secret must be there, though it is fetched anew for each connect.
    init(_ settings: ConnectionSettings) throws {
        let environment = ProcessInfo.processInfo.environment
        _ = try settings.password?.resolve(environment: environment)
        let password = settings.password.map { reference in
            MariaDBPassword.provider { try reference.resolve(environment: environment) }
        }
        self.init(settings, password: password ?? .none)
    }

    /// The connection of a configuration, with a password.
    init(_ settings: ConnectionSettings, password: MariaDBPassword) {
        if let socket = settings.socket {
            self.init(socket: socket, user: settings.user, password: password)
        } else {
            self.init(
                host: settings.host ?? "127.0.0.1",
                port: settings.port,
                user: settings.user,
                password: password
            )
        }
        let certificates = MariaDBCertificates(
            authority: settings.certificateAuthority,
            certificate: settings.certificate,
            key: settings.key
        )
        switch settings.tls {
        case .disabled: tls = .disabled
        case .required: tls = .required(certificates)
        case nil: if certificates != MariaDBCertificates() { tls = .required(certificates) }
        }
        allowedLogins = settings.logins
        readTimeout = .seconds(settings.readTimeout)
        connectTimeout = .seconds(settings.connectTimeout)
        maximumStatementTime = settings.statementSeconds.map { .seconds($0) }
        if let seconds = settings.lockWaitSeconds { lockWaitTimeout = .seconds(seconds) }
        rowsPerSecond = settings.rowsPerSecond
        snapshotLock = settings.snapshotLock
    }
}

/// Makes or extends the lake tables.
struct Prepare: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "prepare",
        abstract: "Makes or extends the lake tables for all clients."
    )

    @OptionGroup var options: Options

    func run() async throws {
        let report = try await options.pipeline().prepare(options.selection())
        if options.json {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
            print(String(decoding: try encoder.encode(report), as: UTF8.self))
        } else {
            print(report.text)
        }
        guard report.succeeded else { throw ExitCode(1) }
    }
}

/// Brings what changed.
struct Run: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Brings what changed since the last run."
    )

    @OptionGroup var options: Options

    @OptionGroup var watching: Watching

    @OptionGroup var traces: Traces

    @Option(
        help:
            "Do what this plan showed: its selection, its tables, its destructive edits; refused when stale."
    )
    var plan: String?

    @Flag(help: "Bring only what is due by its schedule.")
    var due = false

    @Flag(help: "Look in every table for rows that the source no longer has.")
    var findDeletes = false

    func validate() throws {
        if due && plan != nil {
            throw ValidationError("a plan says what to bring; leave out --due or --plan")
        }
    }

    func run() async throws {
        let metrics = watching.start()
        let line = ProgressLine()
        var watched = try await options.pipeline()
        watched.progress = { line.show($0) }
        watched.findsDeletes = findDeletes
        let pipeline = watched
        let (selection, plan, due) = (try options.selection(), plan, due)
        let result = try await traces.exporting {
            try await Stopping.cancellingOnSignals {
                if let plan { return try await pipeline.run(plan: plan) }
                if due { return try await pipeline.run(due: try await pipeline.due(selection)) }
                return try await pipeline.run(selection)
            }
        }
        line.clear()
        await options.tell(result, by: pipeline.configuration)
        try watching.write(result, metrics)
        print(options.json ? result.json : result.text)
        guard result.succeeded else { throw ExitCode(1) }
    }
}

/// Says up to where everything is in sync.
struct Status: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Says up to where each task is in sync, what that is worth, and who works on it."
    )

    @OptionGroup var options: Options

    func run() async throws {
        let report = StatusReport(try await options.pipeline().status(options.selection()))
        print(options.json ? report.json : report.text)
    }
}
