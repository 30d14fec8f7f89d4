import ArgumentParser
import Foundation
import Logging
import Metrics
import Tributary

/// What a run leaves behind for those who watch it.
struct Watching: ParsableArguments {
    @Option(help: "Write the run's report, as JSON, to this file.")
    var report: String?

    @Option(help: "Write the run's report, as a web page, to this file.")
    var html: String?

    @Option(help: "Write the run's metrics, as Prometheus reads them, to this file.")
    var metrics: String?

    func start() -> PrometheusMetrics? {
        guard metrics != nil else { return nil }
        let collection = PrometheusMetrics()
        MetricsSystem.bootstrap(collection)
        return collection
    }

    func write(_ result: RunReport, _ collection: PrometheusMetrics?) throws {
        if let report { try Self.write(result.json, to: report) }
        if let html { try Self.write(result.html, to: html) }
        if let metrics, let collection { try Self.write(collection.text, to: metrics) }
    }

    private static func write(_ text: String, to file: String) throws {
        try text.write(toFile: file, atomically: true, encoding: .utf8)
    }
}

/// How events are logged.
enum LogFormat: String, ExpressibleByArgument, CaseIterable {
    case text
    case json

    func logger(verbose: Bool) -> Logger {
        var logger = Logger(label: "region-sync") { label in
            switch self {
            case .text: StreamLogHandler.standardError(label: label)
            case .json:
                JSONLogHandler(label: label) { line in
                    FileHandle.standardError.write(Data((line + "\n").utf8))
                }
            }
        }
        logger.logLevel = verbose || self == .json ? .info : .critical
        return logger
    }
}
