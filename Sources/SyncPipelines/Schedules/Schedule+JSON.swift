import DeltaLog
import FoundationEssentials

extension Schedule {
    private enum Every: String, CaseIterable { case day, week, month }

    private static let weekdays = [
        "sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday",
    ]

    /// Reads a schedule of a configuration.
    init(_ node: ConfigurationNode) throws(SyncError) {
        let members = try node.members(["every", "on", "at", "cron", "zone", "openMinutes"])
        switch (members.present("every"), members.present("cron")) {
        case (let every?, nil):
            try self.init(try every.choice(Every.self), members, of: node)
        case (nil, let cron?):
            if let extra = members.present("on") ?? members.present("at") {
                throw extra.failure(
                    "belongs to \"every\"; a \"cron\" says it itself: leave one of the two out"
                )
            }
            self.init("cron \(try cron.text())", pattern: try SchedulePattern(cron: cron))
            if nextOpening(after: Date(timeIntervalSince1970: 0), region: "") == nil {
                throw cron.failure("names no day that any year has; correct its third and fourth field")
            }
        default:
            throw node.failure(
                "needs either \"every\" or \"cron\"; write {\"every\": \"day\", \"at\": \"02:30\"}"
            )
        }
        if let node = members.present("openMinutes") {
            openFor = .seconds(60 * (try node.integer(in: 1...527_040)))
        }
        guard let zone = members.present("zone") else { return }
        if case .object = zone.value {
            for (region, member) in try zone.members() { clocks[region] = try ZoneClock(member) }
        } else {
            clocks[""] = try ZoneClock(zone)
        }
    }

    private init(
        _ every: Every,
        _ members: [String: ConfigurationNode],
        of node: ConfigurationNode
    ) throws(SyncError) {
        var pattern = SchedulePattern()
        let at = try members.required("at", of: node).oneOrMore()
        for element in at { pattern.times.append(try element.timeOfDay()) }
        pattern.times = Set(pattern.times).sorted()
        var words: [String] = []
        let on = try members.present("on").map { on throws(SyncError) in try on.oneOrMore() } ?? []
        if every == .day, let node = members.present("on") {
            throw node.failure("is for \"week\" and \"month\"; leave it out, or write \"every\": \"week\"")
        }
        if every != .day && on.isEmpty {
            let example = every == .week ? "[\"monday\"]" : "[1, \"last\"]"
            throw node.failure("\"every\": \"\(every)\" needs \"on\": \(example)")
        }
        for element in on {
            switch every {
            case .day: break
            case .week:
                let name = try element.text()
                guard let number = Self.weekdays.firstIndex(of: name) else {
                    throw element.failure(
                        "\"\(name)\" is no day of the week; "
                            + ConfigurationNode.hint(for: name, among: Self.weekdays)
                    )
                }
                pattern.weekdays.insert(number)
                words.append(name)
            case .month:
                pattern.endsWithMonth = true
                if case .string(let name) = element.value {
                    guard name == "last" else {
                        throw element.failure(
                            "\"\(name)\" is no day of the month; write 1 to 31, or \"last\""
                        )
                    }
                    pattern.days.insert(31)
                } else {
                    pattern.days.insert(try element.integer(in: 1...31))
                }
                words.append(try element.scalar())
            }
        }
        var times: [String] = []
        for element in at { times.append(try element.text()) }
        let days = words.isEmpty ? "" : " on \(words.joined(separator: ", "))"
        self.init("every \(every)\(days) at \(times.joined(separator: ", "))", pattern: pattern)
    }
}

extension ZoneClock {
    fileprivate init(_ node: ConfigurationNode) throws(SyncError) {
        let name = try node.text()
        guard let clock = ZoneClock(name) else {
            let near = ConfigurationNode.hint(for: name, among: Self.names)
            throw node.failure(
                "there is no time zone \"\(name)\"; "
                    + (near.hasPrefix("did") ? near : "write one such as \"Europe/Berlin\", or \"UTC\"")
            )
        }
        self = clock
    }
}

extension SchedulePattern {
    /// The five fields of a crontab line: minute, hour, day of the month, month, day of the week.
    fileprivate init(cron node: ConfigurationNode) throws(SyncError) {
        let fields = try node.text().split(separator: " ").map(String.init)
        guard fields.count == 5 else {
            throw node.failure(
                "has \(fields.count) fields instead of five: minute, hour, day of the month, month, day of the week; "
                    + "write \"30 2 * * 1-5\""
            )
        }
        let minutes = try node.cronField(fields[0], "minute", 0...59)
        let hours = try node.cronField(fields[1], "hour", 0...23)
        isHourly = hours.count == 24
        times = hours.sorted().flatMap { hour in minutes.sorted().map { hour * 60 + $0 } }
        months = try node.cronField(fields[3], "month", 1...12)
        if fields[2] != "*" {
            days = try node.cronField(fields[2], "day of the month", 1...31)
        }
        if fields[4] != "*" {
            weekdays = Set(try node.cronField(fields[4], "day of the week", 0...7).map { $0 % 7 })
        }
    }
}

extension ConfigurationNode {
    /// The elements of an array, or the value alone.
    fileprivate func oneOrMore() throws(SyncError) -> [ConfigurationNode] {
        guard case .array(let values) = value else { return [self] }
        if values.isEmpty { throw failure("is empty; write at least one element") }
        return try elements()
    }

    /// A time of day as `HH:mm`, in minutes.
    fileprivate func timeOfDay() throws(SyncError) -> Int {
        let text = try text()
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, parts.allSatisfy({ $0.utf8.count == 2 }), let hour = UInt(parts[0]),
            let minute = UInt(parts[1]), hour < 24, minute < 60
        else { throw failure("\"\(text)\" is no time of day; write it as \"02:30\"") }
        return Int(hour * 60 + minute)
    }

    /// A text or a number, as it stands there.
    fileprivate func scalar() throws(SyncError) -> String {
        if case .number(let digits) = value { return digits }
        return try text()
    }

    /// A field of a crontab line: `*`, numbers, ranges, lists, and steps after a slash.
    fileprivate func cronField(
        _ text: String,
        _ what: String,
        _ range: ClosedRange<Int>
    ) throws(SyncError) -> Set<Int> {
        var values: Set<Int> = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let halves = part.split(separator: "/", omittingEmptySubsequences: false)
            let bounds = halves.first?.split(separator: "-", omittingEmptySubsequences: false) ?? []
            var span: ClosedRange<Int>?
            if halves.first == "*" {
                span = range
            } else if let first = bounds.first.flatMap({ Int($0) }), range.contains(first) {
                if bounds.count == 1 { span = first...(halves.count == 2 ? range.upperBound : first) }
                if bounds.count == 2, let last = Int(bounds[1]), range.contains(last), last >= first {
                    span = first...last
                }
            }
            let step = halves.count == 2 ? Int(halves[1]) : 1
            guard let span, let step, step > 0, halves.count <= 2 else {
                throw failure(
                    "\"\(part)\" is no \(what): write *, a number from \(range.lowerBound) to \(range.upperBound), "
                        + "a range such as \(range.lowerBound)-\(range.lowerBound + 4), or */5"
                )
            }
            values.formUnion(stride(from: span.lowerBound, through: span.upperBound, by: step))
        }
        return values
    }
}
