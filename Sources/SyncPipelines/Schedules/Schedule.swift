public import FoundationEssentials

/// When the windows of a table open, by the wall clocks of each region.
///
/// A time that clocks skip counts as the moment at which they do, a time that they show twice as the first of both.
/// Schedules that open in every hour go by the time that passes instead.
public struct Schedule: Sendable, Hashable, CustomStringConvertible {
    /// The schedule as people read it, such as `every week on monday at 02:30`.
    public let description: String
    /// How long a window stays open; nil until the next one opens.
    public var openFor: Duration?
    let pattern: SchedulePattern
    /// The clocks by region; the empty name is for those that are not named.
    var clocks: [String: ZoneClock]

    init(_ description: String, pattern: SchedulePattern, clocks: [String: ZoneClock] = [:]) {
        self.description = description
        self.pattern = pattern
        self.clocks = clocks
    }

    /// The name of the time zone that a region's windows follow.
    public func zone(ofRegion region: String) -> String { clock(ofRegion: region).name }

    /// When the last window up to an instant opened, or nil when none did in ten years.
    public func lastOpening(upTo instant: Date, region: String) -> Date? {
        let now = Int64(instant.timeIntervalSince1970.rounded(.down))
        let clock = clock(ofRegion: region)
        let today = clock.day(now)
        return search((-3660...1).reversed().lazy.map { today + $0 }, clock, beside: -1) { $0 <= now }
            .max().map(Date.init(seconds:))
    }

    /// When the first window after an instant opens, or nil when none does in ten years.
    public func nextOpening(after instant: Date, region: String) -> Date? {
        let now = Int64(instant.timeIntervalSince1970.rounded(.down))
        let clock = clock(ofRegion: region)
        let today = clock.day(now)
        return search((-1...3660).lazy.map { today + $0 }, clock, beside: 1) { $0 > now }
            .min().map(Date.init(seconds:))
    }

    /// The openings of the first day that has one which is wanted, and of the day beside it.
    ///
    /// Where clocks are set back across midnight, a day's last openings come after the next day's first ones.
    private func search(
        _ days: some Sequence<Int>,
        _ clock: ZoneClock,
        beside step: Int,
        wanted: (Int64) -> Bool
    ) -> [Int64] {
        for day in days where pattern.opens(onDay: day) {
            let found = openings(onDay: day, clock).filter(wanted)
            guard !found.isEmpty else { continue }
            let beside = pattern.opens(onDay: day + step) ? openings(onDay: day + step, clock) : []
            return found + beside.filter(wanted)
        }
        return []
    }

    private func openings(onDay day: Int, _ clock: ZoneClock) -> [Int64] {
        pattern.times.flatMap { time in
            let local = Int64(day) * 86_400 + Int64(time) * 60
            return pattern.isHourly ? clock.instants(ofLocal: local) : [clock.firstInstant(ofLocal: local)]
        }
    }

    private func clock(ofRegion region: String) -> ZoneClock {
        clocks[region] ?? clocks[""] ?? .universal
    }
}

extension Date {
    fileprivate init(seconds: Int64) { self.init(timeIntervalSince1970: Double(seconds)) }
}
