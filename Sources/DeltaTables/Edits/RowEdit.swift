import ColumnBatches
import DeltaLog

/// An edit of rows that a predicate chooses, while its files are written.
///
/// What is written is deleted again when a step fails, or when the commit is refused.
struct RowEdit {
    let table: DeltaTable
    let snapshot: Snapshot
    private(set) var edit: TableEdit
    /// The number of rows that leave the table.
    private(set) var removedRows = 0
    private(set) var copiedRows = 0
    /// The number of rows that are wholly new.
    var newRows = 0
    private var markedFiles = 0
    private var splitter: RowSplitter?
    private var changes: ChangeRecorder?

    init(_ table: DeltaTable, _ snapshot: Snapshot, operation: String, reading predicate: Predicate?) {
        self.table = table
        self.snapshot = snapshot
        edit = TableEdit(operation: operation, readSet: ReadSet(partitions: .whole))
        edit.isToldByFiles = true
        if let predicate {
            edit.readSet.partitions = predicate.partitions(of: snapshot)
            edit.operationParameters["predicate"] = predicate.sql
        }
    }

    /// Runs the steps and commits what they made; commits nothing when they changed nothing.
    mutating func perform(_ steps: (inout RowEdit) async throws -> Void) async throws -> (
        version: TableVersion, rowCount: Int
    ) {
        try snapshot.checkWritable()
        do {
            try await steps(&self)
            if let splitter { edit.added += try await splitter.finish() }
            if let changes { edit.changes = try await changes.finish() }
        } catch {
            await splitter?.cancel()
            await changes?.cancel()
            await table.discard(edit)
            throw error
        }
        guard edit.changesData else { return (snapshot.version, 0) }
        note("numAddedFiles", edit.added.count - markedFiles)
        note("numRemovedFiles", edit.removed.count - markedFiles)
        note("numDeletionVectorsAdded", markedFiles)
        return (try await table.apply(edit, to: snapshot), max(removedRows, newRows))
    }

    /// Keeps a number for the history.
    mutating func note(_ name: String, _ value: Int) { edit.operationMetrics[name] = String(value) }

    mutating func set(_ parameter: String, _ value: String) { edit.operationParameters[parameter] = value }

    /// Says that whatever the table holds does not matter.
    mutating func readsNothing() { edit.readSet.partitions = .nothing }

    /// Records an application transaction in the same commit.
    mutating func record(_ transaction: ApplicationTransaction?) {
        if let transaction { edit.transactions.append(transaction) }
    }

    /// Adds whole rows.
    mutating func add(_ batch: ColumnBatch, _ schema: TableSchema) async throws {
        if splitter == nil { splitter = RowSplitter(table, schema: schema) }
        try await splitter?.append(batch)
    }

    /// Adds whole rows to the change feed, where the table has one.
    mutating func record(_ batch: ColumnBatch, _ kind: ChangeRecorder.Kind, _ schema: TableSchema)
        async throws
    {
        guard TableProperties(snapshot.metadata).recordsChanges else { return }
        if changes == nil { changes = ChangeRecorder(table, schema: schema) }
        try await changes?.append(batch, kind)
    }

    /// Takes all files out.
    mutating func removeAll() {
        edit.removed += snapshot.files
    }

    /// Takes the rows out for which a predicate is true, and hands them to a body.
    mutating func removeRows(
        where predicate: Predicate,
        replacing: ((ColumnBatch) async throws -> ColumnBatch)? = nil
    ) async throws {
        let rows = try table.rows(of: snapshot, columns: [], where: predicate)
        edit.readSet.files = Set(rows.files.map(\.path))
        let marks = FileRows.areMarked(in: snapshot)
        for file in rows.files {
            try Task.checkCancellation()
            let part = FileRows(table: table, file: file, schema: rows.schema)
            let (wanted, others) = try await part.positions(of: predicate)
            guard !wanted.isEmpty else { continue }
            removedRows += wanted.count
            edit.removed.append(file)
            if others > 0 && marks {
                edit.added.append(try await part.marking(wanted))
                markedFiles += 1
            }
            if others == 0 || marks {
                guard replacing != nil || TableProperties(snapshot.metadata).recordsChanges else { continue }
                try await part.forEachBatch(at: wanted) { try await replace($0, rows.schema, replacing) }
                continue
            }
            copiedRows += others
            try await part.forEachBatch { batch in
                let chosen = predicate.rows(of: batch)
                guard !chosen.isEmpty else { return try await add(batch, rows.schema) }
                let left = batch.rows(RowEdit.others(than: chosen, of: batch.rowCount))
                try await add(left, rows.schema)
                try await replace(batch.rows(chosen), rows.schema, replacing)
            }
        }
        note("numCopiedRows", copiedRows)
    }

    private mutating func replace(
        _ batch: ColumnBatch,
        _ schema: TableSchema,
        _ replacing: ((ColumnBatch) async throws -> ColumnBatch)?
    ) async throws {
        try await record(batch, replacing == nil ? .delete : .before, schema)
        guard let replacing else { return }
        let new = try await replacing(batch)
        try await add(new, schema)
        try await record(new, .after, schema)
    }

    private static func others(than chosen: [Int], of count: Int) -> [Int] {
        var others: [Int] = []
        others.reserveCapacity(count - chosen.count)
        var next = 0
        for row in 0..<count {
            if next < chosen.count, chosen[next] == row {
                next += 1
            } else {
                others.append(row)
            }
        }
        return others
    }
}

extension Predicate {
    /// The literal partition that is asked for, or the whole table.
    func partitions(of snapshot: Snapshot) -> ReadSet.Partitions {
        var values: [String: String?] = [:]
        var parts = [self]
        if case .and(let all) = self { parts = all }
        for case .compare(let name, .equal, let value) in parts
        where snapshot.metadata.partitionColumns.contains(name) {
            values.updateValue(PartitionValueText.text(value), forKey: name)
        }
        return values.isEmpty ? .whole : .only([values])
    }
}
