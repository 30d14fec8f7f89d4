import ColumnBatches
import DeltaLog
import IncrementalFilters
import SourceConnectors
import SyncLedgers
import Verification

/// The columns by which source and lake are compared, under both their names, and the buckets they are spread over.
struct VerifiedColumns: Sendable {
    /// As the lake names them, with their types.
    let lake: [Field]
    /// The same columns as the source names them.
    let source: [Field]
    let lakeKeys: [String]
    let sourceKeys: [String]
    /// The cursor's name in the lake, where it is compared.
    let cursor: String?
    /// Columns, by their names in the lake, that a foreign key changes by itself.
    let cascadeColumns: Set<String>

    /// Chooses the columns: all that decide whether a row is the same, or its keys alone.
    init(_ plan: TaskPlan, source description: TableDescription, keysOnly: Bool = false) {
        let keys = plan.lakeKeys
        let compared = Set(keysOnly ? keys : plan.comparedColumns + keys)
        var lake: [Field] = []
        var source: [Field] = []
        for (field, position) in zip(plan.lakeFields, plan.positions) where compared.contains(field.name) {
            guard let position else { continue }
            lake.append(field)
            source.append(plan.readFields[position])
        }
        self.lake = lake
        self.source = source
        lakeKeys = keys
        sourceKeys = plan.sourceKeys
        cursor = plan.lakeCursor.flatMap { name in lake.contains { $0.name == name } ? name : nil }
        let cascading = Set(description.cascadeColumns)
        cascadeColumns = Set(zip(lake, source).filter { cascading.contains($0.1.name) }.map(\.0.name))
    }

    /// As many buckets as keep about 500 rows in each.
    static func bucketCount(forRows rows: Int) -> Int {
        var count = 16
        while count * 500 < rows && count < 65_536 { count *= 2 }
        return count
    }

    /// A batch of the source under the lake's names.
    func renamed(_ batch: ColumnBatch) -> ColumnBatch {
        ColumnBatch(schema: BatchSchema(lake), columns: batch.columns, rowCount: batch.rowCount)
    }
}

extension BucketRule {
    /// The rows of a batch that lie in some buckets.
    func rows(of batch: ColumnBatch, in numbers: Set<Int>) -> ColumnBatch {
        let buckets = buckets(of: batch)
        return batch.rows(buckets.indices.filter { numbers.contains(buckets[$0]) })
    }
}
