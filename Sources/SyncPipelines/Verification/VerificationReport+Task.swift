import ColumnBatches
import DeltaLog
import DeltaTables
import SyncLedgers
import Verification

extension VerificationReport.Task {
    init(_ task: TaskIdentity, version: TableVersion) {
        region = task.region
        client = task.client
        schema = task.schema
        table = task.table
        tableVersion = version.number
    }

    init(_ task: TaskIdentity, failure: SyncError) {
        self.init(task, version: 0)
        error = TaskFailure(code: failure.code.description, step: failure.step, message: failure.message)
    }

    /// Rows that a repair removes.
    var removed: Int {
        [DifferenceKind.gone, .leftFilter, .keyChanged].reduce(0) { $0 + (counts[$1.rawValue] ?? 0) }
    }

    /// Counts differences and lists the first of them, those aside that the next run brings.
    mutating func add(_ found: [RowDifference], keys: [String], listing limit: Int) {
        for difference in found {
            counts[difference.kind.rawValue, default: 0] += 1
            guard difference.kind != .pending, difference.kind != .kept,
                counts[difference.kind.rawValue] ?? 0 <= limit
            else {
                continue
            }
            differences.append(
                VerificationReport.Difference(
                    kind: difference.kind,
                    key: Self.text(difference.key, keys),
                    columns: difference.columns,
                    formerKey: difference.formerKey.map { Self.text($0, keys) }
                )
            )
        }
    }

    private static func text(_ key: [ColumnValue], _ names: [String]) -> String {
        zip(names, key).map { "\($0)=\(PartitionValueText.text($1) ?? "")" }.joined(separator: ", ")
    }
}
