import FoundationEssentials
import ObjectStores

/// How long a commit is tried against other writers.
public struct CommitPolicy: Sendable, Hashable {
    /// The most attempts.
    public var attempts = 200
    /// The most time.
    public var deadline: Duration = .seconds(120)
    /// How strictly concurrent appends are kept apart.
    public var isolation = IsolationLevel.serializable

    /// Makes the policy that suits nearly every table.
    public init() {}
}

/// What became of a commit.
public struct CommitOutcome: Sendable, Hashable {
    /// The version that the commit got.
    public var version: TableVersion
    /// How many versions other writers took first.
    public var rebases: Int
}

extension TransactionLog {
    /// Commits actions that were made from a snapshot, on top of whatever was committed since, if nothing of that is a
    /// conflict.
    ///
    /// A `commitInfo` is written first, with a name of its own, by which the commit is recognised when a store says
    /// that the version is taken although it was this commit that took it.
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
        try base.protocol.checkWritable(table: tablePath, metadata: base.metadata)
        try refuseRemovals(actions, base)
        let name = UUID().uuidString.lowercased()
        let info = CommitInfo(
            timestamp: Int64(Date().timeIntervalSince1970 * 1000),
            operation: operation,
            operationParameters: operationParameters,
            isBlindAppend: Self.isBlindAppend(actions, readSet),
            txnID: name
        )
        let lines = [.commitInfo(info)] + actions
        let clock = ContinuousClock()
        let end = clock.now.advanced(by: policy.deadline)
        var version = base.version
        for attempt in 0..<max(policy.attempts, 1) {
            for winner in try await commits(after: version) {
                if attempt > 0 && winner.info?.txnID == name {
                    return CommitOutcome(version: winner.version, rebases: attempt)
                }
                try check(winner, readSet, actions, base, policy)
                version = winner.version
            }
            do {
                try await write(lines, as: version.next)
                return CommitOutcome(version: version.next, rebases: attempt)
            } catch let error as DeltaLogError where error.code == .versionTaken && clock.now < end {
                let ceiling = min(1 << min(attempt, 6), 50)
                try await Task.sleep(for: .milliseconds(Int.random(in: 0...ceiling)))
            } catch let error as ObjectStoreError {
                // The store failed, perhaps after the commit was there: what the log says counts.
                guard (try? await commit(at: version.next))?.info?.txnID == name else { throw error }
                return CommitOutcome(version: version.next, rebases: attempt)
            }
        }
        throw DeltaLogError(
            .versionTaken,
            table: tablePath,
            version: version.next,
            message:
                "other writers took every version for \(policy.attempts) attempts; try again when fewer write"
        )
    }

    private func check(
        _ winner: Commit,
        _ readSet: ReadSet,
        _ actions: [Action],
        _ base: Snapshot,
        _ policy: CommitPolicy
    ) throws {
        let conflict = ConflictCheck.conflict(
            readSet: readSet,
            actions: actions,
            winner: winner,
            schema: base.schema,
            isolation: policy.isolation
        )
        guard let conflict else {
            for case .protocol(let newer) in winner.actions {
                try newer.checkWritable(table: tablePath, metadata: base.metadata)
            }
            return
        }
        throw DeltaLogError(
            .conflict,
            conflict: conflict,
            table: tablePath,
            version: winner.version,
            message: "\(winner.info?.operation ?? "another commit") changed what this commit was made from; "
                + "make it again from the newest version"
        )
    }

    /// A table that is append-only keeps its rows.
    private func refuseRemovals(_ actions: [Action], _ base: Snapshot) throws {
        guard base.metadata.configuration["delta.appendOnly"] == "true" else { return }
        for case .remove(let file) in actions where file.dataChange {
            throw DeltaLogError(
                .unsupportedFeature,
                table: tablePath,
                message: "the table is append-only; set delta.appendOnly to false to change or remove rows"
            )
        }
    }

    /// Only additions, made without a look at the table.
    private static func isBlindAppend(_ actions: [Action], _ readSet: ReadSet) -> Bool {
        guard readSet.partitions == .nothing, readSet.files.isEmpty else { return false }
        var adds = false
        for action in actions {
            switch action {
            case .add: adds = true
            case .transaction: break
            default: return false
            }
        }
        return adds
    }
}
