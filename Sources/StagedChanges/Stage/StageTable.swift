public import ColumnBatches
import DeltaLog
public import DeltaTables
public import MergePlanning
public import ObjectStores

/// The stage of one lake table: a Delta table with a row for each changed row, that any engine can open.
///
/// Its columns are `region`, `client_id` and `change_set`, by which it is partitioned, `kind` (insert, update, delete),
/// `source_digest`, `rules` (those that changed the row), and for each column `x` of the lake table `before_x` and
/// `after_x`.
public struct StageTable: Sendable {
    /// The stage's table.
    public let table: DeltaTable

    /// The columns before the images.
    static let ownFields = [
        Field("region", .string), Field("client_id", .string), Field("change_set", .string),
        Field("kind", .string),
        Field("source_digest", .string), Field("rules", .string),
    ]

    /// Names the stage of a lake table; nothing is read yet.
    public init(store: any ObjectStore, schema: String, table: String) {
        self.table = DeltaTable(store: store, path: "tributary/stage/\(schema)/\(table)")
    }

    /// The columns of the stage for a lake table with these data columns.
    static func fields(for lake: [Field]) -> [Field] {
        ownFields + lake.map { Field("before_" + $0.name, $0.type) }
            + lake.map { Field("after_" + $0.name, $0.type) }
    }

    /// The stage's newest snapshot with columns for all of the lake table's; makes or extends the table.
    func snapshot(for lake: [Field]) async throws -> Snapshot {
        let wanted = Self.fields(for: lake)
        for _ in 0..<10 {
            guard try await table.exists() else {
                do {
                    return try await table.create(
                        schema: TableSchema(
                            fields: wanted,
                            partitionColumns: ["region", "client_id", "change_set"]
                        )
                    )
                } catch let error as DeltaLogError where error.isConflict {
                    continue  // another task made it
                }
            }
            let snapshot = try await table.snapshot()
            let present = try table.schema(of: snapshot)
            let missing = wanted.filter { present.field($0.name) == nil }
            guard !missing.isEmpty else { return snapshot }
            var schema = present
            schema.fields += missing.map { Field($0.name, $0.type, isNullable: true) }
            do {
                _ = try await table.extend(to: schema, from: snapshot)
            } catch let error as DeltaLogError where error.isConflict {
                continue
            }
        }
        throw StagedChangesError(
            .corruptStage,
            message: "the stage \(table.path) cannot be made fit for its lake table; try again"
        )
    }

    static func partition(_ region: String, _ client: String, _ set: String) -> [String: String?] {
        ["region": region, "client_id": client, "change_set": set]
    }
}

/// Writes the images of one change set into files of the stage.
public final class StageWriter {
    private let stage: StageTable
    private let lake: [Field]
    private let fields: [Field]
    private let snapshot: Snapshot
    private let writer: DataFileWriter
    private let partition: [String: String?]
    private let keys: [String]
    private var sum: (UInt64, UInt64) = (0, 0)
    private var words: [UInt64] = []
    /// Rows by what happens to them.
    public private(set) var counts: [ChangeKind: Int] = [:]
    /// Rows that rules changed.
    public private(set) var patchedCount = 0

    /// Opens the stage for a change set, and makes its table if it is missing.
    ///
    /// - Parameters:
    ///   - stage: The stage.
    ///   - changeSet: The change set; its region, client, keys and name count.
    ///   - lake: The data columns of the lake table.
    /// - Throws: Errors of the stage's table.
    public init(stage: StageTable, changeSet: StagedChangeSet, lake: [Field]) async throws {
        self.stage = stage
        self.lake = lake
        keys = changeSet.keys
        snapshot = try await stage.snapshot(for: lake)
        let schema = try stage.table.schema(of: snapshot)
        fields = schema.dataFields
        partition = StageTable.partition(changeSet.region, changeSet.client, changeSet.id)
        writer = stage.table.makeWriter(schema: schema, partition: partition)
    }

    /// Adds changed rows.
    ///
    /// - Parameters:
    ///   - images: The rows.
    ///   - patched: What rules did to rows, by their encoded keys.
    /// - Throws: Errors of the stage's table.
    public func append(_ images: ChangeImages, patched: [[UInt64]: PatchReplay.Patched]) async throws {
        guard images.count > 0 else { return }
        let shown = images.after ?? images.before
        guard let shown else { return }
        counts[images.kind, default: 0] += images.count
        var digests = ColumnBuilder(.string)
        var rules = ColumnBuilder(.string)
        let encoder = RowKeyEncoder(keys.compactMap { shown.column($0) })
        let order = SourceDigest.order(of: shown)
        for row in 0..<images.count {
            var hash = StableHash()
            hash.add(images.kind.rawValue)
            for side in [images.before, images.after] {
                for column in side?.columns ?? [] { hash.add(column[row]) }
            }
            sum = (sum.0 &+ hash.words.0, sum.1 &+ hash.words.1)  // no order among rows
            guard images.kind != .delete, encoder.encode(row: row, into: &words) == nil else {
                digests.appendNulls(1)
                rules.appendNulls(1)
                continue
            }
            if let mine = patched[words] {
                patchedCount += 1
                digests.append(.string(mine.digest.description))
                rules.append(.string(mine.rules.joined(separator: " ")))
            } else {
                digests.append(.string(SourceDigest(shown, row: row, order: order).description))
                rules.appendNulls(1)
            }
        }
        let digestColumn = digests.finish()
        let ruleColumn = rules.finish()
        let columns = fields.map { field -> Column in
            switch field.name {
            case "kind":
                return .repeating(.string(images.kind.rawValue), type: .string, count: images.count)
            case "source_digest": return digestColumn
            case "rules": return ruleColumn
            default:
                let isBefore = field.name.hasPrefix("before_")
                let name = String(field.name.dropFirst(isBefore ? 7 : 6))
                let side = isBefore ? images.before : images.after
                return side?.column(name) ?? .nulls(field.type, count: images.count)
            }
        }
        try await writer.append(
            ColumnBatch(schema: BatchSchema(fields), columns: columns, rowCount: images.count)
        )
    }

    /// What the changes are; the same changes have the same digest, whatever their order.
    public var digest: String { StableHash.hexadecimal(sum.0) + StableHash.hexadecimal(sum.1) }

    /// Closes the files.
    public func finish() async throws -> StagedFiles {
        StagedFiles(stage: stage, snapshot: snapshot, partition: partition, files: try await writer.finish())
    }

    /// Removes the files.
    public func cancel() async { await writer.cancel() }
}

/// The files of a change set that no commit names yet.
public struct StagedFiles: Sendable {
    let stage: StageTable
    let snapshot: Snapshot
    let partition: [String: String?]
    let files: [AddFile]

    /// Makes the files part of the stage.
    public func commit() async throws {
        let edit = TableEdit(
            operation: "WRITE",
            added: files,
            readSet: ReadSet(partitions: .only([partition])),
            operationParameters: ["mode": "Append"]
        )
        _ = try await stage.table.apply(edit, to: snapshot)
    }

    /// Deletes the files.
    public func discard() async {
        for file in files { try? await stage.table.store.delete(stage.table.path + "/" + file.decodedPath) }
    }
}
