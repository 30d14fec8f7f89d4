public import ColumnBatches
import DeltaLog
package import DeltaTables
public import ObjectStores

/// The table that keeps the rows which could not be represented: a Delta table anyone can query.
///
/// It has one entry for each task and key, partitioned by `schema` and `client_id` as the ledger is. A row is written
/// here before the commit whose mark leaves it behind, so that no crash loses it.
public struct QuarantineTable: Sendable {
    private let quarantine: SystemTable
    /// The table that holds the entries.
    package var table: DeltaTable { quarantine.table }

    /// The quarantine's path below the root of a lake.
    public static let defaultPath = "tributary/quarantine"

    /// The columns of the quarantine.
    public static let fields = [
        Field("schema", .string), Field("client_id", .string), Field("table_name", .string),
        Field("region", .string), Field("source_key", .string), Field("column_name", .string),
        Field("rule", .string), Field("reason", .string), Field("row_version", .string),
        Field("run_id", .string), Field("first_seen", .timestamp), Field("last_seen", .timestamp),
        Field("state", .string), Field("lake_has_older_version", .boolean),
    ]

    /// Names the quarantine of a lake; nothing is read yet.
    public init(store: any ObjectStore, path: String = QuarantineTable.defaultPath) {
        quarantine = SystemTable(
            table: DeltaTable(store: store, path: path),
            schema: TableSchema(fields: Self.fields, partitionColumns: ["schema", "client_id"])
        )
    }

    /// All entries, closed ones included, in no particular order; none when there is no quarantine.
    public func entries() async throws -> [QuarantineEntry] {
        guard let snapshot = try await quarantine.snapshot() else { return [] }
        return try await entries(of: snapshot, partition: nil)
    }

    /// Writes down rows that are set aside; those that are known as they are change nothing.
    ///
    /// - Returns: The task's entries as they now are.
    /// - Throws: Errors of the quarantine's table.
    @discardableResult
    public func open(_ rows: [QuarantineEntry], of task: TaskIdentity) async throws -> [QuarantineEntry] {
        try await update(task) { $0.opening(rows) }
    }

    /// Closes entries of rows that came into the lake, or that the source has no longer.
    ///
    /// - Parameters:
    ///   - cured: Entries whose rows are in the lake, as they were when the rows were read.
    ///   - gone: Entries whose rows the source has no longer, likewise.
    ///   - task: The task of all of them.
    ///   - run: The run that closes them.
    ///   - instant: When, in microseconds since 1970-01-01T00:00:00Z.
    /// - Returns: The task's entries as they now are.
    /// - Throws: Errors of the quarantine's table.
    @discardableResult
    public func close(
        cured: [QuarantineEntry],
        gone: [QuarantineEntry],
        of task: TaskIdentity,
        run: String,
        at instant: Int64
    ) async throws -> [QuarantineEntry] {
        try await update(task) { entries in
            entries.closing(cured, as: .cured, run: run, at: instant)
                .closing(gone, as: .gone, run: run, at: instant)
        }
    }

    /// Gives a task's entries to the task that its client became in another region.
    public func move(_ task: TaskIdentity, to region: String) async throws {
        guard let snapshot = try await quarantine.snapshot() else { return }
        let old = try await entries(of: snapshot, partition: Self.partition(task)).filter { $0.task == task }
        guard !old.isEmpty else { return }
        var moved = task
        moved.region = region
        // The new ones first: a stop between the two commits leaves a row twice, and loses none.
        try await update(moved) { entries in
            let known = Set(entries.map(\.key))
            return entries
                + old.filter { !known.contains($0.key) }.map { entry in
                    var entry = entry
                    entry.task = moved
                    return entry
                }
        }
        try await update(task) { _ in [] }
    }

