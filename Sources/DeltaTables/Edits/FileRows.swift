import ColumnBatches
import DeltaLog
import ParquetFiles

/// The rows of one file that a predicate asks for, and what becomes of the file when they leave.
struct FileRows {
    let table: DeltaTable
    let file: AddFile
    let schema: TableSchema

    /// Whether rows are marked in deletion vectors, where a table has that switched on.
    static func areMarked(in snapshot: Snapshot) -> Bool {
        snapshot.protocol.has("deletionVectors") && TableProperties(snapshot.metadata).usesDeletionVectors
    }

    /// Where in the file the rows are for which a predicate is true, and how many others there are.
    func positions(of predicate: Predicate) async throws -> (wanted: [UInt64], others: Int) {
        let vector = try await self.vector
        let before = Set(vector?.rows ?? [])
        let reader = try await DataFileReader(
            file,
            of: table.path,
            schema: schema,
            in: table.store,
            choice: .without(nil)
        )
        var batches = reader.batches(
            of: try await reader.pieces(for: predicate),
            columns: schema.columns(of: predicate),
            batchRows: 65_536
        )
        var wanted: [UInt64] = []
        while let batch = try await batches.next() {
            try Task.checkCancellation()
            let matches = predicate.rows(of: batch.rows).map { UInt64($0 + batch.positions.lowerBound) }
            wanted += before.isEmpty ? matches : matches.filter { !before.contains($0) }
        }
        return (wanted, reader.footer.rowCount - before.count - wanted.count)
    }

    /// The file with more of its rows marked as gone.
    func marking(_ rows: [UInt64]) async throws -> AddFile {
        var vector = DeletionVector(rows)
        if let before = try await self.vector { vector = vector.union(before) }
        var marked = file
        marked.deletionVector = try await vector.write(
            table: table.path,
            name: UniqueName.make(),
            in: table.store
        )
        marked.stats = file.stats.map { FileStatistics.loosened($0) }
        return marked
    }

    /// Hands out the rows that are in the table, a batch at a time, with all columns of the table.
    func forEachBatch(_ body: (ColumnBatch) async throws -> Void) async throws {
        let reader = try await DataFileReader(file, of: table.path, schema: schema, in: table.store)
        try await Self.drain(reader, schema, body)
    }

    /// Hands out the rows at some positions of the file, with all columns of the table.
    func forEachBatch(at rows: [UInt64], _ body: (ColumnBatch) async throws -> Void) async throws {
        let reader = try await DataFileReader(
            file,
            of: table.path,
            schema: schema,
            in: table.store,
            choice: .only(DeletionVector(rows))
        )
        try await Self.drain(reader, schema, body)
    }

    private static func drain(
        _ reader: DataFileReader,
        _ schema: TableSchema,
        _ body: (ColumnBatch) async throws -> Void
    ) async throws {
        var batches = reader.batchesOfGroups(
            (0..<reader.rowGroupCount).filter { reader.rowCount(ofGroup: $0) > 0 },
            columns: schema.fields.map(\.name),
            batchRows: 65_536
        )
        while let batch = try await batches.next() {
            try Task.checkCancellation()
            try await body(batch.rows)
        }
    }

    private var vector: DeletionVector? {
        get async throws {
            guard let descriptor = file.deletionVector else { return nil }
            return try await DeletionVector.read(descriptor, table: table.path, in: table.store)
        }
    }
}
