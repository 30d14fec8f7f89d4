/// How far an application has come with a table, in a count of its own.
public struct ApplicationTransaction: Sendable, Hashable {
    /// The application, or a part of it.
    public var appID: String
    /// How far it has come.
    public var version: Int64
    /// When this was written, in milliseconds since 1970-01-01T00:00:00Z.
    public var lastUpdated: Int64?

    /// Makes a transaction.
    public init(appID: String, version: Int64, lastUpdated: Int64? = nil) {
        self.appID = appID
        self.version = version
        self.lastUpdated = lastUpdated
    }
}
