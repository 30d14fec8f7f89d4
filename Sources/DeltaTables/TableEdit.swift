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
    /// What the edit does in numbers, for the history.
    public var operationMetrics: [String: String] = [:]
    /// Whether rows change; false when they are only arranged anew.
    public var changesRows = true
    /// Files of changed rows, for the change feed; made by `apply` where the table records changes and there are none.
    public var changes: [ChangeFile] = []
    /// The columns by which a row that goes and one that comes are known to be the same row, for the change feed.
    public var keyColumns: [String] = []
    /// Whether the files that come and go are exactly the rows that do, so that the change feed needs no files of its own.
    var isToldByFiles = false
    /// Whether the added files were written for this edit, and go when it is refused.
    var ownsAddedFiles = true
    /// New metadata, where the edit changes them.
    public var metadata: TableMetadata?

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
        var actions: [Action] = metadata.map { [.metadata($0)] } ?? []
        actions += transactions.map { .transaction($0) }
        actions += removed.map {
            .remove(RemoveFile($0, deletionTimestamp: now, dataChange: changesRows))
        }
        for var file in added {
            file.dataChange = changesRows
            actions.append(.add(file))
        }
        actions += changes.map { .change($0) }
        return actions
    }
}