    /// Changes the entries of one task; where another process changes the same partition meanwhile, once more.
    @discardableResult
    private func update(
        _ task: TaskIdentity,
        _ change: ([QuarantineEntry]) -> [QuarantineEntry]
    ) async throws -> [QuarantineEntry] {
        var attempt = 0
        while true {
            attempt += 1
            do {
                return try await updateOnce(task, change)
            } catch let error as DeltaLogError where error.isConflict && attempt < 20 {
                continue
            }
        }
    }

    private func updateOnce(
        _ task: TaskIdentity,
        _ change: ([QuarantineEntry]) -> [QuarantineEntry]
    ) async throws -> [QuarantineEntry] {
        let snapshot = try await quarantine.snapshotMakingTable()
        let partition = Self.partition(task)
        let all = try await entries(of: snapshot, partition: partition)
        let mine = all.filter { $0.task == task }
        let changed = change(mine)
        guard Set(changed) != Set(mine) else { return mine }
        let files = snapshot.files(inPartition: partition)
        let kept = all.filter { $0.task != task } + changed
        let writer = quarantine.table.makeWriter(schema: quarantine.schema, partition: partition)
        let added: [AddFile]
        do {
            if !kept.isEmpty { try await writer.append(Self.batch(kept)) }
            added = try await writer.finish()
        } catch {
            await writer.cancel()
            throw error
        }
        let edit = TableEdit(
            operation: "MERGE",
            added: added,
            removed: files,
            readSet: ReadSet(partitions: .only([partition]), files: Set(files.map(\.path)))
        )
        _ = try await quarantine.table.apply(edit, to: snapshot)
        return changed
    }

    private func entries(of snapshot: Snapshot, partition: [String: String?]?) async throws
        -> [QuarantineEntry]
    {
        var entries: [QuarantineEntry] = []
        let names = Self.fields.map(\.name)
        for try await batch in try quarantine.table.rows(of: snapshot, partition: partition, columns: names) {
            for row in 0..<batch.rowCount {
                if let entry = QuarantineEntry(batch.row(row)) { entries.append(entry) }
            }
        }
        return entries
    }

    private static func partition(_ task: TaskIdentity) -> [String: String?] {
        ["schema": task.schema, "client_id": task.client]
    }

    /// Entries as the columns that lie in files, in the order of their tables and keys.
    private static func batch(_ entries: [QuarantineEntry]) -> ColumnBatch {
        let stored = Array(fields.dropFirst(2))
        var builders = stored.map { ColumnBuilder($0.type) }
        for entry in entries.sorted(by: { ($0.task.table, $0.key) < ($1.task.table, $1.key) }) {
            for (index, value) in entry.values.enumerated() { builders[index].append(value) }
        }
        return ColumnBatch(
            schema: BatchSchema(stored),
            columns: builders.indices.map { builders[$0].finish() }
        )
    }
}

extension QuarantineEntry {
    /// The entry of a row, its columns in the order of `QuarantineTable.fields`; nil for a row that is none.
    fileprivate init?(_ row: [ColumnValue]) {
        func text(_ index: Int) -> String { if case .string(let text) = row[index] { text } else { "" } }
        guard case .timestamp(let first) = row[10], case .timestamp(let last) = row[11],
            case .boolean(let hasOlder) = row[13], let state = State(rawValue: text(12))
        else { return nil }
        self.init(
            task: TaskIdentity(region: text(3), client: text(1), schema: text(0), table: text(2)),
            key: text(4),
            column: text(5),
            rule: text(6),
            reason: text(7),
            rowVersion: text(8),
            runID: text(9),
            seenAt: first,
            lakeHasOlderVersion: hasOlder
        )
        lastSeen = last
        self.state = state
    }

    /// The values of the columns that lie in files.
    fileprivate var values: [ColumnValue] {
        [
            .string(task.table), .string(task.region), .string(key), .string(column), .string(rule),
            .string(reason), .string(rowVersion), .string(runID), .timestamp(firstSeen), .timestamp(lastSeen),
            .string(state.rawValue), .boolean(lakeHasOlderVersion),
        ]
    }
}
