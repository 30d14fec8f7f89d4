import Foundation
import SyncLedgers
@testable import SyncPipelines
import Testing

/// A crontab line as sets, so that a test can tell which wall clock times it names without the code under test.
private struct Line {
    var minutes: Set<Int>
    var hours: Set<Int>
    var days: Set<Int>
    var weekdays: Set<Int>

    static func random(_ generator: inout some RandomNumberGenerator) -> Line {
        func some(_ range: ClosedRange<Int>, _ count: Int, using generator: inout some RandomNumberGenerator)
            -> Set<Int>
        {
            Set((0..<count).map { _ in Int.random(in: range, using: &generator) })
        }
        let isHourly = Int.random(in: 0..<3, using: &generator) == 0
        return Line(
            minutes: some(0...59, Int.random(in: 1...4, using: &generator), using: &generator),
            hours: isHourly
                ? Set(0...23) : some(0...23, 2, using: &generator).union(some(0...3, 2, using: &generator)),
            days: Bool.random(using: &generator) ? [] : some(1...31, 12, using: &generator),
            weekdays: Bool.random(using: &generator) ? [] : some(0...6, 3, using: &generator)
        )
    }

    var text: String {
        func list(_ set: Set<Int>, or all: Bool) -> String {
            all ? "*" : set.sorted().map(String.init).joined(separator: ",")
        }
        return [
            list(minutes, or: false), list(hours, or: hours.count == 24), list(days, or: days.isEmpty), "*",
            list(weekdays, or: weekdays.isEmpty),
        ].joined(separator: " ")
    }

    func names(_ wall: DateComponents) -> Bool {
        guard minutes.contains(wall.minute ?? -1), hours.contains(wall.hour ?? -1) else { return false }
        if days.isEmpty && weekdays.isEmpty { return true }
        return days.contains(wall.day ?? -1) || weekdays.contains((wall.weekday ?? 0) - 1)
    }
}

@Suite("Schedule") struct ScheduleTests {
    private static func schedule(_ json: String) throws -> Schedule {
        try Schedule(try ConfigurationNode(json: json, file: "test"))
    }

    private static func date(_ text: String) throws -> Date { try Date(text, strategy: .iso8601) }

    /// Zones whose clocks jump by an hour, by half an hour, at midnight, over a whole day, and not at all.
    static let zones: [(String, String)] = [
        ("Europe/Berlin", "2026-03-01T00:00:00Z"), ("Europe/Berlin", "2026-10-01T00:00:00Z"),
        ("America/New_York", "2026-03-01T00:00:00Z"), ("America/New_York", "2026-10-01T00:00:00Z"),
        ("America/St_Johns", "2010-03-01T00:00:00Z"), ("America/St_Johns", "2010-10-20T00:00:00Z"),
        ("Australia/Lord_Howe", "2026-03-20T00:00:00Z"), ("Australia/Lord_Howe", "2026-09-20T00:00:00Z"),
        ("America/Sao_Paulo", "2018-10-20T00:00:00Z"), ("America/Sao_Paulo", "2019-02-01T00:00:00Z"),
        ("Pacific/Apia", "2011-12-20T00:00:00Z"), ("Africa/Casablanca", "2026-02-10T00:00:00Z"),
        ("Asia/Kathmandu", "2026-03-20T00:00:00Z"),
    ]

