import Foundation
import SyncLedgers
@testable import SyncPipelines
import Testing

@Suite("Due") struct DueTests {
    private static let task = TaskIdentity(region: "eu", client: "1", schema: "shop", table: "orders")

    private static func schedule(_ json: String = #"{"every": "day", "at": "02:00"}"#) throws -> Schedule {
        try Schedule(try ConfigurationNode(json: json, file: "test"))
    }

    private static func date(_ text: String) throws -> Date {
        try Date("2026-\(text):00Z", strategy: .iso8601)
    }

    private static func decide(
        _ now: String,
        _ runs: [(String, String)],
        _ schedule: Schedule
    ) throws -> DueDecision {
        let past = try runs.map { start, outcome in
            let began = try date(start).microseconds
            return PastRun(
                task: task,
                startedAt: began,
                finishedAt: began + 60_000_000,
                outcome: outcome == "cancelled" ? "failed" : outcome,
                errorCode: outcome == "cancelled" ? outcome : nil
            )
        }
        return DueDecision(schedule: schedule, region: "eu", runs: past, at: try date(now))
    }

    @Test("a window is served once, by whatever run begins after it opened and does not fail")
    func once() throws {
        let daily = try Self.schedule()
        #expect(try Self.decide("11-24T03:00", [], daily).isDue)
        #expect(try Self.decide("11-24T03:00", [("11-23T02:01", "merged")], daily).isDue)
        #expect(try !Self.decide("11-24T03:00", [("11-24T02:01", "unchanged")], daily).isDue)
        #expect(try !Self.decide("11-25T01:59", [("11-24T02:01", "staged")], daily).isDue)
        #expect(try Self.decide("11-25T02:00", [("11-24T02:01", "loaded")], daily).isDue)
        #expect(try Self.decide("11-24T03:00", [("11-24T02:01", "held")], daily).isDue)
    }

