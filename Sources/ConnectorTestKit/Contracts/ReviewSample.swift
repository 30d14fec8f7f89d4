public import ColumnBatches
public import MergePlanning
import StagedChanges
import SyncLedgers

/// Changes as a run stages them, to see what a reviewer or a rule makes of them.
///
///     let sample = ReviewSample(
///         schema: "shop", table: "orders", fields: [Field("id", .int64), Field("status", .string)], keys: ["id"],
///         changes: [.insert([.integer(1), .string("new")]), .delete([.integer(2), .null])]
///     )
public struct ReviewSample: Sendable, Hashable {
    /// One changed row.
    public struct Change: Sendable, Hashable {
        /// What happens to the row.
        public var kind: ChangeKind
        /// The row as it is, in the order of the fields; nil for a row that is new.
        public var before: [ColumnValue]?
        /// The row as it will be, in the order of the fields; nil for a row that goes.
        public var after: [ColumnValue]?

        /// A row that is new.
        public static func insert(_ after: [ColumnValue]) -> Change {
            Change(kind: .insert, before: nil, after: after)
        }

        /// A row that changes.
        public static func update(_ before: [ColumnValue], to after: [ColumnValue]) -> Change {
            Change(kind: .update, before: before, after: after)
        }

        /// A row that goes.
        public static func delete(_ before: [ColumnValue]) -> Change {
            Change(kind: .delete, before: before, after: nil)
        }
    }

    /// The region of the client.
    public var region = "eu"
    /// The client.
    public var client = "17"
    /// The schema.
    public var schema: String
    /// The table.
    public var table: String
    /// The data columns of the lake table.
    public var fields: [Field]
    /// The columns that identify a row; they are among the fields and hold no missing value.
    public var keys: [String]
    /// The changed rows.
    public var changes: [Change]
    /// Whether the lake has rows of the client already; without any, the changes are a first load.
    public var isFirstLoad = false

    /// Makes a sample.
    public init(schema: String, table: String, fields: [Field], keys: [String], changes: [Change]) {
        self.schema = schema
        self.table = table
        self.fields = fields
        self.keys = keys
        self.changes = changes
    }

    /// Changed orders of a shop: rows of each kind, with missing and odd values.
    public static var orders: ReviewSample {
        func row(_ id: Int64, _ status: String?, _ amount: Int64?) -> [ColumnValue] {
            [.integer(id), status.map { .string($0) } ?? .null, amount.map { .integer($0) } ?? .null]
        }
        return ReviewSample(
            schema: "shop",
            table: "orders",
            fields: [Field("id", .int64), Field("status", .string), Field("amount", .int64)],
            keys: ["id"],
            changes: [
                .insert(row(1, "new", 10)), .insert(row(2, nil, nil)), .insert(row(3, " padded ", .max)),
                .update(row(4, "new", 5), to: row(4, "piad", 5)), .update(row(5, nil, 1), to: row(5, "", 0)),
                .update(row(6, "paid", 7), to: row(6, nil, nil)), .delete(row(7, "paid", 70)),
                .delete(row(8, nil, nil)), .insert(row(.min, "e\u{301}\u{1F600}", .min)),
            ]
        )
    }

    /// The same with some of the changes.
    func with(_ kinds: Set<ChangeKind>, isFirstLoad: Bool = false) -> ReviewSample {
        var sample = self
        sample.changes = changes.filter { kinds.contains($0.kind) }
        sample.isFirstLoad = isFirstLoad
        return sample
    }

    /// The change set that a run would stage.
    var changeSet: StagedChangeSet {
        let task = TaskIdentity(region: region, client: client, schema: schema, table: table)
        var set = StagedChangeSet(
            task: task,
            run: "sample",
            mark: 2_000_000,
            previousMark: isFirstLoad ? nil : 1_000_000,
            sequence: isFirstLoad ? 1 : 2,
            transactions: TaskTransactions(task: task, tableID: "sample", definition: []),
            keys: keys
        )
        set.id = "sample"
        set.insertedCount = changes.count { $0.kind == .insert }
        set.updatedCount = changes.count { $0.kind == .update }
        set.deletedCount = changes.count { $0.kind == .delete }
        set.digest = "sample"
        return set
    }

    /// The changed rows in batches of a size.
    func batches(of size: Int) -> [StagedRows] {
        stride(from: 0, to: changes.count, by: size).map { start in
            let part = Array(changes[start..<min(start + size, changes.count)])
            let after = batch(part.map(\.after))
            return StagedRows(
                kinds: part.map(\.kind),
                before: batch(part.map(\.before)),
                after: after,
                digests: part.indices.map { part[$0].after == nil ? nil : SourceDigest(after, row: $0) },
                rules: part.map { _ in [] }
            )
        }
    }

    private func batch(_ rows: [[ColumnValue]?]) -> ColumnBatch {
        let columns = fields.enumerated().map { index, field in
            var builder = ColumnBuilder(field.type)
            for row in rows { builder.append(row?[index] ?? .null) }
            return builder.finish()
        }
        return ColumnBatch(schema: BatchSchema(fields), columns: columns, rowCount: rows.count)
    }
}
