import DeltaLog
import SyncLedgers

/// The names under which the log of a lake table keeps which landing it holds.
struct LandingNames: Sendable {
    /// The number of the last landing that came into the lake table.
    let landing: String
    /// The number of the task's commit that said so: with another one, commits came that did not land.
    let sequence: String

    init(_ names: TaskTransactions) {
        landing = names.taskPrefix + names.definition + "/landing"
        sequence = landing + "/sequence"
    }

    /// The name under which the log of a bronze table keeps the number of a task's last landing.
    static func last(of task: TaskIdentity, bronzeID: String) -> String {
        TaskTransactions(task: task, tableID: bronzeID, definition: []).taskPrefix + "landing"
    }

    /// The definition with the newest landing in a lake table, and that landing.
    static func head(
        of names: TaskTransactions,
        in snapshot: Snapshot
    ) -> (transactions: TaskTransactions, landing: Int64)? {
        var head: (definition: Substring, landing: Int64)?
        for (name, transaction) in snapshot.transactions
        where name.hasPrefix(names.taskPrefix) && name.hasSuffix("/landing") {
            guard transaction.version > head?.landing ?? 0 else { continue }
            head = (
                name.dropFirst(names.taskPrefix.count).dropLast("/landing".count), transaction.version
            )
        }
        guard let head else { return nil }
        let base = names.taskPrefix + head.definition
        let found = TaskTransactions(
            run: base + "/run",
            mark: base + "/mark",
            definition: String(head.definition)
        )
        return (found, head.landing)
    }
}
