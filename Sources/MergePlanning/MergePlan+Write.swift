import ColumnBatches
public import DeltaLog
public import DeltaTables

extension MergePlan {
    /// Writes the files of the plan and makes the edit that commits them.
    ///
    /// Each rewritten file keeps the order of its rows; new rows go to files of their own. One row group is in memory
    /// at a time. When it throws, the files written so far are gone.
    ///
    /// - Parameters:
    ///   - table: The table.
    ///   - snapshot: The snapshot that the plan was made against.
    ///   - options: How files are cut and encoded.
    ///   - transactions: Application transactions to record in the commit.
    /// - Returns: The edit; its read set is the partition and the files that were rewritten.
    /// - Throws: Errors of the table and the store.
    public func write(
        to table: DeltaTable,
        snapshot: Snapshot,
        options: DataFileOptions = DataFileOptions(),
        transactions: [ApplicationTransaction] = []
    ) async throws -> TableEdit {
        let schema = try table.schema(of: snapshot)
        var writers: [DataFileWriter] = []
        do {
            var added: [AddFile] = []
            for rewrite in rewrites {
                let writer = table.makeWriter(schema: schema, partition: partition, options: options)
                writers.append(writer)
                try await self.rewrite(rewrite, of: table, schema: schema, into: writer)
                added += try await writer.finish()
            }
            if !inserts.isEmpty {
                let writer = table.makeWriter(schema: schema, partition: partition, options: options)
                writers.append(writer)
                for batch in insertedBatches() { try await writer.append(batch) }
                added += try await writer.finish()
            }
            var edit = TableEdit(
                operation: "MERGE",
                added: added,
                removed: rewrittenFiles,
                transactions: transactions,
                readSet: ReadSet(partitions: .only([partition]), files: Set(rewrittenFiles.map(\.path)))
            )
            edit.keyColumns = changes.keyColumns
            return edit
        } catch {
            for writer in writers { await writer.cancel() }
            throw error
        }
    }

    private func insertedBatches() -> [ColumnBatch] {
        var positions: [Int32: [Int]] = [:]
        for location in inserts { positions[location.batch, default: []].append(Int(location.row)) }
        return positions.sorted { $0.key < $1.key }.map {
            changes.batches[Int($0.key)].rows($0.value.sorted())
        }
    }

    private func rewrite(
        _ rewrite: Rewrite,
        of table: DeltaTable,
        schema: TableSchema,
        into writer: DataFileWriter
    ) async throws {
        let reader = try await DataFileReader(rewrite.file, of: table.path, schema: schema, in: table.store)
        let names = schema.dataFields.map(\.name)
        var edits = rewrite.edits[...]
        var offset = 0
        for group in 0..<reader.rowGroupCount {
            try Task.checkCancellation()
            let rows = try await reader.rows(ofGroup: group, columns: names)
            let mine = edits.prefix { $0.row < offset + rows.rowCount }
            edits = edits.dropFirst(mine.count)
            try await writer.append(mine.isEmpty ? rows : apply(mine, to: rows, offset: offset))
            offset += rows.rowCount
        }
    }

    /// The rows of a group with the edits applied, column by column, runs of untouched rows in one piece.
    private func apply(_ edits: ArraySlice<RowEdit>, to rows: ColumnBatch, offset: Int) -> ColumnBatch {
        let columns = rows.columns.enumerated().map { index, column in
            let isFilled = filledColumns?.contains(rows.schema.fields[index].name) ?? true
            var builder = ColumnBuilder(column.type)
            var copied = 0
            for edit in edits {
                let row = edit.row - offset
                builder.append(contentsOf: column, rows: copied..<row)
                copied = row + 1
                guard let change = edit.change else { continue }
                if isFilled {
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
