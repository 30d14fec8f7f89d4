import ColumnBatches
public import DeltaLog
public import DeltaTables

extension MergePlan {
    /// Writes the files of the plan and makes the edit that commits them.
    ///
    /// New rows go to files of their own, in key order. Where rows are marked, so do the rows that replace others, and
    /// each touched file gets a deletion vector. Else each touched file is written anew in the order of its rows: row
    /// groups without a change are copied as they are, the others decoded and encoded a batch at a time. A file of which
    /// no row is left goes. When it throws, the files written so far are gone.
    ///
    /// - Parameters:
    ///   - table: The table.
    ///   - snapshot: The snapshot that the plan was made against.
    ///   - options: How files are cut and encoded.
    ///   - transactions: Application transactions to record in the commit.
    /// - Returns: The edit; its read set is the partition and the files that were touched.
    /// - Throws: Errors of the table and the store.
    public func write(
        to table: DeltaTable,
        snapshot: Snapshot,
        options: DataFileOptions = DataFileOptions(),
        transactions: [ApplicationTransaction] = []
    ) async throws -> TableEdit {
        let schema = try table.schema(of: snapshot)
        var writers: [DataFileWriter] = []
        var vectors = try table.makeVectorPack()
        do {
            var added: [AddFile] = []
            for rewrite in rewrites {
                try Task.checkCancellation()
                if marksRows {
                    let file = try await table.marking(
                        rewrite.edits.map { UInt64($0.row) },
                        in: rewrite.file,
                        rowCount: rewrite.rowCount,
                        &vectors
                    )
                    if let file { added.append(file) }
                    continue
                }
                var options = options
                options.firstFileBytes = nil
                options.targetFileBytes = max(options.targetFileBytes, Int(rewrite.file.size) * 2)
                let writer = table.makeWriter(schema: schema, partition: partition, options: options)
                writers.append(writer)
                try await self.rewrite(rewrite, of: table, schema: schema, into: writer)
                added += try await writer.finish()
            }
            let writer = table.makeWriter(schema: schema, partition: partition, options: options)
            writers.append(writer)
            try await writeNewRows(of: table, schema: schema, into: writer)
            added += try await writer.finish()
            try await vectors.write(in: table.store)
            var edit = TableEdit(
                operation: "MERGE",
                added: added,
                removed: rewrittenFiles,
                transactions: transactions,
                readSet: ReadSet(partitions: .only([partition]), files: Set(rewrittenFiles.map(\.path)))
            )
            edit.keyColumns = changes.keyColumns
            if case .history(let rule) = rule { edit.keyColumns.append(rule.validFrom) }
            return edit
        } catch {
            for writer in writers { await writer.cancel() }
            await vectors.discard(in: table.store)
            throw error
        }
    }

    /// Writes the rows that are new, and where rows are marked those that replace others.
    private func writeNewRows(of table: DeltaTable, schema: TableSchema, into writer: DataFileWriter)
        async throws
    {
        var locations = inserts
        for rewrite in rewrites where marksRows {
            var partial = rewrite
            partial.edits = rewrite.edits.filter { $0.change.map(isPartial) ?? false }
            locations += rewrite.edits.compactMap { $0.change }.filter { !isPartial($0) }
            try await forEachImage(of: partial, in: table, schema) { images in
                if images.kind == .update, let after = images.after { try await writer.append(after) }
            }
        }
        locations = changes.inKeyOrder(locations)
        for first in stride(from: 0, to: locations.count, by: Self.batchRows) {
            try Task.checkCancellation()
            let rows = locations[first..<min(first + Self.batchRows, locations.count)]
            try await writer.append(changes.rows(rows))
        }
    }

    private func rewrite(
        _ rewrite: Rewrite,
        of table: DeltaTable,
        schema: TableSchema,
        into writer: DataFileWriter
    ) async throws {
        let reader = try await DataFileReader.byPosition(rewrite.file, of: table, schema: schema)
        var all = rewrite.edits
        if let before = rewrite.file.deletionVector {
            let vector = try await DeletionVector.read(before, table: table.path, in: table.store)
            all += vector.rows.map { RowEdit(row: Int($0), change: nil) }
            all.sort { $0.row < $1.row }
        }
        var edits = all[...]
        for group in 0..<reader.rowGroupCount {
            try Task.checkCancellation()
            let mine = edits.prefix { $0.row < reader.positions(ofGroup: group).upperBound }
            edits = edits.dropFirst(mine.count)
            if mine.isEmpty, try await writer.append(copying: group, from: reader) { continue }
            var batches = try reader.batches(
                ofGroup: group,
                columns: schema.dataFields.map(\.name),
                batchRows: Self.batchRows
            )
            var next = mine
            while let batch = try await batches.next() {
                guard let start = batch.positions.first?.lowerBound else { continue }
                let here = next.prefix { $0.row < start + batch.rows.rowCount }
                next = next.dropFirst(here.count)
                try await writer.append(
                    here.isEmpty ? batch.rows : apply(here, to: batch.rows, offset: start)
                )
            }
        }
    }

    /// The rows of a batch with the edits applied, column by column, runs of untouched rows in one piece.
    private func apply(_ edits: ArraySlice<RowEdit>, to rows: ColumnBatch, offset: Int) -> ColumnBatch {
        let columns = rows.columns.enumerated().map { index, column in
            let name = rows.schema.fields[index].name
            var builder = ColumnBuilder(column.type)
            var copied = 0
            for edit in edits {
                let row = edit.row - offset
                builder.append(contentsOf: column, rows: copied..<row)
                copied = row + 1
                guard let change = edit.change else { continue }
                if sets(name, by: change) {
                    let position = Int(change.row)
                    let source = changes.batches[Int(change.batch)].columns[index]
                    builder.append(contentsOf: source, rows: position..<(position + 1))
                } else {
                    builder.append(contentsOf: column, rows: row..<(row + 1))
                }
            }
            builder.append(contentsOf: column, rows: copied..<column.count)
            return builder.finish()
        }
        let dropped = edits.count { $0.change == nil }
        return ColumnBatch(schema: rows.schema, columns: columns, rowCount: rows.rowCount - dropped)
    }
}
