import ColumnBatches
import DeltaLog
import DeltaTables
import MergePlanning
import SyncLedgers

/// Lands what a task is about to commit to its lake table, in the bronze table beside it.
///
/// A landing is committed before the lake table's commit, which names it. So bronze is never behind the lake table, and a
/// landing whose commit did not come about is on no chain of landings.
struct BronzeWriter: Sendable {
    let lake: LakeTable
    let bronze: LakeTable
    let task: TaskIdentity
    let partition: [String: String?]
    let transactions: TaskTransactions
    private let names: LandingNames
    /// The landing that the lake table holds; nil when the next landing has to begin with what the lake table holds.
    private(set) var current: Int64?

    init?(
        lake: LakeTable,
        task: TaskIdentity,
        partition: [String: String?],
        snapshot: Snapshot,
        transactions: TaskTransactionState
    ) {
        guard let bronze = lake.bronze else { return nil }
        self.lake = lake
        self.bronze = bronze
        self.task = task
        self.partition = partition
        self.transactions = transactions.names
        names = LandingNames(transactions.names)
        if let landing = snapshot.transactionVersion(names.landing),
            snapshot.transactionVersion(names.sequence) == transactions.sequence
        {
            current = landing
        }
    }

    /// Others changed the rows of the partition: the next landing begins anew.
    mutating func beginAnew() { current = nil }

    /// The transactions by which a commit of the lake table says which landing it holds.
    ///
    /// - Parameters:
    ///   - landing: The landing of the commit; nil where it brings no rows.
    ///   - sequence: The number of the commit.
    /// - Returns: The transactions; none while the lake table holds no landing.
    func says(_ landing: Int64?, sequence: Int64) -> [ApplicationTransaction] {
        guard let landing = landing ?? current else { return [] }
        return [
            ApplicationTransaction(appID: names.landing, version: landing),
            ApplicationTransaction(appID: names.sequence, version: sequence),
        ]
    }

    /// Counts a landing as one that the lake table holds.
    mutating func committed(_ landing: Int64?) { if let landing { current = landing } }

    /// Lands the rows of files that the lake table is to get.
    func land(
        _ files: [AddFile],
        over snapshot: Snapshot,
        mark: Int64?,
        _ lineage: RowLineage
    ) async throws -> Int64 {
        try await land(over: snapshot, mark: mark, lineage) { columns, write in
            for try await batch in try lake.table.rows(in: files, of: snapshot, columns: columns) {
                try await write(batch, .change)
            }
        }
    }

    /// Lands changes that are to be merged.
    func land(
        _ changes: ChangeSet,
        over snapshot: Snapshot,
        mark: Int64?,
        _ lineage: RowLineage
    ) async throws -> Int64 {
        let fields = try lake.table.schema(of: snapshot).dataFields
        return try await land(over: snapshot, mark: mark, lineage) { _, write in
            try await changes.forEachBatch { try await write($0, .change) }
            if let keys = changes.deletedKeys(among: fields) { try await write(keys, .delete) }
        }
    }

    private typealias Write = (ColumnBatch, BronzeTable.Kind) async throws -> Void

    private func land(
        over lakeSnapshot: Snapshot,
        mark: Int64?,
        _ lineage: RowLineage,
        _ rows: (_ columns: [String], _ write: Write) async throws -> Void
    ) async throws -> Int64 {
        let snapshot = try await bronze.snapshot()
        let schema = try bronze.table.schema(of: snapshot)
        let columns = try lake.table.schema(of: lakeSnapshot).dataFields.map(\.name)
        if let missing = columns.first(where: { schema.field($0) == nil }) {
            throw SyncError(
                .notPrepared,
                task: task,
                message: "the bronze table \(bronze.table.path) lacks the column \"\(missing)\"; run prepare"
            )
        }
        let name = LandingNames.last(of: task, bronzeID: snapshot.metadata.id)
        var number = max(snapshot.transactionVersion(name) ?? 0, current ?? 0) + 1
        var follows = current ?? 0
        let writer = bronze.table.makeWriter(schema: schema, partition: partition)
        let files: [AddFile]
        do {
            if current == nil, !lakeSnapshot.files(inPartition: partition).isEmpty {
                let held = try lake.table.rows(of: lakeSnapshot, partition: partition, columns: columns)
                for try await batch in held {
                    let base = landed(batch, .base, number, 0, nil, nil, schema.dataFields)
                    try await writer.append(base)
                }
                follows = number
                number += 1
            }
            let (landing, before) = (number, follows)
            try await rows(columns) { batch, kind in
                try await writer.append(
                    landed(batch, kind, landing, before, mark, lineage, schema.dataFields)
                )
            }
            files = try await writer.finish()
        } catch {
            await writer.cancel()
            throw error
        }
        // Another run of the task that lands meanwhile is a conflict; rows of others are none.
        var readSet = ReadSet(partitions: .only([]))
        readSet.transactionIDs = [name]
        let edit = TableEdit(
            operation: "WRITE",
            added: files,
            transactions: [ApplicationTransaction(appID: name, version: number)],
            readSet: readSet,
            operationParameters: ["mode": "Append"]
        )
        _ = try await bronze.commit(edit, to: snapshot, isUrgent: mark == nil)
        if mark != nil { await bronze.leave(task) }
        return number
    }

    /// Rows as bronze has them.
    private func landed(
        _ batch: ColumnBatch,
        _ kind: BronzeTable.Kind,
        _ landing: Int64,
        _ follows: Int64,
        _ mark: Int64?,
        _ lineage: RowLineage?,
        _ fields: [Field]
    ) -> ColumnBatch {
        let count = batch.rowCount
        let columns = fields.map { field -> Column in
            func same(_ value: ColumnValue) -> Column { .repeating(value, type: field.type, count: count) }
            switch field.name {
            case BronzeTable.kind.name: return same(.string(kind.rawValue))
            case BronzeTable.landing.name: return same(.integer(landing))
            case BronzeTable.follows.name: return same(.integer(follows))
            case BronzeTable.definition.name: return same(.string(transactions.definition))
            case BronzeTable.mark.name: return same(mark.map { .integer($0) } ?? .null)
            default: break
            }
            if let column = batch.column(field.name) { return column }
            if let lineage, let column = LineageColumn(rawValue: field.name) {
                return lineage.column(column, count: count)
            }
            return .nulls(field.type, count: count)
        }
        return ColumnBatch(schema: BatchSchema(fields), columns: columns, rowCount: count)
    }
}
