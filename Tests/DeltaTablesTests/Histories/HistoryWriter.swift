import ColumnBatches
import DeltaLog
import DeltaTables
import MergePlanning
import ObjectStores

/// One operation on a table, by the calls that users make.
struct HistoryWriter {
    let table: DeltaTable
    /// Edits say that they read the whole table, though they do not: a mistake for the judge to find.
    var readsTooMuch = false

    /// Does it.
    ///
    /// - Returns: The version that it made, or found nothing to do at; nil where it makes none of its own.
    func perform(_ effect: HistoryEffect) async throws -> TableVersion? {
        switch effect {
        case .append(let row): return try await append(row)
        case .load(let row, let run):
            let name = HistoryEffect.application(of: row.region)
            let snapshot = try await table.snapshot()
            if let done = snapshot.transactionVersion(name), done >= run { return snapshot.version }
            return try await append(row, ApplicationTransaction(appID: name, version: run), snapshot)
        case .merge:
            let snapshot = try await table.snapshot()
            guard let edit = try await merge(effect, snapshot) else { return snapshot.version }
            return try await table.apply(edit, to: snapshot)
        case .update(let region, let from, let to):
            let predicate = Self.predicate(region, from)
            return try await table.update(where: predicate, set: ["text": .string(to)]).version
        case .delete(let region, let text):
            return try await table.delete(where: Self.predicate(region, text)).version
        case .replace(let row): return try await write(row, over: .equal("region", .string(row.region)))
        case .overwrite(let row): return try await write(row, over: nil)
        case .restore(let version): return try await table.restore(to: TableVersion(Int64(version)))
        case .addColumn(let name):
            let column = StructField(name: name, type: .long, isNullable: true)
            return try await table.alter([.addColumn(column)])
        case .note(let text): return try await table.alter([.set("note", text)])
        case .nothing: return nil
        }
    }

    private static func predicate(_ region: String?, _ text: String) -> DeltaTables.Predicate {
        let isText: DeltaTables.Predicate = .equal("text", .string(text))
        return region.map { .and([.equal("region", .string($0)), isText]) } ?? isText
    }

    private func append(
        _ row: HistoryState.Row,
        _ transaction: ApplicationTransaction? = nil,
        _ base: Snapshot? = nil
    ) async throws -> TableVersion {
        let snapshot: Snapshot
        if let base { snapshot = base } else { snapshot = try await table.snapshot() }
        let schema = try table.schema(of: snapshot)
        let writer = table.makeWriter(schema: schema, partition: ["region": row.region])
        let added: [AddFile]
        do {
            try await writer.append(Self.batch([row], schema.dataFields))
            added = try await writer.finish()
        } catch {
            await writer.cancel()
            throw error
        }
        let edit = TableEdit(
            operation: "WRITE",
            added: added,
            transactions: transaction.map { [$0] } ?? [],
            readSet: ReadSet(
                partitions: readsTooMuch ? .whole : .nothing,
                transactionIDs: transaction.map { [$0.appID] } ?? []
            )
        )
        return try await table.apply(edit, to: snapshot)
    }

    /// The edit of a merge.
    func merge(_ effect: HistoryEffect, _ snapshot: Snapshot) async throws -> TableEdit? {
        guard case .merge(let region, let ids, let text, let run) = effect else { return nil }
        let partition: [String: String?] = ["region": region]
        var changes = ChangeSet(keys: ["id"])
        try changes.append(
            Self.batch(
                ids.map { HistoryState.Row(region: region, id: $0, text: text) },
                try table.schema(of: snapshot).dataFields
            )
        )
        let plan = try await MergePlanner(table: table, snapshot: snapshot, partition: partition)
            .plan(for: changes)
        var edit = try await plan.write(
            to: table,
            snapshot: snapshot,
            transactions: [ApplicationTransaction(appID: region + "/mark", version: run)]
        )
        if readsTooMuch { edit.readSet.partitions = .whole }
        return edit
    }

    /// Overwrites rows; a column that came since the rows were made is made for them.
    private func write(_ row: HistoryState.Row, over predicate: DeltaTables.Predicate?) async throws
        -> TableVersion
    {
        while true {
            let fields = try table.schema(of: try await table.snapshot()).fields
            do {
                return try await table.overwrite(with: [Self.batch([row], fields)], where: predicate).version
            } catch let error as DeltaTableError where error.code == .schemaMismatch {
                continue
            }
        }
    }

    static func batch(_ rows: [HistoryState.Row], _ fields: [Field]) -> ColumnBatch {
        AlterationTests.batch(
            fields,
            rows.map { row in
                fields.map { field in
                    switch field.name {
                    case "region": .string(row.region)
                    case "id": .integer(row.id)
                    case "text": .string(row.text)
                    default: .null
                    }
                }
            }
        )
    }
}
