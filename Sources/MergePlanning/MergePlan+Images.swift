public import ColumnBatches
public import DeltaTables
public import DeltaLog

/// What a change does to rows.
public enum ChangeKind: String, Sendable, Hashable, Codable, CaseIterable {
    /// Rows that the table lacks.
    case insert
    /// Rows that replace others.
    case update
    /// Rows that go.
    case delete
}

/// Some changed rows as they are and as they will be, row by row.
public struct ChangeImages: Sendable {
    /// What happens to all of these rows.
    public var kind: ChangeKind
    /// The rows as they are; nil for inserts.
    public var before: ColumnBatch?
    /// The rows as they will be; nil for deletions.
    public var after: ColumnBatch?

    /// Makes images.
    public init(kind: ChangeKind, before: ColumnBatch?, after: ColumnBatch?) {
        self.kind = kind
        self.before = before
        self.after = after
    }

    /// The number of rows.
    public var count: Int { after?.rowCount ?? before?.rowCount ?? 0 }
}

extension MergePlan {
    /// Shows every change of the plan, one row group at a time, without writing anything.
    ///
    /// - Parameters:
    ///   - table: The table.
    ///   - snapshot: The snapshot that the plan was made against.
    ///   - body: Takes the images.
    /// - Throws: Errors of the table, and what the body throws.
    public func forEachImage(
        of table: DeltaTable,
        snapshot: Snapshot,
        _ body: (ChangeImages) async throws -> Void
    ) async throws {
        let schema = try table.schema(of: snapshot)
        let names = schema.dataFields.map(\.name)
        for rewrite in rewrites {
            let reader = try await DataFileReader(
                rewrite.file,
                of: table.path,
                schema: schema,
                in: table.store
            )
            var edits = rewrite.edits[...]
            var offset = 0
            for group in 0..<reader.rowGroupCount {
                try Task.checkCancellation()
                let end = offset + reader.rowCount(ofGroup: group)
                let mine = edits.prefix { $0.row < end }
                edits = edits.dropFirst(mine.count)
                if !mine.isEmpty {
                    let rows = try await reader.rows(ofGroup: group, columns: names)
                    for images in self.images(of: Array(mine), in: rows, offset: offset) {
                        try await body(images)
                    }
                }
                offset = end
            }
        }
        var positions: [Int32: [Int]] = [:]
        for location in inserts { positions[location.batch, default: []].append(Int(location.row)) }
        for (batch, rows) in positions.sorted(by: { $0.key < $1.key }) {
            let after = changes.batches[Int(batch)].rows(rows.sorted())
            try await body(ChangeImages(kind: .insert, before: nil, after: after))
        }
    }

    private func images(of edits: [RowEdit], in rows: ColumnBatch, offset: Int) -> [ChangeImages] {
        var images: [ChangeImages] = []
        let updates = edits.filter { $0.change != nil }
        if !updates.isEmpty {
            let before = rows.rows(updates.map { $0.row - offset })
            let columns = before.columns.enumerated().map { index, column in
                if let filledColumns, !filledColumns.contains(rows.schema.fields[index].name) {
                    return column
                }
                var builder = ColumnBuilder(column.type)
                for case let change? in updates.map(\.change) {
                    let row = Int(change.row)
                    let source = changes.batches[Int(change.batch)].columns[index]
                    builder.append(contentsOf: source, rows: row..<(row + 1))
                }
                return builder.finish()
            }
            let after = ColumnBatch(schema: rows.schema, columns: columns, rowCount: updates.count)
            images.append(ChangeImages(kind: .update, before: before, after: after))
        }
        let deletions = edits.filter { $0.change == nil }.map { $0.row - offset }
        if !deletions.isEmpty {
            images.append(ChangeImages(kind: .delete, before: rows.rows(deletions), after: nil))
        }
        return images
    }
}
