public import DeltaLog

/// A change of a table that is ready to commit: the files are written, the log does not name them yet.
public struct TableEdit: Sendable {
    /// Files that join the table.
    public var added: [AddFile]
    /// Files that leave it.
    public var removed: [AddFile]
    /// Application transactions that are recorded in the same commit.
    public var transactions: [ApplicationTransaction]
    /// What the edit was made from; another commit that touches it is a conflict.
    public var readSet: ReadSet
    /// The operation, as the history shows it.
    public var operation: String
    /// What the history shows beside the operation.
    public var operationParameters: [String: String]

    /// Makes an edit.
    public init(
        operation: String,
        added: [AddFile] = [],
        removed: [AddFile] = [],
        transactions: [ApplicationTransaction] = [],
        readSet: ReadSet,
        operationParameters: [String: String] = [:]
    ) {
        self.operation = operation
        self.added = added
        self.removed = removed
        self.transactions = transactions
        self.readSet = readSet
        self.operationParameters = operationParameters
    }

    /// Whether the edit changes rows.
    public var changesData: Bool { !added.isEmpty || !removed.isEmpty }

    /// The actions of the commit, `commitInfo` aside.
    public func actions(now: Int64) -> [Action] {
        transactions.map { .transaction($0) }
            + removed.map { .remove(RemoveFile($0, deletionTimestamp: now)) }
            + added.map { .add($0) }
    }
}
