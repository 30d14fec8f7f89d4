public import ColumnBatches
public import DeltaLog
import ObjectStores

/// The rows of a snapshot as batches, file after file.
///
/// One batch is in memory at a time; files, row groups within them, and pages within those, that cannot hold a wanted
/// row are not read.
public struct TableRows: AsyncSequence, Sendable {
    let store: any ObjectStore
    let table: String
    let schema: TableSchema
    /// The files that are read.
    public let files: [AddFile]
    let columns: [String]
    let predicate: Predicate?
    let batchRows: Int

    /// Reads the batches in turn.
    public struct AsyncIterator: AsyncIteratorProtocol {
        let rows: TableRows
        var nextFile = 0
        var batches: DataFileReader.Batches?

        /// The next batch, or nil at the end.
        public mutating func next() async throws -> ColumnBatch? {
            while true {
                try Task.checkCancellation()
                if let batch = try await batches?.next() {
                    let wanted = rows.wanted(batch.rows)
                    if wanted.rowCount > 0 { return wanted }
                    continue
                }
                guard nextFile < rows.files.count else { return nil }
                let file = rows.files[nextFile]
                nextFile += 1
                let reader = try await DataFileReader(
                    file,
                    of: rows.table,
                    schema: rows.schema,
                    in: rows.store
                )
                batches = reader.batches(
                    of: try await reader.pieces(for: rows.predicate),
                    columns: rows.readColumns,
                    batchRows: rows.batchRows
                )
            }
        }
    }

    /// Starts at the first file.
    public func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(rows: self)
    }

    /// The columns that are wanted, then those that only the predicate looks at.
    private var readColumns: [String] {
        columns + (predicate.map { schema.columns(of: $0) } ?? []).filter { !columns.contains($0) }
    }

    private func wanted(_ batch: ColumnBatch) -> ColumnBatch {
        guard let predicate else { return batch }
        let rows = batch.rows(predicate.rows(of: batch))
        return rows.columns.count == columns.count ? rows : rows.selecting(columns)
    }
}

extension DeltaTable {
    /// The rows of a snapshot.
    ///
    /// - Parameters:
    ///   - snapshot: The state to read.
    ///   - partition: Only rows of this partition; nil reads all.
    ///   - columns: Only these columns, in this order; nil reads all in the order of the table.
    ///   - predicate: Only rows for which this is true.
    ///   - batchRows: The most rows of a batch.
    /// - Returns: The rows, read as they are asked for.
    /// - Throws: `DeltaTableError` when the table has no such column, or one of a type that is not supported.
    public func rows(
        of snapshot: Snapshot,
        partition: [String: String?]? = nil,
        columns: [String]? = nil,
        where predicate: Predicate? = nil,
        batchRows: Int = 65_536
    ) throws -> TableRows {
        let schema = try schema(of: snapshot)
        let names = columns ?? schema.fields.map(\.name)
        for name in names where schema.field(name) == nil { throw noColumn(name) }
        for name in predicate?.columns.sorted() ?? [] where schema.path(to: name) == nil {
            throw noColumn(name)
        }
        var files = partition.map { snapshot.files(inPartition: $0) } ?? snapshot.files
        if let predicate {
            let pruning = FilePruning(predicate: predicate, schema: schema)
            files = files.filter { pruning.mayMatch($0) }
        }
        return TableRows(
            store: store,
            table: path,
            schema: schema,
            files: files,
            columns: names,
            predicate: predicate,
            batchRows: batchRows
        )
    }
}

extension TableSchema {
    /// Partition values under the names that the log has for the columns.
    func physical(_ values: [String: String?]) -> [String: String?] {
        var found: [String: String?] = [:]
        for (name, value) in values { found.updateValue(value, forKey: column(name)?.physicalName ?? name) }
        return found
    }

    /// The folder of a partition's files, which only helps people: mapped columns have names that help nobody.
    func directory(of values: [String: String?]) -> String {
        if columns.contains(where: { $0.number != nil }) {
            return String(UniqueName.make().prefix(2))
        }
        return PartitionPath.directory(values, columns: partitionColumns)
    }
}
