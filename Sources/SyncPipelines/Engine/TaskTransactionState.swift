import DeltaLog
import IncrementalFilters
import SyncLedgers

extension TaskTransactions {
    /// The mark as a time, in microseconds since 1970-01-01T00:00:00Z: of a counter, the source's clock when it was read.
    ///
    /// Nil before the first load, and 0 for a mark that was taken back.
    func markTime(in snapshot: Snapshot) -> Int64? {
        guard let mark = snapshot.transactionVersion(mark) else { return nil }
        return mark == 0 ? mark : snapshot.transactionVersion(counter.clock) ?? mark
    }
}

/// The application transactions of a task during one run: the rising run number, the mark with the reading of the
/// source behind it, and the partition's files.
struct TaskTransactionState: Sendable {
    let names: TaskTransactions
    /// The mark in the lake when the run began; nil before the first load.
    let previousMark: Int64?
    /// What the source told when that mark was made.
    let previousReading: SourceReading?
    /// What was read of the counter when that mark was made; nil for other cursors.
    let previousCounter: CounterReading?
    /// Up to where the source's history was read when that mark was made; nil where it was not.
    let previousHistory: HistoryReading?
    /// The number of the last commit, of this run or an earlier one.
    private(set) var sequence: Int64
    /// What others did to the partition since then; the mark says nothing of rows that they took away.
    private(set) var disturbances: [ForeignChange] = []
    /// Whether others came while the task worked, so that the rows it read do not make up for what they did.
    private var isOvertaken = false

    init(names: TaskTransactions, snapshot: Snapshot) {
        self.names = names
        // 0 is what is left of a mark that was taken back.
        previousMark = snapshot.transactionVersion(names.mark).flatMap { $0 == 0 ? nil : $0 }
        sequence = snapshot.transactionVersion(names.run) ?? 0
        previousHistory = HistoryReading(names, snapshot)
        let counter = names.counter
        if let clock = snapshot.transactionVersion(counter.clock),
            let next = snapshot.transactionVersion(counter.next),
            let floor = snapshot.transactionVersion(counter.floor)
        {
            previousCounter = CounterReading(clock: clock, next: next, floor: floor)
        } else {
            previousCounter = nil
        }
        if let clock = snapshot.transactionVersion(names.reading.clock),
            let quiet = snapshot.transactionVersion(names.reading.quiet)
        {
            let seen = snapshot.transactionVersion(names.reading.seen).flatMap { $0 > 0 ? $0 : nil }
            previousReading = SourceReading(clock: clock, quiet: quiet, seen: seen)
        } else {
            previousReading = nil
        }
    }

    /// The source's clock when the mark in the lake was made, or the mark where that is later; the least of all without one.
    var latestInstant: Int64 { max(previousReading?.clock ?? .min, previousMark ?? .min) }

    /// The mark in the lake, whatever it is worth; nil before the first load.
    var knownMark: Mark? { previousMark.map { Mark(value: $0, guarantee: .proven) } }

    /// What a commit looks up, so that another run of the same task is a conflict.
    var ids: Set<String> { [names.run, names.mark] }

    /// The read set of a commit to a partition.
    func readSet(_ partition: [String: String?]) -> ReadSet {
        var readSet = ReadSet(partitions: .only([partition]))
        readSet.transactionIDs = ids
        return readSet
    }

    /// The transactions of the next commit; without a mark the previous one stays.
    ///
    /// After a disturbance only the commit that moves the mark vouches for the files: it comes when all was read.
    func next(mark: MarkMove?, files: PartitionFiles) -> [ApplicationTransaction] {
        var transactions = [ApplicationTransaction(appID: names.run, version: sequence + 1)]
        if let mark = mark?.value ?? previousMark {
            transactions.append(ApplicationTransaction(appID: names.mark, version: mark))
        }
        if let reading = mark?.reading {
            let names = names.reading
            transactions.append(ApplicationTransaction(appID: names.clock, version: reading.clock))
            transactions.append(ApplicationTransaction(appID: names.quiet, version: reading.quiet))
            // 0 where it is not known, so that none of another reading stays.
            transactions.append(ApplicationTransaction(appID: names.seen, version: reading.seen ?? 0))
        }
        if let counter = mark?.counter {
            let names = names.counter
            transactions.append(ApplicationTransaction(appID: names.clock, version: counter.clock))
            transactions.append(ApplicationTransaction(appID: names.next, version: counter.next))
            transactions.append(ApplicationTransaction(appID: names.floor, version: counter.floor))
        }
        if !isOvertaken && (disturbances.isEmpty || mark != nil) {
            transactions.append(ApplicationTransaction(appID: names.files, version: files.number))
        }
        return transactions
    }

    /// Takes what others did before the task began.
    mutating func disturbed(by changes: [ForeignChange]) { disturbances = changes }

    /// Takes what others did up to a newer state than the one that the task began with.
    mutating func rebased(over changes: [ForeignChange]) {
        if !Set(changes).isSubset(of: disturbances) { isOvertaken = true }
    }

    /// Counts a commit of this run.
    mutating func committed() { sequence += 1 }

    /// Whether no other run has committed since this one looked.
    func isCurrent(in snapshot: Snapshot) -> Bool {
        (snapshot.transactionVersion(names.run) ?? 0) <= sequence
    }
}
