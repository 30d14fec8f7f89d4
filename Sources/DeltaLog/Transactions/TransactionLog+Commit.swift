import FoundationEssentials
import ObjectStores

extension TransactionLog {
    /// Commits actions that were made from a snapshot, on top of whatever was committed since, if nothing of that is a
    /// conflict.
    ///
    /// - Parameters:
    ///   - actions: What to commit, `commitInfo` aside.
    ///   - readSet: What the actions were made from.
    ///   - base: The snapshot that they were made from.
    ///   - operation: The operation, for the history.
    ///   - operationParameters: What the operation was told, for the history.
    ///   - policy: How long to try.
    /// - Returns: The version of the commit.
    /// - Throws: `DeltaLogError` with code `conflict`, which names the rule and the version.
    public func commit(
        _ actions: [Action],
        readSet: ReadSet,
        base: Snapshot,
        operation: String,
        operationParameters: [String: String] = [:],
        policy: CommitPolicy = CommitPolicy()
    ) async throws -> CommitOutcome {
        let transaction = Transaction(
            actions,
            readSet: readSet,
            base: base,
            operation: operation,
            operationParameters: operationParameters
        )
        return try await commit(transaction, policy: policy)
    }

    /// Commits a transaction on top of whatever was committed since its snapshot, if nothing of that is a conflict.
    ///
    /// - Throws: `DeltaLogError` with code `conflict`, which names the rule and the version.
    public func commit(_ transaction: Transaction, policy: CommitPolicy = CommitPolicy()) async throws
        -> CommitOutcome
    {
        try await commit(together: [transaction], policy: policy)[0].get()
    }

    /// Commits transactions as one version, each held by itself against whatever was committed since its snapshot; one
    /// that is refused leaves alone.
    ///
    /// - Precondition: there are transactions, and none is a conflict of another.
    /// - Parameters:
    ///   - transactions: What to commit.
    ///   - policy: How long to try.
    /// - Returns: What became of each, in their order.
    /// - Throws: What kept the log from being read, after which it is not known whether the version is there.
    public func commit(together transactions: [Transaction], policy: CommitPolicy = CommitPolicy())
        async throws
        -> [Result<CommitOutcome, any Error>]
    {
        try await commit(together: transactions, policy: policy, knowing: RecentCommits()).outcomes
    }

    /// The same for a process that knows the newest commits, which are not read again.
    ///
    /// - Returns: What became of each, and the newest commits with this one.
    func commit(together transactions: [Transaction], policy: CommitPolicy, knowing recent: RecentCommits)
        async throws -> (outcomes: [Result<CommitOutcome, any Error>], recent: RecentCommits)
    {
        precondition(!transactions.isEmpty, "nothing to commit")
        var attempt = CommitAttempt(transactions, log: self, policy: policy, recent: recent)
        return (try await attempt.run(), attempt.recent)
    }
}

/// Transactions of one process that go into one version, and what becomes of each.
///
/// A `commitInfo` is written first, with a name of its own, by which the commit is recognised when a store says that
/// the version is taken although it was this commit that took it, or fails without saying whether it was.
struct CommitAttempt {
    private let log: TransactionLog
    private let policy: CommitPolicy
    private let members: [Transaction]
    private let name = UniqueName.make()
    private var results: [Result<CommitOutcome, any Error>?]
    /// The newest version that is known, what it asks for, and when it was made.
    private var tip: TableVersion
    private var latestProtocol: TableProtocol
    private var latestMetadata: TableMetadata
    private var latestTimestamp: Int64
    private var winners: [TableVersion: Commit] = [:]
    private var rebases = 0
    /// What the process knows of the newest versions.
    private(set) var recent: RecentCommits

    init(_ members: [Transaction], log: TransactionLog, policy: CommitPolicy, recent: RecentCommits) {
        self.members = members
        self.recent = recent
        self.log = log
        self.policy = policy
        results = Array(repeating: nil, count: members.count)
        let newest = members.map(\.base).max { $0.version < $1.version } ?? members[0].base
        tip = newest.version
        latestProtocol = newest.protocol
        latestMetadata = newest.metadata
        latestTimestamp = newest.timestamp ?? 0
    }

