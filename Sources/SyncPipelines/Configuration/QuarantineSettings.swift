import DeltaLog

/// How many rows that cannot be represented a run may set aside before its task fails.
public struct QuarantineSettings: Sendable, Hashable {
    /// The most rows of one task and run.
    public var maximumRows: Int
    /// The greatest share of the rows that a run reads of a task, 0 to 1; it counts from `shareCountsFrom` rows on.
    public var maximumShare: Double

    /// The rows of a read from which on the share counts.
    public static let shareCountsFrom = 1_000

    /// For reads of rows that were counted before.
    static let unlimited = QuarantineSettings(maximumRows: .max, maximumShare: 1)

    /// Makes settings.
    public init(maximumRows: Int = 100, maximumShare: Double = 0.01) {
        self.maximumRows = maximumRows
        self.maximumShare = maximumShare
    }
}

extension QuarantineSettings {
    /// Reads `true`, `false`, or the limits.
    static func optional(_ node: ConfigurationNode) throws(SyncError) -> QuarantineSettings? {
        guard case .object = node.value else { return try node.boolean() ? QuarantineSettings() : nil }
        let members = try node.members(["maxRows", "maxShare"])
        var settings = QuarantineSettings()
        if let node = members.present("maxRows") {
            settings.maximumRows = try node.integer(in: 1...1_000_000)
        }
        if let node = members.present("maxShare") { settings.maximumShare = try node.share() }
        return settings
    }
}
