public import ColumnBatches
public import SourceConnectors
import Synchronization

extension SimulatedDatabase {
    /// Begins a transaction; one of that number that is open is rolled back.
    public func begin(_ id: Int) { state.withLock { $0.transactions[id] = SimulatedTransaction() } }

    /// Writes rows, whose cursor is set; in a transaction, or committed at once.
    ///
    /// - Parameters:
    ///   - rows: Rows with the columns of the table.
    ///   - table: The table.
    ///   - id: The transaction, or nil.
    public func put(_ rows: [[ColumnValue]], into table: TableName, in id: Int? = nil) {
        state.withLock { state in
            let stamped = state.stamp(rows, of: table, at: state.now)
            state.write(state.changes(stamped, of: table), in: id, at: state.now)
        }
    }

    /// Removes rows by their keys; in a transaction, or committed at once.
    public func remove(keys: [[ColumnValue]], from table: TableName, in id: Int? = nil) {
        state.withLock { state in
            let changes = keys.map { SimulatedChange(table: table, key: $0, row: nil) }
            state.write(changes, in: id, at: state.now)
        }
    }

    /// Begins a statement that will write rows; they carry this time, or take the numbers that come next.
    ///
    /// - Parameters:
    ///   - rows: Rows with the columns of the table.
    ///   - table: The table.
    ///   - id: The transaction.
    ///   - isWaiting: Whether the statement waits for a lock on the table, before its transaction has begun to write.
    public func beginStatement(_ rows: [[ColumnValue]], into table: TableName, in id: Int, isWaiting: Bool) {
        state.withLock { state in
            let stamped = state.stamp(rows, of: table, at: state.now)
            let statement = SimulatedTransaction.Statement(
                began: state.now,
                table: table,
                rows: stamped,
                isWaiting: isWaiting
            )
            state.transactions[id]?.statement = statement
        }
    }

    /// Writes the rows of a statement that has begun.
    public func endStatement(in id: Int) {
        state.withLock { state in
            guard let statement = state.transactions[id]?.statement else { return }
            state.transactions[id]?.statement = nil
            let changes = state.changes(statement.rows, of: statement.table)
            state.write(changes, in: id, at: statement.isWaiting ? state.now : statement.began)
        }
    }

    /// Sets the savepoint of a transaction.
    public func setSavepoint(in id: Int) {
        state.withLock { state in
            let count = state.transactions[id]?.changes.count
            state.transactions[id]?.savepoint = count
        }
    }

    /// Takes back what a transaction did since its savepoint; it still counts as one that has written.
    public func rollBackToSavepoint(in id: Int) {
        state.withLock { state in
            guard let transaction = state.transactions[id], let savepoint = transaction.savepoint else {
                return
            }
            state.transactions[id]?.changes.removeLast(transaction.changes.count - savepoint)
        }
    }

    /// Commits a transaction.
    public func commit(_ id: Int) {
        state.withLock { state in
            guard let transaction = state.transactions.removeValue(forKey: id) else { return }
            for change in transaction.changes {
                state.tables[change.table]?.committed[change.key] = change.row
            }
        }
    }

    /// Rolls a transaction back.
    public func rollBack(_ id: Int) { state.withLock { $0.transactions[id] = nil } }
}

extension SimulatedState {
    /// The rows with the time as cursor, in the precision and on the clock of the column, or with the next numbers.
    mutating func stamp(_ rows: [[ColumnValue]], of name: TableName, at time: Int64) -> [[ColumnValue]] {
        guard let table = tables[name], let cursor = table.description.cursorCandidates.first,
            let index = table.names.firstIndex(of: cursor.column), cursor.isServerSet
        else { return rows }
        if cursor.isCounter {
            tables[name]?.nextNumber += Int64(rows.count)
            return rows.enumerated().map { offset, row in
                var row = row
                row[index] = .integer(table.nextNumber + Int64(offset))
                return row
            }
        }
        var step: Int64 = 1
        for _ in min(cursor.fractionalDigits, 6)..<6 { step *= 10 }
        let local = cursor.type == .timestamp ? time : time + zone
        let value = local - (local % step + step) % step
        return rows.map { row in
            var row = row
            row[index] = cursor.type == .timestamp ? .timestamp(value) : .timestampNTZ(value)
            return row
        }
    }

    func changes(_ rows: [[ColumnValue]], of table: TableName) -> [SimulatedChange] {
        rows.compactMap { row in
            tables[table].map { SimulatedChange(table: table, key: $0.key(of: row), row: row) }
        }
    }

    mutating func write(_ changes: [SimulatedChange], in id: Int?, at time: Int64) {
        guard let id else {
            for change in changes { tables[change.table]?.committed[change.key] = change.row }
            return
        }
        transactions[id]?.write(changes, at: time)
    }

    /// What open transactions have written, in an order that does not matter: no two write one row.
    var uncommitted: [SimulatedChange] {
        transactions.sorted { $0.key < $1.key }.flatMap(\.value.changes)
    }
}