    private var living: [Int] { members.indices.filter { results[$0] == nil } }

    /// Tries until each member has its version or its refusal.
    mutating func run() async throws -> [Result<CommitOutcome, any Error>] {
        let clock = ContinuousClock()
        let end = clock.now.advanced(by: policy.deadline)
        var checked = members.map(\.base.version)
        // A version that seems free because the log was cleaned is not to be taken.
        if let newest = members.map(\.base).max(by: { $0.version < $1.version }), newest.isStale {
            let fresh = try await log.update(newest)
            tip = fresh.version
            latestProtocol = fresh.protocol
            latestMetadata = fresh.metadata
            latestTimestamp = fresh.timestamp ?? latestTimestamp
        }
        // Members may come from older snapshots than the newest among them.
        for version in checked where version < tip {
            for number in (version.number + 1)...tip.number { try await readWinner(TableVersion(number)) }
        }
        while let known = recent[tip.next] { take(known) }
        for attempt in 0..<max(policy.attempts, 1) {
            for index in living {
                check(members[index], at: index, after: checked[index])
                checked[index] = tip
            }
            if living.isEmpty { break }
            do {
                let commit = Commit(version: tip.next, actions: lines())
                try await log.write(commit)
                recent.add(commit)
                await carryChecksum(commit)
                return finish(.success(CommitOutcome(version: tip.next, rebases: rebases, isFirst: true)))
            } catch let error as DeltaLogError where error.code == .versionTaken {
                if let version = try await readWinners() {
                    return finish(.success(CommitOutcome(version: version, rebases: rebases, isFirst: true)))
                }
                guard clock.now < end else { return finish(.failure(error)) }
                try await pause(after: attempt)
            } catch let error as ObjectStoreError {
                // The store failed, perhaps after the commit was there: what the log says counts.
                guard let landed = try? await log.commitIfThere(tip.next), landed.info?.txnID == name else {
                    return finish(.failure(error))
                }
                recent.add(landed)
                return finish(.success(CommitOutcome(version: tip.next, rebases: rebases, isFirst: true)))
            }
        }
        return finish(
            .failure(
                DeltaLogError(
                    .versionTaken,
                    table: log.tablePath,
                    version: tip.next,
                    message:
                        "other writers took every version for \(policy.attempts) attempts; try again when fewer write"
                )
            )
        )
    }

    /// Lets others go first for a while, so that those who failed together do not try together again.
    private func pause(after attempt: Int) async throws {
        let ceiling = min(.milliseconds(1 << min(attempt, 16)), policy.longestPause)
        guard ceiling > .zero else { return await Task.yield() }
        try await Task.sleep(for: ceiling * Double.random(in: 0...1))
    }

    /// Writes the checksum of a version that was just made, where the table has such.
    ///
    /// A version is whole without it, so that a failure is none.
    private func carryChecksum(_ commit: Commit) async {
        guard var state = members.map(\.base).max(by: { $0.version < $1.version }), state.hasChecksums else {
            return
        }
        while state.version < tip {
            guard let winner = winners[state.version.next], let next = try? state.applying(winner) else {
                return
            }
            state = next
        }
        guard let newest = try? state.applying(commit) else { return }
        try? await log.writeChecksum(newest)
    }

    private func finish(_ result: Result<CommitOutcome, any Error>) -> [Result<CommitOutcome, any Error>] {
        var isFirst = true
        return results.map { known in
            if let known { return known }
            defer { isFirst = false }
            return result.map { outcome in
                CommitOutcome(version: outcome.version, rebases: outcome.rebases, isFirst: isFirst)
            }
        }
    }

    private mutating func readWinner(_ version: TableVersion) async throws {
        guard winners[version] == nil else { return }
        if let known = recent[version] {
            winners[version] = known
        } else {
            winners[version] = try await log.commit(at: version)
        }
    }

