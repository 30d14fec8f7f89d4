import DeltaLog
import SourceConnectors
import SyncLedgers

/// Up to where a task has read its source's history; it is kept with the mark.
///
/// The end that it names is a witness: while the history has that version, nothing that ended later was taken away, for
/// histories are dropped from their beginning.
struct HistoryReading: Sendable, Hashable {
    /// What tells the table from another of its name; 0 where the source does not tell.
    var origin: Int64
    /// The end of the latest version that had ended before the mark, in microseconds since 1970-01-01T00:00:00Z; nil where
    /// none was seen.
    var end: Int64?

    init(_ history: RowHistory, end: Int64?) {
        origin = history.origin ?? 0
        self.end = end
    }

    /// What a table's log says of it; nil where the history was not read.
    init?(_ names: TaskTransactions, _ snapshot: Snapshot) {
        guard let origin = snapshot.transactionVersion(names.history.origin),
            let end = snapshot.transactionVersion(names.history.end)
        else { return nil }
        self.origin = origin
        self.end = end == 0 ? nil : end
    }

    /// What a commit carries.
    func transactions(_ names: TaskTransactions) -> [ApplicationTransaction] {
        [
            ApplicationTransaction(appID: names.history.origin, version: origin),
            // 0 where there is none, so that none of another mark stays.
            ApplicationTransaction(appID: names.history.end, version: end ?? 0),
        ]
    }
}
