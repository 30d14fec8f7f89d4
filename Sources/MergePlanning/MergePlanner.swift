import ColumnBatches
public import DeltaLog
public import DeltaTables

/// Finds out what a change set means for a partition of a table.
///
/// Files are passed over by their key statistics; of the others only the key columns are read, and the whole rows
/// only of row groups that hold a key of the change set. A change that equals its row in the lake is dropped, so
/// that a window which is read again rewrites nothing.
public struct MergePlanner: Sendable {
    private let table: DeltaTable
    private let snapshot: Snapshot
    private let schema: TableSchema
    private let partition: [String: String?]
    private let filledColumns: Set<String>?

    /// Makes a planner for one partition of a snapshot.
    ///
    /// - Parameters:
    ///   - table: The table.
    ///   - snapshot: The state that the plan is made against.
    ///   - partition: The partition's values, as the log writes them.
    ///   - filledColumns: The only columns to set on rows that exist already; nil sets all.
    /// - Throws: `DeltaTableError` when the table has a column of a type that is not supported.
    public init(
        table: DeltaTable,
        snapshot: Snapshot,
        partition: [String: String?],
        filledColumns: Set<String>? = nil
    ) throws {
        self.table = table
        self.snapshot = snapshot
        self.schema = try table.schema(of: snapshot)
        self.partition = partition
        self.filledColumns = filledColumns
    }

    /// Plans the merge of some changes, whose batches have the table's data columns.
    public func plan(for changes: ChangeSet) async throws -> MergePlan {
        for batch in changes.batches where batch.schema.names != schema.dataFields.map(\.name) {
            throw MergeError(.schemaMismatch, message: "a batch has other columns than the table")
        }
        var plan = MergePlan(changes: changes, partition: partition, filledColumns: filledColumns)
        var found = Bitmap(repeating: false, count: changes.count)
        if !changes.isEmpty {
            for file in snapshot.files(inPartition: partition)
            where changes.keyBounds?.mayOverlap(file, of: schema) ?? true {
                try await search(file, changes, &found, &plan)
            }
        }
        for (number, location) in changes.locations.enumerated() where !found[number] && !location.isDeletion
        {
            plan.inserts.append(location)
        }
        plan.insertedCount = plan.inserts.count
        return plan
    }

    private func search(
        _ file: AddFile,
        _ changes: ChangeSet,
        _ found: inout Bitmap,
        _ plan: inout MergePlan
    ) async throws {
        let reader = try await DataFileReader(file, of: table.path, schema: schema, in: table.store)
        var edits: [MergePlan.RowEdit] = []
        var words: [UInt64] = []
        var offset = 0
        for group in 0..<reader.rowGroupCount {
            try Task.checkCancellation()
            let keys = try await reader.rows(ofGroup: group, columns: changes.keyColumns)
            let encoder = RowKeyEncoder(keys.columns)
            var hits: [(row: Int, number: Int)] = []
            for row in 0..<keys.rowCount where encoder.encode(row: row, into: &words) == nil {
                if let number = changes.keys.find(words) { hits.append((row, number)) }
            }
            if !hits.isEmpty {
                let rows = try await reader.rows(ofGroup: group, columns: schema.dataFields.map(\.name))
                compare(hits, rows, offset: offset, changes, &found, &edits, &plan)
            }
            offset += keys.rowCount
        }
        if !edits.isEmpty { plan.rewrites.append(MergePlan.Rewrite(file: file, edits: edits)) }
    }

    private func compare(
        _ hits: [(row: Int, number: Int)],
        _ rows: ColumnBatch,
        offset: Int,
        _ changes: ChangeSet,
        _ found: inout Bitmap,
        _ edits: inout [MergePlan.RowEdit],
        _ plan: inout MergePlan
    ) {
        for (row, number) in hits {
            let location = changes.locations[number]
            if location.isDeletion || found[number] {  // a second row of one key cannot stay
                edits.append(MergePlan.RowEdit(row: offset + row, change: nil))
                plan.deletedCount += 1
                found.set(number, to: true)
                continue
            }
            found.set(number, to: true)
            let change = changes.batches[Int(location.batch)]
            if isSame(change, Int(location.row), rows, row) {
                plan.unchangedCount += 1
            } else {
                edits.append(MergePlan.RowEdit(row: offset + row, change: location))
                plan.updatedCount += 1
            }
        }
    }

    private func isSame(_ change: ColumnBatch, _ row: Int, _ lake: ColumnBatch, _ lakeRow: Int) -> Bool {
        for index in change.columns.indices {
            if let filledColumns, !filledColumns.contains(change.schema.fields[index].name) { continue }
            if !change.columns[index].isSame(row, as: lake.columns[index], lakeRow) { return false }
        }
        return true
    }
}
