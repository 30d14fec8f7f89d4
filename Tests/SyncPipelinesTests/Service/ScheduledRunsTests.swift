import Foundation
import Logging
@testable import SyncPipelines
import Synchronization
import Testing

@Suite("ScheduledRuns") struct ScheduledRunsTests {
    /// A clock that only sleeping moves; the service is cancelled after a number of pauses.
    final class Clock: Sendable {
        private let content: Mutex<(now: Date, pauses: [Duration])>

        init(_ start: Date) { content = Mutex((start, [])) }

        var now: Date { content.withLock { $0.now } }
        var pauses: [Duration] { content.withLock { $0.pauses } }

        func sleep(_ pause: Duration, atMost count: Int) throws {
            try content.withLock { content in
                content.now += pause / .seconds(1)
                content.pauses.append(pause)
                if content.pauses.count >= count { throw CancellationError() }
            }
        }
    }

    private static func fleet() throws -> MemoryFleet {
        var fleet = MemoryFleet()
        fleet.commit("c1", (0..<3).map { MemoryFleet.row($0, "a", at: MemoryFleet.start - 1) })
        for index in fleet.configuration.tables.indices {
            let node = try ConfigurationNode(json: #"{"cron": "0 * * * *"}"#, file: "test")
            fleet.configuration.tables[index].schedule = try Schedule(node)
        }
        return fleet
    }

    @Test("each window is brought once, the pauses end when the next opens, and cancelling ends the service")
    func windows() async throws {
        let fleet = try Self.fleet()
        _ = try await fleet.pipeline.prepare(TaskSelection(regions: .all))
        let clock = Clock(Date())
        var runs = ScheduledRuns(selection: TaskSelection(regions: .all)) { fleet.pipeline }
        runs.interval = .seconds(1000)
        runs.clock = { clock.now }
        runs.sleep = { try clock.sleep($0, atMost: 8) }
        await #expect(throws: CancellationError.self) { try await runs.run() }
        let board = runs.board
        // Runs begin by the real clock, windows open by the test's: from the second window on none is ever served.
        #expect(board.state.runCount >= 2)
        #expect(clock.pauses.allSatisfy { $0 >= .seconds(1) && $0 <= .seconds(1000) })
        #expect(board.isHealthy && board.lastRun?.succeeded == true && board.status?.tasks.count == 2)
        let page = board.html
        #expect(page.contains("Tributary, waiting") && page.contains("eu/1 shop.orders"))
        #expect(!page.contains("http://") && !page.contains("<script"))
        let json = try JSONSerialization.jsonObject(with: Data(board.json.utf8)) as? [String: Any]
        #expect(json?["lastRun"] is [String: Any] && json?["service"] is [String: Any])
    }

    @Test("what waits for people is counted on the page, and only what there is")
    func waiting() throws {
        let board = ServiceBoard()
        var report = StatusReport([])
        func task(_ client: String) -> StatusReport.Task {
            StatusReport.Task(region: "eu", client: client, table: "shop.orders")
        }
        report.tasks = [task("1"), task("2")]
        let state = board.state
        let calm = ServicePage(state: state, lastRun: nil, status: report).page
        #expect(!calm.contains("set aside") && !calm.contains("to review"))
        report.tasks[0].rowsQuarantined = 1200
        report.tasks[1].rowsQuarantined = 34
        report.tasks[1].waitingChangeSet = "4f"
        let page = ServicePage(state: state, lastRun: nil, status: report).page
        #expect(page.contains("<b>1\u{202F}234</b><span>rows set aside</span>"))
        #expect(page.contains("<b>1</b><span>to review</span>"))
    }

    @Test("what keeps it from working is shown, and does not end it")
    func problems() async throws {
        let fleet = try Self.fleet()
        _ = try await fleet.pipeline.prepare(TaskSelection(regions: .all))
        let looks = Mutex(0)
        let seen = Mutex<[Bool]>([])
        let clock = Clock(Date())
        let board = ServiceBoard()
        var runs = ScheduledRuns(selection: TaskSelection(regions: .all), board: board) {
            let look = looks.withLock { count in
                count += 1
                return count
            }
            guard look > 2 else {
                throw SyncError(.invalidConfiguration, message: "the roster is gone; bring <it> back")
            }
            return fleet.pipeline
        }
        runs.logger = Logger(label: "quiet") { _ in SwiftLogNoOpLogHandler() }
        runs.clock = { clock.now }
        runs.sleep = { pause in
            seen.withLock { $0.append(board.isHealthy) }
            if !board.isHealthy { #expect(board.html.contains("bring &lt;it&gt; back")) }
            try clock.sleep(pause, atMost: 3)
        }
        await #expect(throws: CancellationError.self) { try await runs.run() }
        #expect(seen.withLock { $0 } == [false, false, true])
        #expect(board.state.runCount == 1)
    }
}
