/// What a source must hold after some steps, and which steps make sense next.
///
/// A step that does not make sense (a commit of a transaction that is not open, a change of a row that another
/// transaction holds) is passed over, so that any part of a history is a history.
struct SourceModel: Sendable {
    struct Row: Sendable, Hashable {
        var label: String?
        var amount: Int64?
    }

    private enum Change: Sendable {
        case put(TestRow)
        case remove(RowKey)
    }

    private struct Transaction: Sendable {
        var changes: [Change] = []
        var savepoint: Int?
        var statement: [TestRow]?
        /// Whether a statement may have waited for a lock: nothing of it may then be taken back in part.
        var hadLongStatement = false
        /// Rows stay locked until the end, also those that were taken back.
        var locked: Set<RowKey> = []
    }

    private(set) var committed: [RowKey: Row] = [:]
    private var transactions: [Int: Transaction] = [:]

    /// The transactions that are open, in order.
    var open: [Int] { transactions.keys.sorted() }

    /// Whether a transaction has a statement that runs.
    func isBusy(_ id: Int) -> Bool { transactions[id]?.statement != nil }

    /// Whether a step makes sense now.
    func admits(_ step: SourceStep) -> Bool {
        switch step {
        case .begin(let id): return transactions[id] == nil
        case .put(let id, let rows): return mayWrite(rows.map(\.key), in: id)
        case .remove(let id, let keys): return mayWrite(keys, in: id)
        case .rename(let id, let old, let new):
            return committed[old] != nil && committed[new] == nil && old != new
                && mayWrite([old, new], in: id)
                && (id.map { transactions[$0]?.locked.isDisjoint(with: [old, new]) ?? false } ?? true)
        case .beginLong(let id, let rows):
            return transactions[id] != nil && transactions[id]?.savepoint == nil
                && mayWrite(rows.map(\.key), in: id)
        case .endLong(let id): return isBusy(id)
        case .savepoint(let id):
            return transactions[id].map { $0.statement == nil && !$0.hadLongStatement } ?? false
        case .rollbackToSavepoint(let id):
            return transactions[id].map { $0.statement == nil && $0.savepoint != nil } ?? false
        case .commit(let id), .rollback(let id): return transactions[id] != nil && !isBusy(id)
        case .pass, .stepClock, .shiftZone: return true
        }
    }

    private func mayWrite(_ keys: [RowKey], in id: Int?) -> Bool {
        if let id, transactions[id] == nil || isBusy(id) { return false }
        guard Set(keys).count == keys.count else { return false }
        return transactions.allSatisfy { $0.key == id || $0.value.locked.isDisjoint(with: keys) }
    }

    /// Notes a step that was carried out.
    mutating func apply(_ step: SourceStep) {
        switch step {
        case .begin(let id): transactions[id] = Transaction()
        case .put(let id, let rows): write(rows.map(Change.put), rows.map(\.key), in: id)
        case .remove(let id, let keys): write(keys.map(Change.remove), keys, in: id)
        case .rename(let id, let old, let new):
            guard let row = committed[old] else { return }
            let moved = TestRow(new, label: row.label, amount: row.amount)
            write([.remove(old), .put(moved)], [old, new], in: id)
        case .beginLong(let id, let rows):
            transactions[id]?.statement = rows
            transactions[id]?.hadLongStatement = true
            transactions[id]?.locked.formUnion(rows.map(\.key))
        case .endLong(let id):
            let rows = transactions[id]?.statement ?? []
            transactions[id]?.statement = nil
            write(rows.map(Change.put), rows.map(\.key), in: id)
        case .savepoint(let id):
            let count = transactions[id]?.changes.count
            transactions[id]?.savepoint = count
        case .rollbackToSavepoint(let id):
            guard let transaction = transactions[id], let savepoint = transaction.savepoint else { return }
            transactions[id]?.changes.removeLast(transaction.changes.count - savepoint)
        case .commit(let id):
            let changes = transactions.removeValue(forKey: id)?.changes ?? []
            for change in changes { commit(change) }
        case .rollback(let id): transactions[id] = nil
        case .pass, .stepClock, .shiftZone: break
        }
    }

    private mutating func write(_ changes: [Change], _ keys: [RowKey], in id: Int?) {
        guard let id else {
            for change in changes { commit(change) }
            return
        }
        transactions[id]?.changes += changes
        transactions[id]?.locked.formUnion(keys)
    }

    private mutating func commit(_ change: Change) {
        switch change {
        case .put(let row): committed[row.key] = Row(label: row.label, amount: row.amount)
        case .remove(let key): committed[key] = nil
        }
    }
}
