import ColumnBatches
import DeltaLog
import DeltaTables
import SourceConnectors
import StagedChanges
import Verification

extension TaskVerifier {
    /// The differences that are left when the approved rules are applied to the source's rows.
    ///
    /// A row that people corrected differs from its source and is right all the same.
    func withoutPatched(
        _ differences: [RowDifference],
        _ query: ReadQuery,
        _ plan: TaskPlan,
        _ snapshot: Snapshot,
        _ session: MaskedSession<Connector.Session>
    ) async throws -> [RowDifference] {
        var replay = try PatchReplay(
            rules: review.rules(for: task.identity),
            fields: plan.lakeFields,
            keys: plan.lakeKeys
        )
        guard !replay.isEmpty else { return differences }
        let wanted = Set(differences.filter { Self.mayBePatched.contains($0.kind) }.map(\.key))
        guard !wanted.isEmpty else { return differences }
        var whole = query
        whole.columns = plan.readFields
        let names = plan.lakeFields.map(\.name).filter { !plan.lineageColumns.contains($0) }
        var patched: [[ColumnValue]: [ColumnValue]] = [:]
        for try await batch in try await session.rows(whole, at: .snapshot) {
            let rows = try replay.apply(plan.conform(batch))
            replay.forgetRows()
            let keys = rows.selecting(plan.lakeKeys)
            let compared = rows.selecting(names)
            for row in 0..<rows.rowCount where wanted.contains(keys.row(row)) {
                patched[keys.row(row)] = compared.row(row)
            }
        }
        var equal: Set<[ColumnValue]> = []
        for try await rows in try lake.live(plan, of: snapshot, columns: names) {
            let keys = rows.selecting(plan.lakeKeys)
            for row in 0..<rows.rowCount where patched[keys.row(row)] == rows.row(row) {
                equal.insert(keys.row(row))
            }
        }
        return differences.filter { !Self.mayBePatched.contains($0.kind) || !equal.contains($0.key) }
    }

    private static var mayBePatched: Set<DifferenceKind> { [.stale, .backdated, .cascade, .changed] }
}
