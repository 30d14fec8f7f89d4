/// What went wrong with a transaction log: where, and what to do.
public struct DeltaLogError: Error, Sendable, CustomStringConvertible {
    /// The kind of failure.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        /// The kind's name.
        public let description: String

        /// Makes a kind of failure.
        public init(_ description: String) { self.description = description }

        /// There is no transaction log at the path.
        public static let notATable = Code("notATable")
        /// A commit file is damaged.
        public static let corruptCommit = Code("corruptCommit")
        /// A checkpoint is damaged, and nothing else tells what it told.
        public static let corruptCheckpoint = Code("corruptCheckpoint")
        /// A deletion vector is damaged or missing.
        public static let corruptDeletionVector = Code("corruptDeletionVector")
        /// The schema cannot be read.
        public static let corruptSchema = Code("corruptSchema")
        /// A column's type is not known.
        public static let unsupportedType = Code("unsupportedType")
        /// The table needs a feature that is not supported.
        public static let unsupportedFeature = Code("unsupportedFeature")
        /// A table cannot be changed in that way.
        public static let invalidChange = Code("invalidChange")
        /// A version is not there, or no longer.
        public static let versionMissing = Code("versionMissing")
        /// Another commit changed what this one was made from.
        public static let conflict = Code("conflict")
        /// The version was taken by another commit.
        public static let versionTaken = Code("versionTaken")
    }

    /// The kind of failure.
    public var code: Code
    /// Which rule a conflict breaks.
    public var conflict: ConflictKind?
    /// The table's path, where known.
    public var table: String?
    /// The version that was concerned.
    public var version: TableVersion?
    /// The line of the commit file, from 1.
    public var line: Int?
    /// What happened and what to do.
    public var message: String

    /// Makes an error.
    public init(
        _ code: Code,
        conflict: ConflictKind? = nil,
        table: String? = nil,
        version: TableVersion? = nil,
        line: Int? = nil,
        message: String
    ) {
        self.code = code
        self.conflict = conflict
        self.table = table
        self.version = version
        self.line = line
        self.message = message
    }

    /// Whether the work may succeed when it is made again from a newer snapshot.
    public var isConflict: Bool { code == .conflict || code == .versionTaken }

    /// Whether a commit that ends so is certainly in no version, now or later.
    package var isRefusal: Bool { isConflict || code == .unsupportedFeature }

    /// One line: the kind, the place, the message.
    public var description: String {
        var place: [String] = []
        if let table { place.append("table \(table.isEmpty ? "." : table)") }
        if let version { place.append("version \(version)") }
        if let line { place.append("line \(line)") }
        let kind = conflict.map { "\(code) \($0.rawValue)" } ?? "\(code)"
        return kind + (place.isEmpty ? "" : " (\(place.joined(separator: ", ")))") + ": \(message)"
    }
}
