import DeltaLog
import DeltaTables
import SyncLedgers

/// A lake table that the tasks of a process share: one cached snapshot, one commit at a time, ready edits grouped.
///
/// Edits wait until enough of them are ready, until no other task of the run can join, or until the first has waited
/// long enough; then they become one version. Who finds a group due commits it; `commitIfLate` is called now and then
/// for groups that nobody else finds.
actor LakeTable {
    let table: DeltaTable
    /// The table that keeps every row which comes into this one; nil for none.
    let bronze: LakeTable?
    private let size: Int
    private let patience: Duration
    private let clock = ContinuousClock()
    private var cached: Snapshot?
    private var waiting: [CommitGroup.Member] = []
    private var since: ContinuousClock.Instant?
    private var isCommitting = false
    private var isHurried = false
    /// Tasks of the run that may still commit.
    private var expected: Int
    private var lastTicket = 0
    /// The tasks that have said that they commit no more.
    private var left: Set<TaskIdentity> = []
    /// What commits did, of those that somebody asked about.
    private var summaries: [TableVersion: CommitSummary] = [:]
    private var results: [Int: Result<TableVersion, any Error>] = [:]
    private var continuations: [Int: CheckedContinuation<TableVersion, any Error>] = [:]

    /// - Parameters:
    ///   - table: The table.
    ///   - size: The edits that make a group; one commits each by itself.
    ///   - patience: How long the first edit of a group waits for others.
    ///   - expected: The tasks of the run that may commit; a group waits for no others.
    ///   - bronzePath: The path of the table that keeps every row which comes into this one; nil for none.
    init(
        _ table: DeltaTable,
        size: Int = 1,
        patience: Duration = .zero,
        expected: Int = 0,
        bronzePath: String? = nil
    ) {
        self.expected = expected
        self.table = table
        self.size = size
        self.patience = patience
        bronze = bronzePath.map { path in
            let bronze = DeltaTable(store: table.store, path: path)
            return LakeTable(bronze, size: size, patience: patience, expected: expected)
        }
    }

    /// The newest snapshot; only commits since the last call are read.
    ///
    /// - Throws: `SyncError` with code `notPrepared` when there is no such table.
    func snapshot() async throws -> Snapshot {
        if let cached {
            let newest = try await table.log.update(cached)
            if newest.version > (self.cached?.version ?? cached.version) { self.cached = newest }
            return newest
        }
        guard try await table.exists() else {
            throw SyncError(
                .notPrepared,
                message: "the lake has no table \(table.path); run prepare, which creates it"
            )
        }
        let snapshot = try await table.snapshot()
        cached = snapshot
        return snapshot
    }

    /// The commits since a task's last one by which others changed rows of its partition, the newest first.
    ///
    /// Where the files are those that the task left, nothing is read. A commit that is no longer in the log counts.
    ///
    /// - Parameters:
    ///   - transactions: The task's transactions in the snapshot.
    ///   - partition: The task's partition.
    ///   - snapshot: The state that is looked at.
    /// - Returns: The commits; none where the task never said what it left.
    /// - Throws: Errors of the log.
    func disturbances(
        _ transactions: TaskTransactionState,
        of partition: [String: String?],
        in snapshot: Snapshot
    ) async throws -> [ForeignChange] {
        guard let recorded = snapshot.transactionVersion(transactions.names.files),
            recorded != PartitionFiles(snapshot.files(inPartition: partition)).number
        else { return [] }
        var found: [ForeignChange] = []
        var version = snapshot.version
        while let summary = try await summary(of: version) {
            if summary.transactions.contains(transactions.names.files) { return found }
            if summary.isForeign(to: partition, taskPrefix: transactions.names.taskPrefix) {
                found.append(summary.change)
            }
            guard version > 0 else { break }
            version = TableVersion(version.number - 1)
        }
        return found + [ForeignChange(version: version)]
    }

    private func summary(of version: TableVersion) async throws -> CommitSummary? {
        if let known = summaries[version] { return known }
        do {
            let summary = CommitSummary(try await table.log.commit(at: version))
            summaries[version] = summary
            return summary
        } catch let error as DeltaLogError where error.code == .versionMissing {
            return nil
        }
    }

    /// Says that a task will commit no more; where it is named, saying so again changes nothing.
    func leave(_ task: TaskIdentity? = nil) async {
        if let task {
            await bronze?.leave(task)
            guard left.insert(task).inserted else { return }
        }
        expected -= 1
        await commitIfDue()
    }

    /// Commits what is ready without waiting for more, from now on: the run is to end, or memory is short.
    func hurry(_ isHurried: Bool = true) async {
        self.isHurried = isHurried
        await commitIfDue()
        await bronze?.hurry(isHurried)
    }

    /// Commits a group that has waited long enough.
    func commitIfLate() async {
        await commitIfDue()
        await bronze?.commitIfLate()
    }

    /// Commits an edit that was made from a snapshot, in one version with others that are ready.
    ///
    /// - Parameters:
    ///   - edit: The edit; its read set and its transactions are checked by themselves.
    ///   - snapshot: What it was made from.
    ///   - isUrgent: Whether the task goes on reading after this commit, so that it must not wait for others.
    /// - Returns: The version.
    /// - Throws: `DeltaLogError` with a conflict that is this edit's own; those of others never reach it.
    func commit(_ edit: TableEdit, to snapshot: Snapshot, isUrgent: Bool) async throws -> TableVersion {
        lastTicket += 1
        let ticket = lastTicket
        waiting.append(CommitGroup.Member(ticket: ticket, edit: edit, base: snapshot, isUrgent: isUrgent))
        if since == nil { since = clock.now }
        if Task.isCancelled { isHurried = true }
        await commitIfDue()
        if let result = results.removeValue(forKey: ticket) { return try result.get() }
        return try await withCheckedThrowingContinuation { continuations[ticket] = $0 }
    }

    private var isDue: Bool {
        guard !waiting.isEmpty else { return false }
        if isHurried || waiting.count >= min(size, max(expected, 1)) { return true }
        return waiting.contains(where: \.isUrgent) || since.map { clock.now - $0 >= patience } ?? false
    }

    private func commitIfDue() async {
        guard !isCommitting else { return }
        isCommitting = true
        while isDue {
            let (members, rest) = CommitGroup.take(waiting)
            waiting = rest
            since = rest.isEmpty ? nil : clock.now
            for (ticket, result) in await CommitGroup(members: members).commit(to: table) {
                if let continuation = continuations.removeValue(forKey: ticket) {
                    continuation.resume(with: result)
                } else {
                    results[ticket] = result
                }
            }
        }
        isCommitting = false
    }
}