    /// Reads what others committed meanwhile.
    ///
    /// - Returns: The version that holds this very commit, if one does.
    private mutating func readWinners() async throws -> TableVersion? {
        while let winner = try await log.commitIfThere(tip.next) {
            if winner.info?.txnID == name {
                recent.add(winner)
                return winner.version
            }
            take(winner)
        }
        return nil
    }

    /// Goes on from the version of another commit.
    private mutating func take(_ winner: Commit) {
        recent.add(winner)
        winners[winner.version] = winner
        tip = winner.version
        rebases += 1
        for action in winner.actions {
            if case .protocol(let value) = action { latestProtocol = value }
            if case .metadata(let value) = action { latestMetadata = value }
        }
        if let info = winner.info {
            latestTimestamp = info.inCommitTimestamp ?? info.timestamp ?? latestTimestamp
        }
    }

    /// Holds a member against the winners after a version; it leaves when one is a conflict.
    private mutating func check(_ member: Transaction, at index: Int, after version: TableVersion) {
        do throws(DeltaLogError) {
            try latestProtocol.checkWritable(table: log.tablePath, metadata: latestMetadata)
            try member.checkAppendOnly(latestMetadata)
            var (before, metadata) = (member.base.protocol, member.base.metadata)
            var next = member.base.version.next
            while next <= tip, let winner = winners[next] {
                if next > version,
                    let conflict = ConflictCheck.conflict(
                        readSet: member.readSet,
                        actions: member.actions,
                        winner: winner,
                        protocol: before,
                        metadata: metadata,
                        isolation: policy.isolation
                    ), !policy.overlooked.contains(conflict)
                {
                    throw refusal(conflict, winner)
                }
                for action in winner.actions {
                    if case .protocol(let value) = action { before = value }
                    if case .metadata(let value) = action { metadata = value }
                }
                next = next.next
            }
        } catch {
            results[index] = .failure(error)
        }
    }

    private func refusal(_ conflict: ConflictKind, _ winner: Commit) -> DeltaLogError {
        DeltaLogError(
            .conflict,
            conflict: conflict,
            table: log.tablePath,
            version: winner.version,
            message: "\(winner.info?.operation ?? "another commit") changed what this commit was made from; "
                + "make it again from the newest version"
        )
    }

    /// The actions of all members that are left, with the instant that the version gets.
    private func lines() -> [Action] {
        let group = living.map { members[$0] }
        let now = Int64(Date().timeIntervalSince1970 * 1000)
        var info = CommitInfo(
            timestamp: now,
            operation: group[0].operation,
            operationParameters: group[0].operationParameters,
            isBlindAppend: group.allSatisfy(\.isBlindAppend),
            txnID: name
        )
        info.operationMetrics = group[0].operationMetrics
        if group.count > 1 {
            info.operationParameters = ["transactions": String(group.count)]
            info.operationMetrics = [:]
        }
        var actions = group.flatMap(\.actions)
        var metadata = latestMetadata
        for case .metadata(let value) in actions { metadata = value }
        if TableProperties(metadata).hasInCommitTimestamps {
            let time = max(now, latestTimestamp + 1)
            info.inCommitTimestamp = time
            info.timestamp = time
            if !TableProperties(latestMetadata).hasInCommitTimestamps {
                actions = actions.map { Self.noting(tip.next, time, in: $0) }
            }
        }
        return [.commitInfo(info)] + actions
    }

    /// Metadata that switch in-commit timestamps on say since when, where older versions have none.
    private static func noting(_ version: TableVersion, _ time: Int64, in action: Action) -> Action {
        guard case .metadata(var metadata) = action else { return action }
        metadata.configuration["delta.inCommitTimestampEnablementVersion"] = version.description
        metadata.configuration["delta.inCommitTimestampEnablementTimestamp"] = String(time)
        return .metadata(metadata)
    }
}
