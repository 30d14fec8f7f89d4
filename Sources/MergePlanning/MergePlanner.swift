import ColumnBatches
public import DeltaLog
public import DeltaTables

/// Finds out what a change set means for a partition of a table.
///
/// Files, row groups and pages are passed over by their statistics and bloom filters; of the others only the key columns
/// are read. A found row whose version differs has changed; only where the version is the same the whole row is read and
/// compared. A change that equals its row in the lake is dropped, so that a window which is read again writes nothing.
public struct MergePlanner: Sendable {
    private let table: DeltaTable
    private let snapshot: Snapshot
    let schema: TableSchema
    private let partition: [String: String?]
    private let filledColumns: Set<String>?
    private let rule: WriteRule
    private let ignoredColumns: Set<String>

    /// Makes a planner for one partition of a snapshot.
    ///
    /// - Parameters:
    ///   - table: The table.
    ///   - snapshot: The state that the plan is made against.
    ///   - partition: The partition's values, as the log writes them.
    ///   - filledColumns: The only columns to set on rows that exist already; nil sets all.
    ///   - rule: What becomes of the rows that changes meet.
    ///   - ignoredColumns: Columns that alone are no reason to change a row.
    /// - Throws: `DeltaTableError` when the table has a column of a type that is not supported.
    public init(
        table: DeltaTable,
        snapshot: Snapshot,
        partition: [String: String?],
        filledColumns: Set<String>? = nil,
        rule: WriteRule = .upsert(),
        ignoredColumns: Set<String> = []
    ) throws {
        self.table = table
        self.snapshot = snapshot
        self.schema = try table.schema(of: snapshot)
        self.partition = partition
        self.filledColumns = filledColumns
        self.rule = rule
        self.ignoredColumns = ignoredColumns
    }

    /// Plans the merge of some changes, whose batches have the table's data columns.
    public func plan(for changes: ChangeSet) async throws -> MergePlan {
        for batch in changes.batches where batch.schema.names != schema.dataFields.map(\.name) {
            throw MergeError(.schemaMismatch, message: "a batch has other columns than the table")
        }
        var plan = MergePlan(
            changes: changes,
            givenBatches: changes.batches.count,
            rule: rule,
            partition: partition,
            filledColumns: filledColumns,
            marksRows: snapshot.marksRows
        )
        var found = Bitmap(repeating: false, count: changes.count)
        var state = RuleState(rule, changes)
        if !changes.isEmpty {
            let files = snapshot.files(inPartition: partition)
            if !files.isEmpty {
                let search = KeySearch(changes, schema: schema)
                for file in files where search.mayHold(file, schema: schema) {
                    try await look(into: file, search, &found, &state, &plan)
                }
            }
        }
        for (number, location) in changes.locations.enumerated() where !found[number] && !location.isDeletion
        {
            plan.inserts.append(location)
        }
        plan.updatedCount += state.updatedCount(plan.changes)
        plan.insertedCount = plan.inserts.count - state.updatedCount(plan.changes)
        if !plan.isEmpty { state.complete(&plan.changes, fields: schema.dataFields) }
        return plan
    }

    private func look(
        into file: AddFile,
        _ search: KeySearch,
        _ found: inout Bitmap,
        _ state: inout RuleState,
        _ plan: inout MergePlan
    ) async throws {
        let reader = try await DataFileReader.byPosition(file, of: table, schema: schema)
        table.followLayout(of: reader)
        var gone: DeletionVector?
        if let descriptor = file.deletionVector {
            gone = try await DeletionVector.read(descriptor, table: table.path, in: table.store)
        }
        var edits: [MergePlan.RowEdit] = []
        for group in 0..<reader.rowGroupCount {
            try Task.checkCancellation()
            let places = try await search.places(in: reader, group: group)
            if let places, places.isEmpty { continue }
            var hits: [KeySearch.Hit] = []
            var batches = try reader.batches(ofGroup: group, rows: places, columns: search.columns)
            while let batch = try await batches.next() {
                search.find(in: batch.rows, at: batch.positions, without: gone, into: &hits)
            }
            try await settle(hits, in: reader, group, &found, &state, &edits, &plan)
        }
        if !edits.isEmpty {
            plan.rewrites.append(
                MergePlan.Rewrite(file: file, rowCount: reader.storedRowCount, edits: edits)
            )
        }
    }

