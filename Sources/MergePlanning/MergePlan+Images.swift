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
        for rewrite in rewrites { try await forEachImage(of: rewrite, in: table, schema, body) }
        let locations = inserts.sorted { ($0.batch, $0.row) < ($1.batch, $1.row) }
        for rows in stride(from: 0, to: locations.count, by: Self.batchRows) {
            let after = changes.rows(locations[rows..<min(rows + Self.batchRows, locations.count)])
            try await body(ChangeImages(kind: .insert, before: nil, after: after))
        }
    }

    /// Shows the changes of one file.
    func forEachImage(
        of rewrite: Rewrite,
        in table: DeltaTable,
        _ schema: TableSchema,
        _ body: (ChangeImages) async throws -> Void
    ) async throws {
        let reader = try await DataFileReader.byPosition(rewrite.file, of: table, schema: schema)
        var edits = rewrite.edits[...]
        for group in 0..<reader.rowGroupCount {
            let mine = edits.prefix { $0.row < reader.positions(ofGroup: group).upperBound }
            guard !mine.isEmpty else { continue }
            edits = edits.dropFirst(mine.count)
            var batches = try reader.batches(
                ofGroup: group,
                rows: mine.map { $0.row..<($0.row + 1) },
                columns: schema.dataFields.map(\.name),
                batchRows: Self.batchRows
            )
            var next = mine.startIndex
            while let batch = try await batches.next() {
                let end = next + batch.rows.rowCount
                for images in images(of: mine[next..<end], in: batch.rows) { try await body(images) }
                next = end
            }
        }
    }

    /// The most rows that are decoded at once.
    static let batchRows = 16_384

    /// The images of edits of which `rows` holds the rows, one for each.
    private func images(of edits: ArraySlice<RowEdit>, in rows: ColumnBatch) -> [ChangeImages] {
        var images: [ChangeImages] = []
        let updates = zip(edits, 0...).filter { $0.0.change != nil }
        if !updates.isEmpty {
            let before = rows.rows(updates.map(\.1))
            let columns = before.columns.enumerated().map { index, column in
                let name = rows.schema.fields[index].name
                let isSet = updates.map { $0.0.change.map { sets(name, by: $0) } ?? false }
                guard isSet.contains(true) else { return column }
                var builder = ColumnBuilder(column.type)
                for (position, update) in updates.enumerated() {
                    if isSet[position], let change = update.0.change {
                        let row = Int(change.row)
                        let source = changes.batches[Int(change.batch)].columns[index]
                        builder.append(contentsOf: source, rows: row..<(row + 1))
                    } else {
                        builder.append(contentsOf: column, rows: position..<(position + 1))
                    }
                }
                return builder.finish()
            }
            let after = ColumnBatch(schema: rows.schema, columns: columns, rowCount: updates.count)
            images.append(ChangeImages(kind: .update, before: before, after: after))
        }
        let deletions = zip(edits, 0...).filter { $0.0.change == nil }.map(\.1)
        if !deletions.isEmpty {
            images.append(ChangeImages(kind: .delete, before: rows.rows(deletions), after: nil))
        }
        return images
    }
}
