import Foundation
@testable import SyncPipelines
import Testing

@Suite("RunNotifier") struct RunNotifierTests {
    private static let url = "https://hooks.example.org/sync"

    private static func report(failing: Int) -> RunReport {
        var report = RunReport(
            runID: "0f5c2d7e-1111",
            startedAt: Date(timeIntervalSince1970: 1_700_000_000),
            finishedAt: Date(timeIntervalSince1970: 1_700_000_042),
            regions: "all",
            tasks: []
        )
        for number in 0..<50 {
            var task = TaskReport(
                region: "eu",
                client: "\(number)",
                schema: "shop",
                table: "orders",
                outcome: number < failing ? .failed : .merged
            )
            task.rowsRead = 2
            if number < failing { task.error = TaskFailure(code: "source", step: "source", message: "gone") }
            report.tasks.append(task)
        }
        return report
    }

    private static func tell(
        _ report: RunReport,
        _ transport: MemoryTransport,
        on: NotificationSettings.Occasion = .failure
    ) async -> String? {
        let settings = NotificationSettings(url: url, token: .environment("T"), on: on)
        var notifier = RunNotifier(settings, transport: transport, token: { _ in "secret" })
        notifier.sleep = { _ in }
        return await notifier.tell(report)
    }

    @Test("a failed run is told of with what failed, a good one only where that is wanted")
    func occasions() async throws {
        let transport = MemoryTransport([Self.url: [TransportResponse(status: 204)]])
        #expect(await Self.tell(Self.report(failing: 0), transport) == nil && transport.asked.isEmpty)
        #expect(await Self.tell(Self.report(failing: 30), transport) == nil)
        let asked = try #require(transport.asked.first)
        #expect(asked.method == "POST" && asked.headers["Authorization"] == "Bearer secret")
        let body = try #require(
            try JSONSerialization.jsonObject(with: Data(asked.body)) as? [String: Any]
        )
        #expect(body["text"] as? String == "Run 0f5c2d7e: 30 of 50 tasks failed")
        #expect(body["failed"] as? Int == 30 && body["rowsRead"] as? Int == 100)
        #expect((body["failures"] as? [[String: String]])?.count == 20)
        #expect(await Self.tell(Self.report(failing: 0), transport, on: .always) == nil)
        #expect(transport.asked.count == 2)
    }

    @Test("rows that were set aside are told of")
    func quarantined() async throws {
        let transport = MemoryTransport([Self.url: [TransportResponse(status: 204)]])
        var report = Self.report(failing: 0)
        report.tasks[3].rowsQuarantined = 5
        report.tasks[7].rowsQuarantined = 2
        #expect(await Self.tell(report, transport, on: .always) == nil)
        let asked = try #require(transport.asked.first)
        let body = try #require(
            try JSONSerialization.jsonObject(with: Data(asked.body)) as? [String: Any]
        )
        #expect(body["text"] as? String == "Run 0f5c2d7e: 50 tasks ended well, 7 rows were set aside")
        #expect(body["rowsQuarantined"] as? Int == 7)
    }

    @Test("a service that is away is tried three times and then named, without its path and the token")
    func away() async throws {
        let down = MemoryTransport([:])
        let problem = await Self.tell(Self.report(failing: 1), down)
        #expect(down.asked.count == 3 && problem?.contains("hooks.example.org") == true)
        #expect(problem?.contains("secret") == false && problem?.contains("/sync") == false)
        let passing = MemoryTransport([
            Self.url: [TransportResponse(status: 502), TransportResponse(status: 200)]
        ])
        #expect(await Self.tell(Self.report(failing: 1), passing) == nil && passing.asked.count == 2)
        let refusing = MemoryTransport([Self.url: [TransportResponse(status: 400)]])
        #expect(await Self.tell(Self.report(failing: 1), refusing) != nil && refusing.asked.count == 1)
    }
}
