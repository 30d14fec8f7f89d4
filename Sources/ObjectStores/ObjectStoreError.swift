/// What went wrong in a store, and with which object.
public struct ObjectStoreError: Error, Sendable, CustomStringConvertible {
    /// The kind of failure.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        /// The kind's name.
        public let description: String

        /// Makes a kind of failure; stores may add their own.
        public init(_ description: String) { self.description = description }

        /// There is no such object.
        public static let notFound = Code("notFound")
        /// An object of that path exists already.
        public static let alreadyExists = Code("alreadyExists")
        /// The path is not one of a store.
        public static let invalidPath = Code("invalidPath")
        /// The bytes asked for lie outside the object.
        public static let outOfRange = Code("outOfRange")
        /// The system refused access.
        public static let accessDenied = Code("accessDenied")
        /// The disk is full.
        public static let noSpace = Code("noSpace")
        /// Any other failure of the system below.
        public static let system = Code("system")
    }

    /// The kind of failure.
    public var code: Code
    /// The object's path.
    public var path: String
    /// What happened and what to do.
    public var message: String

    /// Makes an error.
    public init(_ code: Code, path: String, message: String) {
        self.code = code
        self.path = path
        self.message = message
    }

    /// One line: the kind, the path and the message.
    public var description: String { "\(code) (\(path)): \(message)" }
}
