import ColumnBatches
public import DeltaLog
import FoundationEssentials
import ObjectStores

extension DeltaTable {
    /// Deletes the rows for which a predicate is true.
    ///
    /// A file whose rows all go is removed. Of another one the rows are marked in a deletion vector where the table has
    /// `delta.enableDeletionVectors`, else the file is written anew without them.
    ///
    /// - Returns: The version and the number of rows; the present version and 0 when there is no such row.
    /// - Throws: `DeltaLogError` with a conflict when another commit touched the same rows.
    public func delete(where predicate: Predicate) async throws -> (version: TableVersion, rowCount: Int) {
        let snapshot = try await snapshot()
        try snapshot.checkWritable()
        let rows = try rows(of: snapshot, columns: [], where: predicate)
        let marks =
            snapshot.protocol.has("deletionVectors")
            && TableProperties(snapshot.metadata).usesDeletionVectors
        var edit = TableEdit(operation: "DELETE", readSet: readSet(predicate, rows.schema, rows.files))
        var deleted = 0
        var written: [DataFileWriter] = []
        do {
            for file in rows.files {
                let (gone, left) = try await positions(of: predicate, in: file, rows.schema)
                guard !gone.isEmpty else { continue }
                deleted += gone.count
                edit.removed.append(file)
                guard left > 0 else { continue }
                if marks {
                    edit.added.append(try await marking(gone, in: file))
                } else {
                    let writer = makeWriter(schema: rows.schema, partition: file.partitionValues)
                    written.append(writer)
                    try await copy(file, without: predicate, rows.schema, to: writer)
                    edit.added += try await writer.finish()
                }
            }
        } catch {
            for writer in written { await writer.cancel() }
            throw error
        }
        guard deleted > 0 else { return (snapshot.version, 0) }
        return (try await apply(edit, to: snapshot), deleted)
    }

    /// The literal partition that a predicate asks for, or the whole table.
    private func readSet(_ predicate: Predicate, _ schema: TableSchema, _ files: [AddFile]) -> ReadSet {
        var values: [String: String?] = [:]
        var parts = [predicate]
        if case .and(let all) = predicate { parts = all }
        for case .compare(let name, .equal, let value) in parts where schema.partitionColumns.contains(name) {
            values.updateValue(
                PartitionValueText.text(value),
                forKey: schema.column(name)?.physicalName ?? name
            )
        }
        return ReadSet(
            partitions: values.isEmpty ? .whole : .only([values]),
            files: Set(files.map(\.path))
        )
    }

    /// Where in a file the rows are that go, and how many stay.
    private func positions(of predicate: Predicate, in file: AddFile, _ schema: TableSchema) async throws
        -> (gone: [UInt64], left: Int)
    {
        let reader = try await DataFileReader(
            file,
            of: path,
            schema: schema,
            in: store,
            choice: .without(nil)
        )
        let vector = try await file.deletionVector.asyncMap {
            try await DeletionVector.read($0, table: path, in: store)
        }
        let before = Set(vector?.rows ?? [])
        var batches = reader.batchesOfGroups(
            Array(0..<reader.rowGroupCount),
            columns: predicate.columns.sorted(),
            batchRows: 65_536
        )
        var gone: [UInt64] = []
        var left = 0
        while let batch = try await batches.next() {
            let matches = predicate.rows(of: batch.rows).map { UInt64($0 + batch.positions.lowerBound) }
            let new = matches.filter { !before.contains($0) }
            gone += new
            let present = batch.positions.lazy.filter { !before.contains(UInt64($0)) }.count
            left += present - new.count
        }
        return (gone, left)
    }

    /// The file with more of its rows marked.
    private func marking(_ rows: [UInt64], in file: AddFile) async throws -> AddFile {
        var vector = DeletionVector(rows)
        if let before = file.deletionVector {
            vector = vector.union(try await DeletionVector.read(before, table: path, in: store))
        }
        var marked = file
        marked.deletionVector = try await vector.write(table: path, name: UUID().uuidString, in: store)
        marked.stats = file.stats.map { FileStatistics.loosened($0) }
        return marked
    }

    private func copy(
        _ file: AddFile,
        without predicate: Predicate,
        _ schema: TableSchema,
        to writer: DataFileWriter
    ) async throws {
        let reader = try await DataFileReader(file, of: path, schema: schema, in: store)
        let names = schema.dataFields.map(\.name)
        let further = predicate.columns.sorted().filter { !names.contains($0) }
        var batches = reader.batchesOfGroups(
            Array(0..<reader.rowGroupCount),
            columns: names + further,
            batchRows: 65_536
        )
        while let batch = try await batches.next() {
            let gone = Set(predicate.rows(of: batch.rows))
            let kept = batch.rows.rows((0..<batch.rows.rowCount).filter { !gone.contains($0) })
            if kept.rowCount > 0 { try await writer.append(kept.selecting(names)) }
        }
    }
}

extension Optional {
    fileprivate func asyncMap<Value>(_ body: (Wrapped) async throws -> Value) async rethrows -> Value? {
        guard let self else { return nil }
        return try await body(self)
    }
}