    @Test(
        "around every jump of the clocks, windows open as a walk through all minutes finds them",
        arguments: zones.indices
    )
    func jumps(index: Int) throws {
        let (name, start) = Self.zones[index]
        let zone = try #require(TimeZone(identifier: name))
        let from = try Self.date(start)
        let jump = zone.nextDaylightSavingTimeTransition(after: from) ?? from
        var universal = Calendar(identifier: .gregorian)
        universal.timeZone = .gmt
        let begin = Int(jump.timeIntervalSince1970) / 60 * 60 - 40 * 3600
        let minutes = stride(from: begin, through: begin + 80 * 3600, by: 60).map { $0 }
        // What wall clocks show, as seconds of a calendar without jumps, and the fields of each such minute.
        let walls = minutes.map { $0 + zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double($0))) }
        var fields: [Int: DateComponents] = [:]
        for wall in stride(from: (walls.min() ?? 0) - 60, through: walls.max() ?? 0, by: 60) {
            fields[wall] = universal.dateComponents(
                [.day, .weekday, .hour, .minute],
                from: Date(timeIntervalSince1970: Double(wall))
            )
        }
        var generator = Lcg(state: UInt64(index + 1))
        for _ in 0..<12 {
            let line = Line.random(&generator)
            let schedule = try Self.schedule(#"{"cron": "\#(line.text)", "zone": "\#(name)"}"#)
            var openings: [Int] = []
            var shown = walls[0] - 60
            for (minute, wall) in zip(minutes, walls) {
                let passes =
                    line.hours.count == 24
                    ? [wall] : Array(stride(from: shown + 60, through: wall, by: 60))
                if passes.contains(where: { fields[$0].map(line.names) ?? false }) { openings.append(minute) }
                shown = max(shown, wall)
            }
            for _ in 0..<40 {
                let now = begin + 60 + Int.random(in: 0..<(80 * 3600 - 120), using: &generator)
                let instant = Date(timeIntervalSince1970: Double(now))
                if let last = openings.last(where: { $0 <= now }) {
                    let found = schedule.lastOpening(upTo: instant, region: "eu")?.timeIntervalSince1970
                    #expect(found == Double(last), "\(line.text) in \(name) up to \(instant)")
                }
                if let next = openings.first(where: { $0 > now }) {
                    let found = schedule.nextOpening(after: instant, region: "eu")?.timeIntervalSince1970
                    #expect(found == Double(next), "\(line.text) in \(name) after \(instant)")
                }
            }
        }
    }

    @Test("days, weeks and months follow the calendar of the zone")
    func calendars() throws {
        let daily = try Self.schedule(#"{"every": "day", "at": ["02:30", "14:00"], "zone": "Europe/Berlin"}"#)
        let gap = try Self.date("2026-03-29T00:00:00Z")
        try #expect(daily.nextOpening(after: gap, region: "eu") == Self.date("2026-03-29T01:00:00Z"))
        let fold = try Self.date("2026-10-24T20:00:00Z")
        let first = try #require(daily.nextOpening(after: fold, region: "eu"))
        try #expect(first == Self.date("2026-10-25T00:30:00Z"))
        try #expect(daily.nextOpening(after: first, region: "eu") == Self.date("2026-10-25T13:00:00Z"))
        let weekly = try Self.schedule(#"{"every": "week", "on": "monday", "at": "01:00"}"#)
        let wednesday = try Self.date("2026-11-25T12:00:00Z")
        try #expect(weekly.lastOpening(upTo: wednesday, region: "eu") == Self.date("2026-11-23T01:00:00Z"))
        let monthly = try Self.schedule(#"{"every": "month", "on": [1, "last", 30], "at": "00:10"}"#)
        var instant = try Self.date("2027-01-31T00:10:00Z")
        var found: [Date] = []
        for _ in 0..<4 {
            instant = try #require(monthly.nextOpening(after: instant, region: "eu"))
            found.append(instant)
        }
        let expected = ["02-01", "02-28", "03-01", "03-30"]
        try #expect(found == expected.map { try Self.date("2027-\($0)T00:10:00Z") })
        let leap = try Self.schedule(#"{"cron": "0 0 29 2 *"}"#)
        try #expect(leap.nextOpening(after: wednesday, region: "eu") == Self.date("2028-02-29T00:00:00Z"))
    }

    @Test("each region has its own night")
    func regions() throws {
        let nightly = try Self.schedule(
            #"{"every": "day", "at": "02:00", "zone": {"eu": "Europe/Berlin", "us": "America/New_York"}}"#
        )
        let noon = try Self.date("2026-11-24T12:00:00Z")
        try #expect(nightly.lastOpening(upTo: noon, region: "eu") == Self.date("2026-11-24T01:00:00Z"))
        try #expect(nightly.lastOpening(upTo: noon, region: "us") == Self.date("2026-11-24T07:00:00Z"))
        try #expect(nightly.lastOpening(upTo: noon, region: "ap") == Self.date("2026-11-24T02:00:00Z"))
        #expect(nightly.zone(ofRegion: "us") == "America/New_York" && nightly.zone(ofRegion: "ap") == "UTC")
    }

    @Test(
        "a wrong schedule says where and what to write",
        arguments: [
            (#"{}"#, "", "either"), (#"{"every": "dya", "at": "02:30"}"#, "every", "did you mean \"day\""),
            (#"{"every": "day"}"#, "", "\"at\" is missing"),
            (#"{"every": "day", "at": "2:30"}"#, "at", "02:30"),
            (#"{"every": "day", "at": "24:00"}"#, "at", "no time of day"),
            (#"{"every": "day", "at": []}"#, "at", "empty"),
            (#"{"every": "day", "at": "02:30", "on": [1]}"#, "on", "leave it out"),
            (#"{"every": "week", "at": "02:30"}"#, "", "needs \"on\""),
            (#"{"every": "week", "on": ["mondy"], "at": "02:30"}"#, "on[0]", "did you mean \"monday\""),
            (#"{"every": "month", "on": [32], "at": "02:30"}"#, "on[0]", "31"),
            (#"{"every": "month", "on": "first", "at": "02:30"}"#, "on", "\"last\""),
            (#"{"cron": "0 2 * *"}"#, "cron", "five"),
            (#"{"cron": "61 2 * * *"}"#, "cron", "\"61\" is no minute"),
            (#"{"cron": "*/0 2 * * *"}"#, "cron", "*/5"), (#"{"cron": "0 5-2 * * *"}"#, "cron", "no hour"),
            (#"{"cron": "0 2 30 2 *"}"#, "cron", "no day"),
            (#"{"cron": "0 2 * * *", "at": "03:00"}"#, "at", "leave one"),
            (
                #"{"every": "day", "at": "02:30", "zone": "Europe/Berln"}"#, "zone",
                "did you mean \"Europe/Berlin\""
            ),
            (#"{"every": "day", "at": "02:30", "zone": {"eu": "Nowhere"}}"#, "zone.eu", "UTC"),
            (#"{"every": "day", "at": "02:30", "openMinutes": 0}"#, "openMinutes", "nearest"),
        ]
    )
    func mistakes(json: String, path: String, says: String) {
        #expect {
            _ = try Self.schedule(json)
        } throws: { error in
            guard let error = error as? SyncError else { return false }
            if error.path != path || !error.message.contains(says) { print("got \(error)") }
            return error.path == path && error.message.contains(says)
        }
    }
}

/// A small generator of random numbers with a seed.
private struct Lcg: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return state ^ (state >> 29)
    }
}
