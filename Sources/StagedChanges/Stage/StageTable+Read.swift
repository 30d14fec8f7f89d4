public import ColumnBatches
import DeltaLog
import DeltaTables
public import MergePlanning

/// Some changed rows of a change set as the stage holds them.
public struct StagedRows: Sendable {
    /// What happens to each row.
    public var kinds: [ChangeKind]
    /// The rows as they are; without values for inserts.
    public var before: ColumnBatch
    /// The rows as they will be; without values for deletions.
    public var after: ColumnBatch
    /// What the source held; nil for deletions.
    public var digests: [SourceDigest?]
    /// The rules that changed each row when it was staged.
    public var rules: [[String]]

    /// Takes rows; every part has as many.
    ///
    /// - Parameters:
    ///   - kinds: What happens to each row.
    ///   - before: The rows as they are.
    ///   - after: The rows as they will be.
    ///   - digests: What the source held.
    ///   - rules: The rules that changed each row.
    public init(
        kinds: [ChangeKind],
        before: ColumnBatch,
        after: ColumnBatch,
        digests: [SourceDigest?],
        rules: [[String]]
    ) {
        self.kinds = kinds
        self.before = before
        self.after = after
        self.digests = digests
        self.rules = rules
    }

    /// The positions of some kinds of changes.
    public func positions(_ wanted: Set<ChangeKind>) -> [Int] {
        kinds.indices.filter { wanted.contains(kinds[$0]) }
    }
}

extension StageTable {
    /// Shows the rows of a change set, batch by batch.
    ///
    /// - Parameters:
    ///   - set: The change set.
    ///   - lake: The data columns of the lake table.
    ///   - body: Takes the rows; returns false to see no more.
    /// - Throws: `StagedChangesError` when the stage lacks the set, and what the body throws.
    public func forEachBatch(
        of set: StagedChangeSet,
        lake: [Field],
        _ body: (StagedRows) async throws -> Bool
    ) async throws {
        let snapshot = try await table.snapshot()
        let schema = try table.schema(of: snapshot)
        let partition = Self.partition(set.region, set.client, set.id)
        let names = schema.dataFields.map(\.name)
        for try await batch in try table.rows(of: snapshot, partition: partition, columns: names) {
            guard try await body(try rows(batch, lake, set)) else { return }
        }
    }

    private func rows(_ batch: ColumnBatch, _ lake: [Field], _ set: StagedChangeSet) throws -> StagedRows {
        func side(_ prefix: String) -> ColumnBatch {
            let columns = lake.map {
                batch.column(prefix + $0.name) ?? .nulls($0.type, count: batch.rowCount)
            }
            return ColumnBatch(schema: BatchSchema(lake), columns: columns, rowCount: batch.rowCount)
        }
        var kinds: [ChangeKind] = []
        var digests: [SourceDigest?] = []
        var rules: [[String]] = []
        for row in 0..<batch.rowCount {
            guard case .string(let name)? = batch.column("kind")?[row], let kind = ChangeKind(rawValue: name)
            else {
                throw StagedChangesError(
                    .corruptStage,
                    changeSet: set.id,
                    column: "kind",
                    message: "a staged row has no kind; reject the set and run again"
                )
            }
            kinds.append(kind)
            if case .string(let text)? = batch.column("source_digest")?[row] {
                digests.append(SourceDigest(text))
            } else {
                digests.append(nil)
            }
            if case .string(let text)? = batch.column("rules")?[row] {
                rules.append(text.split(separator: " ").map(String.init))
            } else {
                rules.append([])
            }
        }
        return StagedRows(
            kinds: kinds,
            before: side("before_"),
            after: side("after_"),
            digests: digests,
            rules: rules
        )
    }
}
