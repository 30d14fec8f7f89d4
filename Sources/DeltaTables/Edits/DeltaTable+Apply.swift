public import DeltaLog
import ObjectStores

extension DeltaTable {
    /// Commits an edit that was made from a snapshot.
    ///
    /// The files of a commit that is refused are deleted. Where it is not known whether a commit landed they stay:
    /// files that no commit names are harmless, a commit without its files is not.
    ///
    /// - Returns: The version of the commit.
    /// - Throws: `DeltaLogError` with a conflict when another commit touched what the edit was made from.
    public func apply(_ edit: TableEdit, to snapshot: Snapshot) async throws -> TableVersion {
        try await apply([(edit, snapshot)])[0].get()
    }

    /// Commits edits of several partitions as one version; one that is refused leaves alone.
    ///
    /// - Precondition: there are edits, and none is a conflict of another.
    /// - Parameter given: The edits, each with the snapshot that it was made from.
    /// - Returns: The version, or its own error, of each edit, in their order.
    public func apply(_ given: [(edit: TableEdit, base: Snapshot)]) async -> [Result<TableVersion, any Error>]
    {
        let edits: [(edit: TableEdit, base: Snapshot)]
        do {
            edits = try await recordingChanges(of: given)
        } catch {
            for member in given { await discard(member.edit) }
            return given.map { _ in .failure(error) }
        }
        let now = Self.now
        let transactions = edits.map { edit, base in
            var transaction = Transaction(
                edit.actions(now: now),
                readSet: edit.readSet.stored(in: base),
                base: base,
                operation: edit.operation,
                operationParameters: edit.operationParameters
            )
            transaction.operationMetrics = edit.operationMetrics
            return transaction
        }
        let outcomes: [Result<CommitOutcome, any Error>]
        do {
            outcomes = try await commit(transactions)
        } catch {
            return edits.map { _ in .failure(error) }
        }
        for (outcome, member) in zip(outcomes, edits) {
            if case .failure(let error as DeltaLogError) = outcome, error.isRefusal {
                await discard(member.edit)
            }
        }
        if let first = outcomes.lazy.compactMap({ try? $0.get() }).first(where: \.isFirst),
            let newest = edits.lazy.map(\.base).max(by: { $0.version < $1.version })
        {
            await checkpointIfDue(first.version, from: newest)
        }
        return outcomes.map { $0.map(\.version) }
    }

    private func commit(_ transactions: [Transaction]) async throws -> [Result<CommitOutcome, any Error>] {
        guard let queue, transactions.count == 1 else {
            return try await log.commit(together: transactions, policy: commitPolicy)
        }
        do {
            return [.success(try await queue.commit(transactions[0]))]
        } catch {
            return [.failure(error)]
        }
    }

    /// Deletes the files of an edit that no commit names and none will.
    func discard(_ edit: TableEdit) async {
        for file in edit.changes {
            try? await store.delete((path.isEmpty ? "" : path + "/") + PartitionPath.decode(file.path))
        }
        guard edit.ownsAddedFiles else { return }
        let kept = Set(edit.removed.map(\.path))
        for file in edit.added where !kept.contains(file.path) && !TablePath.isAbsolute(file.decodedPath) {
            try? await store.delete((path.isEmpty ? "" : path + "/") + file.decodedPath)
        }
        let before = Set(edit.removed.compactMap { $0.deletionVector?.uniqueID })
        for file in edit.added {
            if let vector = file.deletionVector, !before.contains(vector.uniqueID) { await discardMark(file) }
        }
    }

    /// Writes a checkpoint when a version calls for one; the table is whole without it, so that a failure is none.
    private func checkpointIfDue(_ version: TableVersion, from snapshot: Snapshot) async {
        let interval = TableProperties(snapshot.metadata).checkpointInterval
        guard version > 0, version.number % interval == 0, let newest = try? await refresh(snapshot) else {
            return
        }
        try? await log.writeCheckpoint(newest)
    }
}

extension ReadSet {
    /// The same, with partitions under the names that actions have for the columns.
    fileprivate func stored(in snapshot: Snapshot) -> ReadSet {
        guard case .only(let partitions) = partitions else { return self }
        var stored = self
        stored.partitions = .only(partitions.map { snapshot.stored($0) })
        return stored
    }
}
