import Hummingbird
import Tributary

/// A web server that brings what changed in the background, and shows the page of the last run.
///
///     swift run sync-server sync.json      then look at http://127.0.0.1:8080
@main
struct SyncServer {
    static func main() async throws {
        let sync = try BackgroundSync(configuration: CommandLine.arguments.dropFirst().first ?? "sync.json")
        let server = Application(
            router: router(sync),
            configuration: .init(address: .hostname("127.0.0.1", port: 8080))
        )
        // Whichever ends first, by a signal or by an error, ends the other.
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await server.runService() }
            group.addTask { try await sync.run(every: .seconds(60)) }
            try await group.next()
            group.cancelAll()
        }
    }

    static func router(_ sync: BackgroundSync) -> Router<BasicRequestContext> {
        let router = Router()
        router.get("/") { _, _ -> Response in
            guard let report = await sync.lastRun else {
                return answer(.serviceUnavailable, "text/plain; charset=utf-8", "no run has ended yet")
            }
            return answer(.ok, "text/html; charset=utf-8", report.html)
        }
        router.get("/status") { _, _ -> Response in
            answer(.ok, "application/json", try await sync.status().json)
        }
        // For whoever restarts servers: not well while the last run failed.
        router.get("/health") { _, _ -> HTTPResponse.Status in
            await sync.lastRun?.succeeded == true ? .ok : .serviceUnavailable
        }
        return router
    }

    private static func answer(_ status: HTTPResponse.Status, _ type: String, _ body: String) -> Response {
        Response(
            status: status,
            headers: [.contentType: type],
            body: ResponseBody(byteBuffer: ByteBuffer(string: body))
        )
    }
}

/// A pipeline that runs again and again.
actor BackgroundSync {
    private let pipeline: SyncPipeline<SQLiteConnector>
    /// What the last run did; nil before it has ended.
    private(set) var lastRun: RunReport?

    /// Reads a configuration whose connections are folders of SQLite files.
    init(configuration path: String) throws {
        let configuration = try SyncConfiguration(contentsOf: path)
        pipeline = SyncPipeline(
            configuration: configuration,
            roster: try configuration.loadRoster(),
            connector: SQLiteConnector(
                connections: configuration.connections.compactMapValues { settings in
                    settings.folder.map { SQLiteConnection(folder: $0) }
                }
            ),
            lake: LocalObjectStore(root: configuration.lake)
        )
    }

    /// Runs until it is cancelled; a run that fails in part is followed by the next one.
    func run(every interval: Duration) async throws {
        while true {
            try await runOnce()
            try await Task.sleep(for: interval)
        }
    }

    /// Extends the lake's tables where they must be, and brings what changed.
    func runOnce() async throws {
        let everything = TaskSelection(regions: .all)
        _ = try await pipeline.prepare(everything)
        lastRun = try await pipeline.run(everything)
    }

    /// Up to where everything is in sync.
    func status() async throws -> StatusReport {
        StatusReport(try await pipeline.status(TaskSelection(regions: .all)))
    }
}
