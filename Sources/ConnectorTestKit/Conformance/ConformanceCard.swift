import FoundationEssentials

/// What a connector was found to hold, property by property, for machines and for publication.
public struct ConformanceCard: Sendable, Hashable, Codable {
    /// What became of a property.
    public enum Outcome: String, Sendable, Hashable, Codable {
        /// It holds.
        case passed
        /// It does not hold.
        case failed
        /// It was not tried, for a reason.
        case excused
    }

    /// One property.
    public struct Line: Sendable, Hashable, Codable {
        /// The property's number: `K24`.
        public var property: String
        /// What must hold.
        public var title: String
        /// What became of it.
        public var outcome: Outcome
        /// Why it was excused, or what was found instead.
        public var reason: String?
        /// The seed that shows the failure.
        public var seed: UInt64?
        /// The shortest history that shows the failure.
        public var history: [String]?
    }

    /// The connector's name.
    public var connector: String
    /// The properties, in order of their numbers.
    public var lines: [Line]

    /// Whether nothing failed.
    public var conforms: Bool { lines.allSatisfy { $0.outcome != .failed } }

    /// The card as JSON with sorted keys.
    public var json: String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        guard let data = try? encoder.encode(self) else { return "{}" }
        return String(decoding: data, as: UTF8.self)
    }

    /// Reads a card.
    public init(json: String) throws {
        self = try JSONDecoder().decode(Self.self, from: Data(json.utf8))
    }

    init(connector: String, lines: [Line]) {
        self.connector = connector
        self.lines = lines
    }
}