    @Test("a client may have other times than the table, or none at all")
    func clients() async throws {
        var fleet = MemoryFleet()
        fleet.configuration.tables[0].schedule = try Self.schedule()
        var own = ClientOverride()
        own.schedule = .some(try Self.schedule(#"{"every": "week", "on": ["monday"], "at": "05:00"}"#))
        fleet.configuration.clients["2"] = ["shop.orders": own]
        let all = TaskSelection(regions: .all)
        // A Tuesday: the window of the day is open for one, that of Monday for the other.
        let due = try await fleet.pipeline.due(all, at: try Self.date("11-24T03:00"))
        #expect(due.tasks.map(\.isDue) == [true, true])
        let opened = [try Self.date("11-24T02:00"), try Self.date("11-23T05:00")]
        #expect(due.tasks.map(\.openedAt) == opened)
        own.schedule = .some(nil)
        fleet.configuration.clients["2"] = ["shop.orders": own]
        let one = try await fleet.pipeline.due(all, at: try Self.date("11-24T03:00"))
        #expect(one.due.map(\.client) == ["1"])
        let file = """
            {"lake": "l", "schemas": {"s": {"database": "d"}},
             "tables": [{"schema": "s", "name": "t", "schedule": {"every": "day", "at": "02:00"}}],
             "clients": {"7": {"tables": {"t": {"schedule": null}}}, "8": {"tables": {"t": {}}}}}
            """
        let configuration = try SyncConfiguration(json: file)
        let schedules = ["7", "8"].map { client in
            let entry = RosterEntry(client: client, region: "eu", connection: "c")
            return configuration.template(configuration.tables[0], for: entry)?.schedule
        }
        #expect(schedules[0] == nil && schedules[1] != nil)
    }

    @Test("missed windows are caught up once, and the reason says how many")
    func missed() throws {
        let daily = try Self.schedule()
        let late = try Self.decide("11-24T10:00", [("11-20T02:01", "merged")], daily)
        #expect(
            late.isDue && late.reason.contains("2026-11-24T02:00:00Z") && late.reason.contains("3 before it")
        )
        let after = try Self.decide(
            "11-24T10:05",
            [("11-20T02:01", "merged"), ("11-24T10:00", "merged")],
            daily
        )
        try #expect(!after.isDue && after.next == Self.date("11-25T02:00"))
    }

    @Test("a window that has closed waits for the next one")
    func closed() throws {
        let night = try Self.schedule(#"{"every": "day", "at": "02:00", "openMinutes": 120}"#)
        #expect(try Self.decide("11-24T03:59", [], night).isDue)
        let closed = try Self.decide("11-24T04:00", [], night)
        #expect(!closed.isDue && closed.reason.contains("missed"))
        #expect(try Self.decide("11-25T02:00", [], night).isDue)
    }

    @Test("a task that failed is tried again after a while, later and later")
    func failures() throws {
        let daily = try Self.schedule()
        let once = [("11-24T02:00", "failed")]
        #expect(try !Self.decide("11-24T02:05", once, daily).isDue)
        #expect(try Self.decide("11-24T02:06", once, daily).isDue)
        let twice = once + [("11-24T02:10", "failed")]
        let waits = try Self.decide("11-24T02:20", twice, daily)
        try #expect(!waits.isDue && waits.next == Self.date("11-24T02:21"))
        #expect(try Self.decide("11-24T02:21", twice, daily).isDue)
        #expect(try Self.decide("11-24T02:01", [("11-24T02:00", "cancelled")], daily).isDue)
        #expect(try !Self.decide("11-24T02:30", twice + [("11-24T02:25", "merged")], daily).isDue)
    }

    @Test("over random histories every window is served exactly once")
    func histories() throws {
        let schedules = [
            try Self.schedule(#"{"every": "day", "at": "02:30", "zone": "Europe/Berlin"}"#),
            try Self.schedule(#"{"cron": "0,30 1-3 * * *", "zone": "America/New_York"}"#),
            try Self.schedule(#"{"every": "month", "on": [31], "at": "23:59", "zone": "Asia/Tokyo"}"#),
        ]
        let begin = try Self.date("10-20T00:00")
        for (number, schedule) in schedules.enumerated() {
            var seconds = 0.0
            var step = UInt64(number + 1)
            var runs: [PastRun] = []
            var last = Date.distantPast
            while seconds < 40 * 86_400 {
                step = step &* 6_364_136_223_846_793_005 &+ 1
                seconds += Double(step >> 48)  // up to 18 hours
                let now = begin.addingTimeInterval(seconds)
                guard let opened = schedule.lastOpening(upTo: now, region: "eu") else { continue }
                let decision = DueDecision(schedule: schedule, region: "eu", runs: runs, at: now)
                #expect(decision.isDue == (opened > last), "\(schedule) at \(now): \(decision.reason)")
                guard decision.isDue else { continue }
                last = now
                let start = now.microseconds
                runs.append(
                    PastRun(task: Self.task, startedAt: start, finishedAt: start + 1, outcome: "merged")
                )
            }
            #expect(!runs.isEmpty)
        }
    }

    @Test("a pipeline runs what is due, and then nothing is")
    func pipeline() async throws {
        let fleet = MemoryFleet()
        fleet.commit("c1", (0..<3).map { MemoryFleet.row($0, "a", at: MemoryFleet.start - 1) })
        var configuration = fleet.pipeline.configuration
        for index in configuration.tables.indices {
            configuration.tables[index].schedule = try Self.schedule(#"{"cron": "0 0 1 1 *"}"#)
        }
        let pipeline = SyncPipeline(
            configuration: configuration,
            roster: fleet.pipeline.roster,
            connector: fleet.pipeline.connector,
            lake: fleet.pipeline.lake
        )
        let all = TaskSelection(regions: .all)
        _ = try await pipeline.prepare(all)
        let due = try await pipeline.due(all)
        #expect(due.due.count == due.tasks.count && !due.tasks.isEmpty)
        let report = try await pipeline.run(due: due)
        #expect(report.succeeded && report.tasks.count == due.tasks.count)
        let after = try await pipeline.due(all)
        #expect(after.due.isEmpty && after.text.contains("0 of \(due.tasks.count) tasks are due"))
        let year = Date().addingTimeInterval(366 * 86_400)
        #expect(try await pipeline.due(all, at: year).due.count == due.tasks.count)
        #expect(try await pipeline.run(due: after).tasks.isEmpty)
        let decoded = try JSONSerialization.jsonObject(with: Data(due.json.utf8)) as? [String: Any]
        #expect((decoded?["tasks"] as? [[String: Any]])?.first?["reason"] is String)
        let unscheduled = try await fleet.pipeline.due(all)
        #expect(unscheduled.due.isEmpty && unscheduled.text.contains("no schedule"))
    }
}
