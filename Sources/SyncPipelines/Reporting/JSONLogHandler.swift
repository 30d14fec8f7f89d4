import DeltaLog
import DeltaTables
import FoundationEssentials
public import Logging
import Synchronization

/// Writes each event as one line of JSON, as `Documentation/schemas/log-line.schema.json` says.
///
///     LoggingSystem.bootstrap { label in JSONLogHandler(label: label, write: { print($0) }) }
public struct JSONLogHandler: LogHandler {
    /// The names that come with each line.
    public var metadata: Logger.Metadata = [:]
    /// Lines below are left out.
    public var logLevel: Logger.Level = .info
    private let label: String
    private let write: @Sendable (String) -> Void

    /// Metadata whose values are numbers.
    private static let numbers: Set<String> = [
        "rows.read", "rows.inserted", "rows.updated", "rows.deleted", "rows.staged", "rows.quarantined",
        "bytes.written", "seconds", "attempts", "load.connections", "load.ranges", "load.ranges.before",
        "load.rows.before",
        "load.rows.found", "load.readers", "source.answer.seconds", "source.lag.seconds",
    ]

    /// Makes a handler.
    ///
    /// - Parameters:
    ///   - label: The logger's label.
    ///   - write: Takes a line, without its line break; called by many tasks at once.
    public init(label: String, write: @escaping @Sendable (String) -> Void) {
        self.label = label
        self.write = write
    }

    /// One piece of metadata that comes with each line.
    public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    /// Writes a line.
    public func log(event: LogEvent) {
        var members: [String: JSONValue] = [
            "time": .string(CalendarText.instant(Date().microseconds) + "Z"),
            "level": .string(event.level.rawValue), "logger": .string(label),
            "message": .string("\(event.message)"),
        ]
        for (key, value) in metadata.merging(event.metadata ?? [:], uniquingKeysWith: { $1 }) {
            let text = "\(value)"
            members[key] = Self.numbers.contains(key) && Double(text) != nil ? .number(text) : .string(text)
        }
        write(JSONValue.object(members).text)
    }
}
