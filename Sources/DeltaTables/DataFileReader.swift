public import ColumnBatches
public import DeltaLog
public import ObjectStores
import ParquetFiles

/// Reads one data file of a table, one row group at a time, in the table's schema.
///
/// Columns that the file lacks, because it is older than they are, read as missing values; partition columns
/// come from the log.
public struct DataFileReader: Sendable {
    private let parquet: ParquetReader
    private let file: AddFile
    private let table: String
    private let schema: TableSchema

    /// Opens a file.
    ///
    /// - Throws: `DeltaTableError` when the file is missing, damaged, or holds a column in another type.
    public init(_ file: AddFile, of table: String, schema: TableSchema, in store: any ObjectStore)
        async throws
    {
        self.file = file
        self.table = table
        self.schema = schema
        do {
            let path = table.isEmpty ? file.decodedPath : table + "/" + file.decodedPath
            let source = StoreSource(store: store, path: path, byteCount: Int(file.size))
            parquet = try await ParquetReader.open(source)
        } catch {
            throw DeltaTableError(
                .dataFile,
                table: table,
                file: file.decodedPath,
                underlying: error,
                message:
                    "the data file cannot be opened; restore it, or restore the table to a version before it"
            )
        }
    }

    /// The number of row groups.
    public var rowGroupCount: Int { parquet.rowGroups.count }

    /// The number of rows of a row group.
    public func rowCount(ofGroup index: Int) -> Int { parquet.rowGroups[index].rowCount }

    /// Reads some columns of a row group, in the order of their names.
    public func rows(ofGroup index: Int, columns names: [String]) async throws -> ColumnBatch {
        let stored = names.filter {
            parquet.schema.index(of: $0) != nil && !schema.partitionColumns.contains($0)
        }
        let batch: ColumnBatch
        do {
            batch = try await parquet.readRowGroup(index, columns: stored)
        } catch {
            throw DeltaTableError(
                .dataFile,
                table: table,
                file: file.decodedPath,
                underlying: error,
                message:
                    "row group \(index) cannot be read; restore the file, or the table to a version before it"
            )
        }
        let rowCount = parquet.rowGroups[index].rowCount
        var fields: [Field] = []
        var columns: [Column] = []
        for name in names {
            guard let field = schema.field(name) else {
                throw DeltaTableError(
                    .schemaMismatch,
                    table: table,
                    column: name,
                    message: "the table has no such column"
                )
            }
            fields.append(field)
            columns.append(try column(field, of: batch, rowCount: rowCount))
        }
        return ColumnBatch(schema: BatchSchema(fields), columns: columns, rowCount: rowCount)
    }

    private func column(_ field: Field, of batch: ColumnBatch, rowCount: Int) throws -> Column {
        if schema.partitionColumns.contains(field.name) {
            let text = file.partitionValues[field.name] ?? nil
            guard let value = PartitionValueText.value(text, type: field.type) else {
                throw DeltaTableError(
                    .invalidPartitionValue,
                    table: table,
                    column: field.name,
                    file: file.decodedPath,
                    message: "the log gives \"\(text ?? "")\", which is not a \(field.type)"
                )
            }
            return .repeating(value, type: field.type, count: rowCount)
        }
        guard let stored = batch.column(field.name) else { return .nulls(field.type, count: rowCount) }
        if stored.type == field.type { return stored }
        guard let column = stored.reinterpreted(as: field.type) else {
            throw DeltaTableError(
                .schemaMismatch,
                table: table,
                column: field.name,
                file: file.decodedPath,
                message: "the file holds \(stored.type), the table's schema says \(field.type)"
            )
        }
        return column
    }
}

extension Column {
    /// The same values under a type of the same storage that can hold them all, or nil.
    fileprivate func reinterpreted(as target: ColumnType) -> Column? {
        switch (type, target) {
        case (.int8, .int16), (.int8, .int32), (.int16, .int32), (.int32, .int16), (.int32, .int8),
            (.binary, .string), (.string, .binary):
            Column(type: target, storage: storage, validity: validity)
        default: nil
        }
    }
}

/// A data file in a store, as Parquet reads it.
private struct StoreSource: ParquetSource {
    let store: any ObjectStore
    let path: String
    let byteCount: Int

    func read(_ range: Range<Int>) async throws -> [UInt8] {
        try await store.read(path, range: range)
    }
}
