import SourceConnectors

extension ValuePolicy {
    /// Reads a policy: what an object names, and for the rest what `base` says.
    init(_ node: ConfigurationNode, over base: ValuePolicy) throws(SyncError) {
        let members = try node.members([
            "impossibleDates", "wideDecimals", "durations", "tinyint1", "geometries", "wallClock",
            "looseValues", "instants",
        ])
        self = base
        if let node = members.present("impossibleDates") {
            impossibleDates = try node.choice(ImpossibleDates.self)
        }
        if let node = members.present("wideDecimals") { wideDecimals = try node.choice(WideDecimals.self) }
        if let node = members.present("durations") { durations = try node.choice(Durations.self) }
        if let node = members.present("tinyint1") { tinyint1 = try node.choice(SmallIntegers.self) }
        if let node = members.present("geometries") { geometries = try node.choice(Geometries.self) }
        if let node = members.present("looseValues") { looseValues = try node.choice(LooseValues.self) }
        if let node = members.present("instants") { instants = try node.choice(Instants.self) }
        if let node = members["wallClock"] {
            wallClockOffset = node.isNull ? nil : try Self.offset(node)
        }
    }

    /// `+02:00`, `-03:30` or `UTC`; the name of a zone is refused, as its clock may repeat an hour.
    private static func offset(_ node: ConfigurationNode) throws(SyncError) -> Duration {
        let text = try node.text()
        if text == "UTC" { return .zero }
        let parts = text.dropFirst().split(separator: ":", omittingEmptySubsequences: false)
        guard let sign = text.first, sign == "+" || sign == "-", parts.count == 2,
            parts.allSatisfy({ $0.utf8.count == 2 && $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }),
            let hours = Int(parts[0]), let minutes = Int(parts[1]), hours <= 14, minutes < 60
        else {
            throw node.failure(
                "\"\(text)\" is no distance from UTC; write one such as \"+02:00\", or \"UTC\": a zone with summer time "
                    + "repeats an hour every year, in which its clock does not tell which instant is meant"
            )
        }
        let seconds = hours * 3600 + minutes * 60
        return .seconds(sign == "-" ? -seconds : seconds)
    }
}
