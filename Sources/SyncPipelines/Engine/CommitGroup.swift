import DeltaLog
import DeltaTables
import FoundationEssentials
import ObjectStores

/// Edits of several partitions that become one version of a table.
///
/// Each member keeps its own read set and transactions: it is checked by itself against every version since its own
/// snapshot, and a member that conflicts leaves alone. What remains is committed as one transaction.
struct CommitGroup: Sendable {
    /// One task's edit.
    struct Member: Sendable {
        var ticket: Int
        var edit: TableEdit
        var base: Snapshot
        var isUrgent: Bool
    }

    typealias Outcome = (ticket: Int, result: Result<TableVersion, any Error>)

    let members: [Member]

    /// Members that can share a version, in order; two that write one partition or one transaction cannot.
    static func take(_ waiting: [Member]) -> (members: [Member], rest: [Member]) {
        var members: [Member] = []
        var rest: [Member] = []
        var applications: Set<String> = []
        var partitions: Set<[String: String?]> = []
        for member in waiting {
            let mine = Set(member.edit.transactions.map(\.appID)).union(member.edit.readSet.transactionIDs)
            let isLiteral: Bool
            var own: Set<[String: String?]> = []
            if case .only(let values) = member.edit.readSet.partitions {
                own = Set(values)
                isLiteral = true
            } else {
                isLiteral = false
            }
            guard
                members.isEmpty
                    || (isLiteral && applications.isDisjoint(with: mine) && partitions.isDisjoint(with: own))
            else {
                rest.append(member)
                continue
            }
            members.append(member)
            guard isLiteral else {
                rest += waiting.dropFirst(members.count + rest.count)
                break
            }
            applications.formUnion(mine)
            partitions.formUnion(own)
        }
        return (members, rest)
    }

    /// Commits the group; every member gets the version, or its own error.
    func commit(to table: DeltaTable) async -> [Outcome] {
        var outcomes: [Outcome] = []
        var left = members
        for _ in 0..<20 {
            do {
                left = try await remaining(left, of: table, &outcomes)
                guard !left.isEmpty else { return outcomes }
                let version = try await commit(left, to: table)
                return outcomes + left.map { ($0.ticket, .success(version)) }
            } catch let error as DeltaLogError where error.code == .conflict && left.count > 1 {
                continue  // another process committed meanwhile: look again which of them it concerns
            } catch {
                if error is DeltaLogError { await discard(left, of: table) }
                return outcomes + left.map { ($0.ticket, .failure(error)) }
            }
        }
        await discard(left, of: table)
        let error = DeltaLogError(
            .versionTaken,
            table: table.path,
            message: "other writers were always first; try again when fewer write"
        )
        return outcomes + left.map { ($0.ticket, .failure(error)) }
    }

    /// The members that hold against all that was committed since their snapshots, each with a snapshot of now.
    private func remaining(
        _ members: [Member],
        of table: DeltaTable,
        _ outcomes: inout [Outcome]
    ) async throws -> [Member] {
        guard members.count > 1, var newest = members.map(\.base).max(by: { $0.version < $1.version }),
            let oldest = members.map(\.base.version).min()
        else { return members }
        newest = try await table.log.update(newest)
        let winners = try await table.log.commits(after: oldest).filter { $0.version <= newest.version }
        var left: [Member] = []
        for var member in members {
            var conflict: DeltaLogError?
            for winner in winners where winner.version > member.base.version {
                conflict = conflict ?? Self.conflict(of: member, with: winner, table: table.path)
            }
            if let conflict {
                await discard([member], of: table)
                outcomes.append((member.ticket, .failure(conflict)))
            } else {
                member.base = newest
                left.append(member)
            }
        }
        return left
    }

    private static func conflict(of member: Member, with winner: Commit, table: String) -> DeltaLogError? {
        let rule = ConflictCheck.conflict(
            readSet: member.edit.readSet,
            actions: member.edit.actions(now: 0),
            winner: winner,
            protocol: member.base.protocol,
            metadata: member.base.metadata
        )
        return rule.map { rule in
            DeltaLogError(
                .conflict,
                conflict: rule,
                table: table,
                version: winner.version,
                message:
                    "\(winner.info?.operation ?? "another commit") changed what this commit was made from; "
                    + "make it again from the newest version"
            )
        }
    }

    private func commit(_ members: [Member], to table: DeltaTable) async throws -> TableVersion {
        guard let first = members.first else { preconditionFailure("an empty group") }
        var edit = first.edit
        for member in members.dropFirst() { edit.join(member.edit) }
        if members.count > 1 { edit.operationParameters["partitions"] = "\(members.count)" }
        return try await table.log.commit(
            edit.actions(now: Self.now),
            readSet: edit.readSet,
            base: first.base,
            operation: edit.operation,
            operationParameters: edit.operationParameters
        ).version
    }

    private static var now: Int64 { Int64(Date().timeIntervalSince1970 * 1000) }

    /// Deletes files that no commit names and none will.
    private func discard(_ members: [Member], of table: DeltaTable) async {
        let folder = table.path.isEmpty ? "" : table.path + "/"
        for file in members.flatMap(\.edit.added) { try? await table.store.delete(folder + file.decodedPath) }
    }
}

extension TableEdit {
    /// Takes in the edit of another partition.
    fileprivate mutating func join(_ other: TableEdit) {
        added += other.added
        removed += other.removed
        transactions += other.transactions
        if operation != other.operation { operation = "MERGE" }
        operationParameters.merge(other.operationParameters) { mine, _ in mine }
        readSet.files.formUnion(other.readSet.files)
        readSet.transactionIDs.formUnion(other.readSet.transactionIDs)
        if case .only(let mine) = readSet.partitions, case .only(let theirs) = other.readSet.partitions {
            readSet.partitions = .only(mine + theirs)
        }
    }
}
