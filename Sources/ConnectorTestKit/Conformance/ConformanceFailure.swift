/// A property that does not hold, what shows it, and how to see it again.
public struct ConformanceFailure: Error, Sendable, CustomStringConvertible {
    /// The property's number: `K24`.
    public var property: String
    /// What must hold.
    public var title: String
    /// What was found instead.
    public var message: String
    /// The seed of the history, where one was played.
    public var seed: UInt64?
    /// The shortest history that still shows it, a line an event; empty where none was played.
    public var history: [String]

    init(_ message: String, seed: UInt64? = nil, history: [String] = []) {
        self.message = message
        self.seed = seed
        self.history = history
        property = ""
        title = ""
    }

    /// The property, what was found, and the history.
    public var description: String {
        var lines = ["\(property) does not hold: \(title)", "  \(message)"]
        if let seed {
            lines.append("  seed \(seed); \(ConformanceEffort.seedVariable)=\(seed) plays this history alone")
        }
        if !history.isEmpty { lines.append("  the shortest history that shows it:") }
        lines += history.map { "    " + $0 }
        return lines.joined(separator: "\n")
    }
}
