import DeltaLog
import DeltaTables

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
        let results = await table.apply(members.map { ($0.edit, $0.base) })
        return zip(members, results).map { ($0.ticket, $1) }
    }
}
