import DeltaLog
import SyncLedgers

/// The two application transactions of a task during one run: the rising run number and the mark.
struct TaskTransactionState: Sendable {
    let names: TaskTransactions
    /// The mark in the lake when the run began; nil before the first load.
    let previousMark: Int64?
    /// The number of the last commit, of this run or an earlier one.
    private(set) var sequence: Int64

    init(names: TaskTransactions, snapshot: Snapshot) {
        self.names = names
        previousMark = snapshot.transactionVersion(names.mark)
        sequence = snapshot.transactionVersion(names.run) ?? 0
    }

    /// What a commit looks up, so that another run of the same task is a conflict.
    var ids: Set<String> { [names.run, names.mark] }

    /// The read set of a commit to a partition.
    func readSet(_ partition: [String: String?]) -> ReadSet {
        var readSet = ReadSet(partitions: .only([partition]))
        readSet.transactionIDs = ids
        return readSet
    }

    /// The transactions of the next commit; without a mark the previous one stays.
    func next(mark: Int64?) -> [ApplicationTransaction] {
        var transactions = [ApplicationTransaction(appID: names.run, version: sequence + 1)]
        if let mark = mark ?? previousMark {
            transactions.append(ApplicationTransaction(appID: names.mark, version: mark))
        }
        return transactions
    }

    /// Counts a commit of this run.
    mutating func committed() { sequence += 1 }

    /// Whether no other run has committed since this one looked.
    func isCurrent(in snapshot: Snapshot) -> Bool {
        (snapshot.transactionVersion(names.run) ?? 0) <= sequence
    }
}