    /// Decides what becomes of the rows that were found in a row group.
    private func settle(
        _ hits: [KeySearch.Hit],
        in reader: DataFileReader,
        _ group: Int,
        _ found: inout Bitmap,
        _ state: inout RuleState,
        _ edits: inout [MergePlan.RowEdit],
        _ plan: inout MergePlan
    ) async throws {
        switch rule {
        case .append:
            for hit in hits where !found[hit.number] {
                found.set(hit.number, to: true)
                plan.unchangedCount += 1
            }
        case .upsert(let removal):
            try await replace(hits, removal, in: reader, group, &found, state, &edits, &plan)
        case .history(let history):
            let current = try await current(hits, history, in: reader, group, &state)
            let updates = current.map(\.hit).filter { !plan.changes.locations[$0.number].isDeletion }
            let same = try await unchanged(updates, in: reader, group, plan.changes)
            for (hit, began) in current {
                if same.contains(hit.position) {
                    found.set(hit.number, to: true)
                    plan.unchangedCount += 1
                    continue
                }
                if plan.changes.locations[hit.number].isDeletion { plan.deletedCount += 1 }
                let change = state.close(hit.number, began: began)
                edits.append(MergePlan.RowEdit(row: hit.position, change: change))
            }
        }
    }

    /// Decides where each key has one row.
    private func replace(
        _ hits: [KeySearch.Hit],
        _ removal: WriteRule.Removal,
        in reader: DataFileReader,
        _ group: Int,
        _ found: inout Bitmap,
        _ state: RuleState,
        _ edits: inout [MergePlan.RowEdit],
        _ plan: inout MergePlan
    ) async throws {
        var updates: [KeySearch.Hit] = []
        var gone: [KeySearch.Hit] = []
        var drops: Set<Int> = []
        for hit in hits {
            if plan.changes.locations[hit.number].isDeletion {
                gone.append(hit)
            } else if found[hit.number] {
                drops.insert(hit.position)  // a second row of one key cannot stay
            } else {
                updates.append(hit)
            }
            found.set(hit.number, to: true)
        }
        var marks: Set<Int> = []
        switch removal {
        case .drop: drops.formUnion(gone.map(\.position))
        case .mark(let column, _):
            marks = Set(try await unmarked(gone, column, in: reader, group).map(\.position))
        }
        plan.deletedCount += drops.count + marks.count
        let same = try await unchanged(updates, in: reader, group, plan.changes)
        plan.unchangedCount += same.count
        plan.updatedCount += updates.count - same.count
        for hit in hits where !same.contains(hit.position) {
            let location = plan.changes.locations[hit.number]
            if drops.contains(hit.position) {
                edits.append(MergePlan.RowEdit(row: hit.position, change: nil))
            } else if marks.contains(hit.position) {
                edits.append(MergePlan.RowEdit(row: hit.position, change: state.mark))
            } else if !location.isDeletion {
                edits.append(MergePlan.RowEdit(row: hit.position, change: location))
            }
        }
    }

    /// The positions of those rows that equal their change in all columns that would be set.
    private func unchanged(
        _ hits: [KeySearch.Hit],
        in reader: DataFileReader,
        _ group: Int,
        _ changes: ChangeSet
    ) async throws -> Set<Int> {
        var compared = schema.dataFields.map(\.name).filter {
            (filledColumns?.contains($0) ?? true) && !ignoredColumns.contains($0)
        }
        if case .history(let history) = rule { compared.removeAll(where: history.columns.contains) }
        var left = hits
        if let version = changes.versionColumn, compared.contains(version) {
            left = try await equal(left, in: reader, group, changes, [version])
        }
        return Set(try await equal(left, in: reader, group, changes, compared).map(\.position))
    }

    /// Those rows that equal their change in some columns.
    private func equal(
        _ hits: [KeySearch.Hit],
        in reader: DataFileReader,
        _ group: Int,
        _ changes: ChangeSet,
        _ names: [String]
    ) async throws -> [KeySearch.Hit] {
        let positions = names.compactMap { name in schema.dataFields.firstIndex { $0.name == name } }
        var equal: [KeySearch.Hit] = []
        try await forEachRow(of: hits, in: reader, group, names) { hit, rows, row in
            let location = changes.locations[hit.number]
            let change = changes.batches[Int(location.batch)]
            let isSame = zip(positions, rows.columns).allSatisfy { position, lake in
                change.columns[position].isSame(Int(location.row), as: lake, row)
            }
            if isSame { equal.append(hit) }
        }
        return equal
    }
}

extension Snapshot {
    /// Whether the table asks for rows that leave a file to be marked in deletion vectors.
    var marksRows: Bool {
        `protocol`.has("deletionVectors") && TableProperties(metadata).usesDeletionVectors
    }
}
