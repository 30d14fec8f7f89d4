/// Who did what in a commit.
public struct CommitInfo: Sendable, Hashable {
    /// When the commit was made, in milliseconds since 1970-01-01T00:00:00Z.
    public var timestamp: Int64?
    /// The operation.
    public var operation: String?
    /// What the operation was told.
    public var operationParameters: [String: String]
    /// Whether the commit only added files and was made without reading the table.
    public var isBlindAppend: Bool?
    /// The program that made it.
    public var engineInfo: String?
    /// A name that only this commit has.
    public var txnID: String?
    /// The instant of the version in tables with in-commit timestamps; rises with every version.
    public var inCommitTimestamp: Int64?
    /// What the operation did, in numbers.
    public var operationMetrics: [String: String] = [:]

    /// Makes a commit's description.
    public init(
        timestamp: Int64? = nil,
        operation: String? = nil,
        operationParameters: [String: String] = [:],
        isBlindAppend: Bool? = nil,
        engineInfo: String? = "tributary",
        txnID: String? = nil
    ) {
        self.timestamp = timestamp
        self.operation = operation
        self.operationParameters = operationParameters
        self.isBlindAppend = isBlindAppend
        self.engineInfo = engineInfo
        self.txnID = txnID
    }
}
