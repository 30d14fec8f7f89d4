import ArgumentParser
import Foundation
import Metrics
import ServiceLifecycle
import Tributary

/// Runs what is due until it is told to stop.
struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Brings what is due, again and again, until SIGTERM or SIGINT.",
        discussion: """
            The configuration and the roster are read anew for each look. A signal ends a run under way within ten \
            seconds: what is ready is committed, the next run continues.
            """
    )

    @OptionGroup var options: Options

    @OptionGroup var traces: Traces

    @Option(help: "Where the pages, /health and /metrics are served, as ADDRESS:PORT; or \"none\".")
    var listen = "127.0.0.1:9464"

    @Option(help: "How long to wait at most before looking again, in seconds.")
    var every = 30

    @Option(help: "The folder that gets each run's page and report.")
    var reports: String?

    func validate() throws {
        guard (1...86_400).contains(every) else { throw ValidationError("--every is 1 to 86400 seconds") }
        if listen != "none" { _ = try address() }
    }

    func run() async throws {
        let metrics = PrometheusMetrics()
        MetricsSystem.bootstrap(metrics)
        let (options, reports) = (options, reports)
        _ = try await options.pipeline()  // what is wrong now is said now
        var runs = ScheduledRuns(selection: try options.selection()) { try await options.pipeline() }
        runs.interval = .seconds(every)
        runs.logger = options.log.logger(verbose: true)
        runs.finished = { report in
            if let settings = try? SyncConfiguration(contentsOf: options.config) {
                await options.tell(report, by: settings)
            }
            print(report.text.split(separator: "\n").last ?? "")
            guard let reports else { return }
            let name =
                reports + "/"
                + report.startedAt.formatted(.iso8601.dateTimeSeparator(.standard))
                .replacing(":", with: "")
            try? report.html.write(toFile: name + ".html", atomically: true, encoding: .utf8)
            try? report.json.write(toFile: name + ".json", atomically: true, encoding: .utf8)
        }
        var all: [any Service] = [SyncService(runs)]
        if listen != "none" {
            let (host, port) = try address()
            all.append(StatusServer(address: host, port: port, board: runs.board, metrics: metrics))
        }
        var group = ServiceGroupConfiguration(
            services: all,
            gracefulShutdownSignals: [.sigterm, .sigint],
            logger: options.log.logger(verbose: false)
        )
        // What has not ended by then is abandoned; its rows and its mark are in no commit, so nothing is lost.
        group.maximumGracefulShutdownDuration = .seconds(8)
        group.maximumCancellationDuration = .seconds(1)
        let services = ServiceGroup(configuration: group)
        try await traces.exporting { try await services.run() }
    }

    private func address() throws -> (String, UInt16) {
        let parts = listen.split(separator: ":")
        guard parts.count == 2, let port = UInt16(parts[1]) else {
            throw ValidationError("\"\(listen)\" is no address; write it as 127.0.0.1:9464")
        }
        return (String(parts[0]), port)
    }
}
