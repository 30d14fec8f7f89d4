/// The commits of one process to one table: those that are ready together go into one version.
///
///     let queue = CommitQueue(log: table.log)
///     let outcome = try await queue.commit(transaction)   // from many tasks at once
///
/// Transactions that would conflict with each other are kept apart, so that a version holds at most one of each
/// partition. A member of a group that is refused leaves alone.
public actor CommitQueue {
    private final class Entry {
        let transaction: Transaction
        var result: Result<CommitOutcome, any Error>?
        var waiter: CheckedContinuation<Void, Never>?

        init(_ transaction: Transaction) {
            self.transaction = transaction
        }

        func wake() {
            waiter?.resume()
            waiter = nil
        }
    }

    /// The log that the commits go to.
    public nonisolated let log: TransactionLog
    /// How long a commit is tried.
    public nonisolated let policy: CommitPolicy
    /// The most transactions of one version.
    public nonisolated let groupSize: Int
    private var waiting: [Entry] = []
    private var isCommitting = false
    /// What was committed here or by others meanwhile; only the group that is under way changes it.
    private var recent = RecentCommits()

    /// Makes a queue for a table; a process has one for each.
    public init(log: TransactionLog, policy: CommitPolicy = CommitPolicy(), groupSize: Int = 64) {
        self.log = log
        self.policy = policy
        self.groupSize = groupSize
    }

    /// Commits a transaction, perhaps together with others.
    ///
    /// - Throws: `DeltaLogError` with code `conflict` when another commit touched what the transaction was made from.
    public func commit(_ transaction: Transaction) async throws -> CommitOutcome {
        let entry = Entry(transaction)
        waiting.append(entry)
        while entry.result == nil {
            if isCommitting {
                await withCheckedContinuation { entry.waiter = $0 }
            } else {
                await commitGroup()
            }
        }
        guard let result = entry.result else { preconditionFailure("the loop ends with a result") }
        return try result.get()
    }

    /// The newest state, by the commits since a snapshot; those that were made or met here are not read again.
    public func update(_ snapshot: Snapshot) async throws -> Snapshot {
        var newest = snapshot
        while let commit = recent[newest.version.next] { newest = try newest.applying(commit) }
        return try await log.update(newest)
    }

    private func commitGroup() async {
        isCommitting = true
        // Those that are ready go with this group, however quick the store is.
        await Task.yield()
        let group = takeGroup()
        do {
            let done = try await perform(group.map(\.transaction), knowing: recent)
            recent = done.recent
            for (entry, result) in zip(group, done.outcomes) { entry.result = result }
        } catch {
            for entry in group { entry.result = .failure(error) }
        }
        isCommitting = false
        for entry in group { entry.wake() }
        waiting.first?.wake()
    }

    /// Commits a group away from the queue, so that others can join the next one meanwhile, even where the store works
    /// without ever letting go.
    @concurrent private nonisolated func perform(
        _ transactions: [Transaction],
        knowing recent: RecentCommits
    ) async throws -> (outcomes: [Result<CommitOutcome, any Error>], recent: RecentCommits) {
        try await log.commit(together: transactions, policy: policy, knowing: recent)
    }

    /// The first transaction that waits, and those after it that go with all others of the group.
    private func takeGroup() -> [Entry] {
        var group: [Entry] = []
        var left: [Entry] = []
        for entry in waiting {
            if group.count < groupSize, group.allSatisfy({ Self.fit($0.transaction, entry.transaction) }) {
                group.append(entry)
            } else {
                left.append(entry)
            }
        }
        waiting = left
        return group
    }

    /// Whether two transactions can be in one version: neither disturbs the other, whichever is the earlier.
    private static func fit(_ one: Transaction, _ other: Transaction) -> Bool {
        !disturbs(one, other) && !disturbs(other, one) && one.changesOnlyFiles && other.changesOnlyFiles
            && (one.recordsChanges == other.recordsChanges || !one.changesRows || !other.changesRows)
    }

    private static func disturbs(_ first: Transaction, _ second: Transaction) -> Bool {
        ConflictCheck.conflict(
            readSet: second.readSet,
            actions: second.actions,
            winner: Commit(version: first.base.version.next, actions: first.actions),
            protocol: second.base.protocol,
            metadata: second.base.metadata
        ) != nil
    }
}

extension Transaction {
    /// Whether the transaction leaves protocol, metadata and domains alone.
    fileprivate var changesOnlyFiles: Bool {
        actions.allSatisfy { action in
            switch action {
            case .add, .remove, .change, .transaction: true
            default: false
            }
        }
    }

    /// Whether the transaction has files of changes; where a version has any, readers of changes look at nothing else.
    fileprivate var recordsChanges: Bool {
        actions.contains { if case .change = $0 { true } else { false } }
    }

    fileprivate var changesRows: Bool {
        actions.contains { action in
            switch action {
            case .add(let file): file.dataChange
            case .remove(let file): file.dataChange
            default: false
            }
        }
    }
}
