/// Why changes cannot be staged, patched or applied, and which of them.
public struct StagedChangesError: Error, Sendable, CustomStringConvertible {
    /// The kind of failure.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        /// The kind's name.
        public let description: String

        /// Makes a kind of failure.
        public init(_ description: String) { self.description = description }

        /// A patch rule does not make sense.
        public static let invalidRule = Code("invalidRule")
        /// A rule's value does not fit the column it is set on.
        public static let typeMismatch = Code("typeMismatch")
        /// The change set was made from a state that is no longer the lake's.
        public static let staleChangeSet = Code("staleChangeSet")
        /// There is nothing to review for the selection.
        public static let nothingStaged = Code("nothingStaged")
        /// The stage's tables hold what they should not.
        public static let corruptStage = Code("corruptStage")
    }

    /// The kind of failure.
    public var code: Code
    /// The rule, where one was concerned.
    public var rule: String?
    /// The change set, where one was concerned.
    public var changeSet: String?
    /// The column, where one was concerned.
    public var column: String?
    /// What happened and what to do.
    public var message: String

    /// Makes an error.
    public init(
        _ code: Code,
        rule: String? = nil,
        changeSet: String? = nil,
        column: String? = nil,
        message: String
    ) {
        self.code = code
        self.rule = rule
        self.changeSet = changeSet
        self.column = column
        self.message = message
    }

    /// One line: the kind, the place, the message.
    public var description: String {
        var place: [String] = []
        if let rule { place.append("rule \(rule)") }
        if let changeSet { place.append("change set \(changeSet)") }
        if let column { place.append("column \(column)") }
        return "\(code)" + (place.isEmpty ? "" : " (\(place.joined(separator: ", ")))") + ": \(message)"
    }
}
