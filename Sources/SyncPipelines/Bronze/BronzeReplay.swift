import ColumnBatches
import DeltaLog
import DeltaTables
import MergePlanning
import SyncLedgers

/// Makes the rows of one partition anew from its landings, in a table of its own.
struct BronzeReplay: Sendable {
    let bronze: DeltaTable
    let snapshot: Snapshot
    let partition: [String: String?]
    let chain: LandingChain
    let definition: TaskDefinition
    let schema: TableSchema
    let options: DataFileOptions
    let sliceBytes: Int

    /// The rows, in a table that somebody has to remove.
    func run(in scratch: DeltaTable) async throws -> Snapshot {
        var state = try await scratch.create(schema: schema)
        var changes = ChangeSet(keys: definition.keys)
        let fields = schema.dataFields
        let bronzeSchema = try bronze.schema(of: snapshot)
        let present = fields.map(\.name).filter { bronzeSchema.field($0) != nil }
        let keyFields = definition.keys.compactMap { name in fields.first { $0.name == name } }
        guard keyFields.count == definition.keys.count, !keyFields.isEmpty else {
            throw SyncError(
                .lake,
                step: "rebuild",
                message: "the lake table lacks a key column of \(definition.keys.joined(separator: ", "))"
            )
        }
        for landing in chain.landings {
            let rows = try bronze.rows(
                of: snapshot,
                partition: partition,
                columns: present + [BronzeTable.kind.name],
                where: .compare(BronzeTable.landing.name, .equal, .integer(landing))
            )
            for try await batch in rows {
                try take(batch, fields, into: &changes)
                guard changes.byteCount > sliceBytes else { continue }
                try await merge(&changes, into: scratch, &state)
            }
            // A landing that only fills some columns, or brings no new values, keeps the others of an earlier one.
            if definition.fill != nil || !lineage.isEmpty { try await merge(&changes, into: scratch, &state) }
        }
        try await merge(&changes, into: scratch, &state)
        return state
    }

    /// The columns that only say where a row came from.
    private var lineage: Set<String> {
        let names = Set(LineageColumn.allCases.map(\.rawValue))
        return names.filter { schema.field($0) != nil && definition.columns[$0] == nil }
    }

    private func take(_ batch: ColumnBatch, _ fields: [Field], into changes: inout ChangeSet) throws {
        guard let kinds = batch.columns.last else { return }
        let gone = ColumnValue.string(BronzeTable.Kind.delete.rawValue)
        let isGone = (0..<batch.rowCount).map { kinds[$0] == gone }
        let kept = batch.rows(isGone.indices.filter { !isGone[$0] })
        let columns = fields.map { kept.column($0.name) ?? .nulls($0.type, count: kept.rowCount) }
        try changes.append(
            ColumnBatch(schema: BatchSchema(fields), columns: columns, rowCount: kept.rowCount),
            isLater: true
        )
        guard isGone.contains(true) else { return }
        let encoder = RowKeyEncoder(definition.keys.compactMap { batch.column($0) })
        var words: [UInt64] = []
        for row in isGone.indices where isGone[row] && encoder.encode(row: row, into: &words) == nil {
            changes.delete(words)
        }
    }

    private func merge(_ changes: inout ChangeSet, into scratch: DeltaTable, _ state: inout Snapshot)
        async throws
    {
        defer { changes = ChangeSet(keys: definition.keys) }
        let planner = try MergePlanner(
            table: scratch,
            snapshot: state,
            partition: partition,
            filledColumns: definition.fill.map { Set($0).union(lineage) },
            ignoredColumns: lineage
        )
        let plan = try await planner.plan(for: changes)
        guard !plan.isEmpty else { return }
        let edit = try await plan.write(to: scratch, snapshot: state, options: options)
        _ = try await scratch.apply(edit, to: state)
        state = try await scratch.log.update(state)
    }
}
