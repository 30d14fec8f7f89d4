import FoundationEssentials

/// How many histories a property is tried with.
public struct ConformanceEffort: Sendable, Hashable {
    /// The number of random histories for each property that plays some.
    public var histories = 20
    /// The number of events in a history, about.
    public var events = 40
    /// The seed of the first history; the following ones count up.
    public var firstSeed: UInt64 = 1
    /// How many operations of a store lie between two that are made to fail; 1 tries each.
    public var crashStride = 1
    /// The most times that a failing history is played again to make it shorter.
    public var shrinkingPlays = 400

    /// The environment variable that holds the number of histories, for long runs.
    public static let historiesVariable = "TRIBUTARY_HISTORIES"
    /// The environment variable that holds the only seed to play.
    public static let seedVariable = "TRIBUTARY_SEED"

    /// Makes the effort of a quick run, or the one that the environment asks for.
    public init(histories: Int = 20) {
        self.histories = histories
        let environment = ProcessInfo.processInfo.environment
        if let text = environment[Self.historiesVariable], let number = Int(text) { self.histories = number }
        if let text = environment[Self.seedVariable], let seed = UInt64(text) {
            firstSeed = seed
            self.histories = 1
        }
    }

    /// The seeds to play, one after the other.
    public var seeds: Range<UInt64> { firstSeed..<(firstSeed + UInt64(max(histories, 0))) }
}
