import Foundation
import Logging
import Metrics
import SourceConnectors
import SyncLedgers
@testable import SyncPipelines
import Synchronization
import Testing

@Suite("Watching") struct WatchingTests {
    static let everything = TaskSelection(regions: .all)

    final class Lines: Sendable {
        let all = Mutex<[String]>([])
    }

    /// A run with a load, a retry and a failure; its log and its report.
    private func run() async throws -> (RunReport, [String], MemoryFleet) {
        let fleet = MemoryFleet()
        fleet.commit("c1", (0..<30).map { MemoryFleet.row($0, "secret value", at: MemoryFleet.start - 1) })
        _ = try await fleet.pipeline.prepare(Self.everything)
        fleet.databases["c1"]?.update {
            $0.failures = [SourceError(.interrupted, isTransient: true, message: "lost connection")]
        }
        fleet.databases["c2"]?.update { $0.isDown = true }
        let lines = Lines()
        var pipeline = fleet.pipeline
        pipeline.logger = Logger(label: "tributary.sync") { label in
            JSONLogHandler(label: label) { line in lines.all.withLock { $0.append(line) } }
        }
        let report = try await pipeline.run(Self.everything)
        return (report, lines.all.withLock { $0 }, fleet)
    }

    @Test("each log line fits the published schema, names no value of a row, and adds up to the report")
    func logLines() async throws {
        let (report, lines, _) = try await run()
        let path = URL(filePath: #filePath).deletingLastPathComponent().appending(
            path: "../../../Documentation/schemas/log-line.schema.json"
        )
        let schema = try #require(
            try JSONSerialization.jsonObject(with: Data(contentsOf: path)) as? [String: Any]
        )
        let properties = try #require(schema["properties"] as? [String: [String: Any]])
        let required = try #require(schema["required"] as? [String])
        var read = 0
        #expect(lines.count >= 4)
        for line in lines {
            #expect(!line.contains("secret value") && !line.contains("\n"))
            let object = try #require(
                try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
            )
            for name in required { #expect(object[name] != nil, "\(name) is not in \(line)") }
            for (name, value) in object {
                let property = try #require(properties[name], "\(name) is not in the schema")
                let isText = property["type"] as? String == "string"
                #expect(isText == (value is String), "\(name) in \(line)")
                if let known = property["enum"] as? [String], let text = value as? String {
                    #expect(known.contains(text))
                }
                if let pattern = property["pattern"] as? String, let text = value as? String {
                    #expect(text.range(of: pattern, options: .regularExpression) != nil)
                }
            }
            read += object["rows.read"] as? Int ?? 0
        }
        #expect(read == report.tasks.reduce(0) { $0 + $1.rowsRead })
    }

    @Test("Prometheus gets the numbers of the report")
    func metrics() async throws {
        let metrics = PrometheusMetrics()
        var task = TaskReport(region: "eu", client: "a\"b", schema: "shop", table: "orders", outcome: .merged)
        (task.rowsRead, task.rowsUpdated, task.attempts, task.seconds) = (120, 7, 3, 1.5)
        task.mark = 1_000_000
        let dimensions = [("region", "eu"), ("client", "a\"b")]
        metrics.makeCounter(label: "sync.rows.read", dimensions: dimensions).increment(by: 100)
        metrics.makeCounter(label: "sync.rows.read", dimensions: dimensions).increment(by: 20)
        metrics.makeRecorder(label: "sync.mark.age.seconds", dimensions: [], aggregate: false).record(3.5)
        metrics.makeRecorder(label: "sync.task.seconds", dimensions: [], aggregate: true).record(1.5)
        metrics.makeRecorder(label: "sync.task.seconds", dimensions: [], aggregate: true).record(2.0)
        metrics.makeTimer(label: "ask", dimensions: []).recordNanoseconds(500_000_000)
        #expect(
            metrics.text == """
                # HELP ask_seconds ask.
                # TYPE ask_seconds summary
                ask_seconds_sum 0.5
                ask_seconds_count 1
                # HELP sync_mark_age_seconds How far the mark lay behind the end of the task's last run.
                # TYPE sync_mark_age_seconds gauge
                sync_mark_age_seconds 3.5
                # HELP sync_rows_read_total Rows that sources sent.
                # TYPE sync_rows_read_total counter
                sync_rows_read_total{region="eu",client="a\\"b"} 120
                # HELP sync_task_seconds How long tasks took, attempts and pauses included.
                # TYPE sync_task_seconds summary
                sync_task_seconds_sum 3.5
                sync_task_seconds_count 2

                """
        )
    }

    @Test("the status names age, guarantee, holder, failures, leases and waiting change sets")
    func status() async throws {
        var (_, _, fleet) = try await run()
        fleet.databases["c2"]?.update { $0.isDown = false }
        fleet.configuration.tables[0].review = .required
        fleet.commit("c2", [MemoryFleet.row(1, "x", at: MemoryFleet.start - 1)])
        _ = try await fleet.pipeline.run(TaskSelection(regions: .all, client: "2"))
        let board = LeaseBoard(store: fleet.store, run: "other", duration: .seconds(30))
        _ = try await board.acquire(
            TaskIdentity(region: "eu", client: "1", schema: "shop", table: "orders")
        )
        let report = StatusReport(
            try await fleet.pipeline.status(Self.everything),
            at: Date(timeIntervalSince1970: 1_700_000_100)
        )
        #expect(report.tasks[0].ageSeconds == 100 && report.tasks[0].guarantee == "bounded(3600 s)")
        #expect(report.tasks[0].running?.contains("run other") == true)
        #expect(report.tasks[1].mark == nil && report.tasks[1].waitingChangeSet != nil)
        #expect(report.text.contains("2 tasks, 1 never brought, 0 failed last, the oldest mark is 100 s old"))
        #expect(report.json.contains("\"ageSeconds\" : 100"))
    }

    @Test("the HTML page stands alone and escapes what it shows")
    func html() async throws {
        var report = RunReport(
            runID: "0f5c2d7e-1111-2222-3333-444455556666",
            startedAt: Date(timeIntervalSince1970: 1_700_000_000),
            finishedAt: Date(timeIntervalSince1970: 1_700_000_042),
            regions: "all",
            tasks: []
        )
        #expect(report.html.contains("succeeded"))
        for number in 0..<400 {
            var task = TaskReport(
                region: "eu",
                client: number == 3 ? "<b>&\"" : "\(number)",
                schema: "shop",
                table: "orders",
                outcome: TaskOutcome.allCases[number % TaskOutcome.allCases.count]
            )
            task.seconds = Double(number % 17) + 0.3
            task.startedAfter = Double(number) / 10
            task.mark = 1_699_999_000_000_000 + Int64(number)
            if task.outcome == .failed {
                task.error = TaskFailure(code: "source", step: "source", message: "<gone>")
            }
            report.tasks.append(task)
        }
        let page = report.html
        #expect(!page.contains("<gone>") && page.contains("&lt;gone&gt;") && !page.contains("<b>&\""))
        #expect(!page.contains("http://") && !page.contains("https://") && !page.contains("<script"))
        #expect(page.contains("prefers-color-scheme:dark") && page.contains("The longest 300 of 400 tasks"))
        let tags = ["div", "table", "tr", "td", "span", "details", "ul", "li", "h2"]
        for tag in tags {
            let opened = page.matches(of: try Regex("<\(tag)[ >]")).count
            #expect(opened == page.matches(of: try Regex("</\(tag)>")).count, "\(tag)")
        }
    }
}
