import FoundationEssentials
import FoundationInternationalization  // knows the zones; FoundationEssentials has fixed offsets only

/// What the wall clocks of a time zone show, and when they show it.
struct ZoneClock: Sendable, Hashable {
    /// The zone's name, such as `Europe/Berlin`.
    let name: String
    private let zone: TimeZone

    /// The clock of a zone; nil when there is none of that name.
    init?(_ name: String) {
        guard let zone = TimeZone(identifier: name) else { return nil }
        (self.name, self.zone) = (name, zone)
    }

    /// Universal time.
    static let universal = ZoneClock(name: "UTC", zone: .gmt)

    /// The names of all zones.
    static var names: [String] { TimeZone.knownTimeZoneIdentifiers }

    private init(name: String, zone: TimeZone) {
        (self.name, self.zone) = (name, zone)
    }

    /// What the clocks show at an instant; both in seconds since 1970-01-01T00:00:00, of the zone and of UTC.
    func local(_ instant: Int64) -> Int64 {
        instant + Int64(zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(instant))))
    }

    /// When clocks show a time: once, twice where they are set back, or never where they are set forward.
    func instants(ofLocal local: Int64) -> [Int64] {
        // Offsets lie between -12 and +14 hours, so that a day on either side is beyond any change at that time.
        let offsets = Set([local - 86_400, local + 86_400].map { self.local($0) - $0 })
        return offsets.map { local - $0 }.filter { self.local($0) == local }.sorted()
    }

    /// The first instant at which clocks show a time or a later one.
    func firstInstant(ofLocal local: Int64) -> Int64 {
        if let first = instants(ofLocal: local).first { return first }
        var (before, after) = (local - 86_400, local + 86_400)
        while after - before > 1 {
            let middle = before + (after - before) / 2
            if self.local(middle) < local { before = middle } else { after = middle }
        }
        return after
    }

    /// The day that clocks show at an instant, counted from 1970-01-01.
    func day(_ instant: Int64) -> Int {
        Int((Double(local(instant)) / 86_400).rounded(.down))
    }
}
