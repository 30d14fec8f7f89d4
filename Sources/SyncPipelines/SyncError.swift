public import SyncLedgers

/// What kept a run, a task or a configuration from working: the step, the place, and the cure.
public struct SyncError: Error, Sendable, CustomStringConvertible {
    /// The kind of failure.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        /// The kind's name, for logs and reports.
        public let description: String

        /// Makes a kind of failure.
        public init(_ description: String) { self.description = description }

        /// The configuration or the roster does not make sense.
        public static let invalidConfiguration = Code("invalidConfiguration")
        /// A secret that the configuration refers to is not there.
        public static let missingSecret = Code("missingSecret")
        /// The region is not set, or none of that name is in the roster.
        public static let unknownRegion = Code("unknownRegion")
        /// Nothing in the configuration and the roster fits the selection.
        public static let emptySelection = Code("emptySelection")
        /// The lake table is missing or lacks a column: `prepare` has to run.
        public static let notPrepared = Code("notPrepared")
        /// No client has the table.
        public static let missingTable = Code("missingTable")
        /// Clients disagree about a table in a way that one lake table cannot hold.
        public static let schemaDrift = Code("schemaDrift")
        /// The lake has the client under another region.
        public static let movedClient = Code("movedClient")
        /// The work would go further than its bounds allow.
        public static let guardrail = Code("guardrail")
        /// More rows cannot be represented than may be set aside.
        public static let quarantine = Code("quarantine")
        /// The source failed.
        public static let source = Code("source")
        /// Changes could not be merged.
        public static let merge = Code("merge")
        /// The plan is unknown, or something that it decides has changed.
        public static let stalePlan = Code("stalePlan")
        /// The task would do what needs a plan that somebody looked at.
        public static let needsPlan = Code("needsPlan")
        /// Changes could not be staged, patched or applied.
        public static let review = Code("review")
        /// The lake failed.
        public static let lake = Code("lake")
        /// A task took longer than it may.
        public static let deadline = Code("deadline")
        /// The run was cancelled.
        public static let cancelled = Code("cancelled")
        /// Anything else.
        public static let other = Code("other")
    }

    /// The kind of failure.
    public var code: Code
    /// The step that failed: `configuration`, `source`, `merge`, `commit`, `lake`, `run`.
    public var step: String
    /// The task, where one was concerned.
    public var task: TaskIdentity?
    /// The place in the configuration, such as `tables[2].filters[0].op`.
    public var path: String?
    /// What happened and what to do.
    public var message: String
    /// What caused it.
    public var underlying: (any Error)?
    /// Whether the same work may succeed when tried again a little later.
    public var isTransient: Bool
    /// How often the work should be tried again at most, where that is less than the limits say.
    public var retryLimit: Int?

    /// Makes an error.
    public init(
        _ code: Code,
        step: String = "run",
        task: TaskIdentity? = nil,
        path: String? = nil,
        message: String,
        underlying: (any Error)? = nil,
        isTransient: Bool = false
    ) {
        self.code = code
        self.step = step
        self.task = task
        self.path = path
        self.message = message
        self.underlying = underlying
        self.isTransient = isTransient
    }

    /// One line: the kind, the place, the message.
    public var description: String {
        var place: [String] = []
        if let path { place.append(path.isEmpty ? "top level" : path) }
        if let task { place.append("\(task)") }
        return "\(code)" + (place.isEmpty ? "" : " (\(place.joined(separator: ", ")))") + ": \(message)"
    }
}
