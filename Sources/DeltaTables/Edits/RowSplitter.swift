import ColumnBatches
import DeltaLog

/// Writes whole rows of a table, each into files of its own partition.
///
/// A batch has all columns of the table. At most ``openLimit`` files are open at a time; with more partitions than that,
/// the files of those seen longest ago are closed first.
final class RowSplitter {
    /// The most files that are open at once.
    static let openLimit = 32

    private let table: DeltaTable
    private let schema: TableSchema
    private let options: DataFileOptions
    /// Whether the files are of changes, and rows say how they changed.
    private let isOfChanges: Bool
    /// The open writers by partition, the one used last at the end.
    private var open: [(partition: [String: String?], writer: DataFileWriter)] = []
    private var added: [AddFile] = []
    private var closed: [DataFileWriter] = []
    /// The number of rows so far.
    private(set) var rowCount = 0

    init(
        _ table: DeltaTable,
        schema: TableSchema,
        ofChanges isOfChanges: Bool = false,
        options: DataFileOptions = DataFileOptions()
    ) {
        self.isOfChanges = isOfChanges
        self.table = table
        self.schema = schema
        self.options = options
    }

    /// Adds rows.
    ///
    /// - Throws: `DeltaTableError` when the batch has other columns than the table.
    func append(_ batch: ColumnBatch) async throws {
        guard batch.rowCount > 0 else { return }
        let extra = isOfChanges ? [ChangeFeed.kindColumn] : []
        let names = schema.fields.map(\.name) + extra
        guard batch.schema.names.sorted() == names.sorted() else {
            throw DeltaTableError(
                .schemaMismatch,
                table: table.path,
                message:
                    "the batch has the columns \(batch.schema.names), the table \(names)"
            )
        }
        rowCount += batch.rowCount
        let stored = schema.dataFields.map(\.name) + extra
        for (partition, rows) in partitions(of: batch) {
            let writer = try await writer(of: partition)
            try await writer.append(batch.rows(rows).selecting(stored))
        }
    }

    /// Closes all files.
    func finish() async throws -> [AddFile] {
        while !open.isEmpty { try await closeOldest() }
        return added
    }

    /// Deletes all files; for a commit that will not come.
    func cancel() async {
        for writer in closed + open.map(\.writer) { await writer.cancel() }
        (open, closed, added) = ([], [], [])
    }

    /// The rows of a batch by partition, in the order in which the partitions appear.
    private func partitions(of batch: ColumnBatch) -> [([String: String?], [Int])] {
        guard !schema.partitionColumns.isEmpty else { return [([:], Array(0..<batch.rowCount))] }
        let columns = schema.partitionColumns.map { ($0, batch.column($0)) }
        var found: [([String: String?], [Int])] = []
        var numbers: [[String: String?]: Int] = [:]
        for row in 0..<batch.rowCount {
            var partition: [String: String?] = [:]
            for (name, column) in columns {
                partition.updateValue(column.flatMap { PartitionValueText.text($0[row]) }, forKey: name)
            }
            if let number = numbers[partition] {
                found[number].1.append(row)
            } else {
                numbers[partition] = found.count
                found.append((partition, [row]))
            }
        }
        return found
    }

    private func writer(of partition: [String: String?]) async throws -> DataFileWriter {
        if let index = open.firstIndex(where: { $0.partition == partition }) {
            open.append(open.remove(at: index))
        } else {
            if open.count >= Self.openLimit { try await closeOldest() }
            open.append((partition, makeWriter(schema.physical(partition))))
        }
        return open[open.count - 1].writer
    }

    private func makeWriter(_ partition: [String: String?]) -> DataFileWriter {
        guard isOfChanges else {
            return table.makeWriter(schema: schema, stored: partition, options: options)
        }
        let extra = [Field(ChangeFeed.kindColumn, .string, isNullable: false)]
        return DataFileWriter(
            store: table.store,
            table: table.path,
            shape: FileShape(schema, partition: partition, table: table.path, extra: extra),
            partition: partition,
            // Without folders of partitions, whose escapes delta-rs does not resolve here.
            directory: "_change_data",
            options: options
        )
    }

    private func closeOldest() async throws {
        let writer = open[0].writer
        added += try await writer.finish()
        closed.append(writer)
        open.removeFirst()
    }
}
