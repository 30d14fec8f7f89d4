public import ColumnBatches
public import DeltaLog
public import ObjectStores
import ParquetFiles

/// Reads one data file of a table, in the table's schema, without the rows that its deletion vector names.
///
/// Columns that the file lacks, because it is older than they are, read as missing values; partition columns
/// come from the log.
public struct DataFileReader: Sendable {
    let parquet: ParquetReader
    let fields: [ParquetField]
    private let file: AddFile
    let table: String
    let schema: TableSchema
    private let choice: RowChoice
    /// The position in the file of the first row of each row group.
    let groupStarts: [Int]

    /// Which rows of a file are read.
    enum RowChoice: Sendable {
        /// All but these.
        case without(DeletionVector?)
        /// These.
        case only(DeletionVector)
    }

    /// Opens a file.
    ///
    /// - Throws: `DeltaTableError` when the file is missing, damaged, or holds a column in another type.
    public init(_ file: AddFile, of table: String, schema: TableSchema, in store: any ObjectStore)
        async throws
    {
        try await self.init(file, of: table, schema: schema, in: store, choice: nil)
    }

    /// Opens a file; `choice` stands for the rows that its deletion vector leaves, unless given.
    init(
        _ file: AddFile,
        of table: String,
        schema: TableSchema,
        in store: any ObjectStore,
        choice: RowChoice?
    ) async throws {
        self.file = file
        self.table = table
        self.schema = schema
        do {
            let place = try TablePath.locate(file.path, table: table, in: store)
            let source = StoreSource(
                store: place.store,
                path: place.path,
                byteCount: Int(clamping: file.size)
            )
            parquet = try await ParquetReader.open(source)
            fields = parquet.footer.fields
            if let choice {
                self.choice = choice
            } else if let descriptor = file.deletionVector {
                self.choice = .without(try await DeletionVector.read(descriptor, table: table, in: store))
            } else {
                self.choice = .without(nil)
            }
        } catch let error as DeltaLogError {
            throw error
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
        var starts = [0]
        for group in parquet.rowGroups { starts.append(starts[starts.count - 1] + group.rowCount) }
        groupStarts = starts
    }

    /// The number of row groups.
    public var rowGroupCount: Int { parquet.rowGroups.count }

    /// The number of rows of a row group that are in the table.
    public func rowCount(ofGroup index: Int) -> Int {
        let rows = groupStarts[index]..<groupStarts[index + 1]
        return switch choice {
        case .without(let vector): rows.count - Self.rows(rows, of: vector).count
        case .only(let vector): Self.rows(rows, of: vector).count
        }
    }

    /// The position in the file of a column that it holds in the type that the table has.
    func storedPosition(of name: String) -> Int? {
        guard !schema.partitionColumns.contains(name), let column = schema.column(name),
            column.kind == .plain,
            let position = column.position(in: fields), parquet.schema.fields[position].type == column.type
        else { return nil }
        return position
    }

    /// What the file says about itself.
    var footer: ParquetFooter { parquet.footer }

    private static func rows(_ rows: Range<Int>, of vector: DeletionVector?) -> ArraySlice<UInt64> {
        vector?.rows(in: UInt64(rows.lowerBound)..<UInt64(rows.upperBound)) ?? []
    }

    /// The rows of a batch that are read, the batch beginning at a position of the file.
    private func chosen(_ batch: ColumnBatch, from start: Int) -> ColumnBatch {
        let range = start..<(start + batch.rowCount)
        switch choice {
        case .without(let vector): return batch.without(Self.rows(range, of: vector), from: start)
        case .only(let vector): return batch.rows(Self.rows(range, of: vector).map { Int($0) - start })
        }
    }

    /// Reads some columns of a row group, in the order of their names.
    public func rows(ofGroup index: Int, columns names: [String]) async throws -> ColumnBatch {
        var batches: [ColumnBatch] = []
        var next = batchesOfGroups(
            [index],
            columns: names,
            batchRows: max(1, parquet.rowGroups[index].rowCount)
        )
        while let batch = try await next.next() { batches.append(batch.rows) }
        if let first = batches.first, batches.count == 1 { return first }
        return ColumnBatch.joining(batches, schema: BatchSchema(try columns(names).map(\.field)))
    }

    /// The rows of some row groups, a batch at a time, with where each batch begins in the file.
    func batchesOfGroups(_ groups: [Int], columns names: [String], batchRows: Int) -> Batches {
        batches(of: groups.map { piece($0) }, columns: names, batchRows: batchRows)
    }

    /// The rows of some pieces, a batch at a time, with where each batch begins in the file.
    func batches(of pieces: [Piece], columns names: [String], batchRows: Int) -> Batches {
        Batches(reader: self, pieces: pieces, names: names, batchRows: batchRows)
    }

    /// Rows of one row group.
    struct Piece: Sendable, Hashable {
        var group: Int
        /// The rows, counted in the file.
        var rows: Range<Int>
    }

    /// A row group as a piece.
    func piece(_ group: Int) -> Piece {
        Piece(group: group, rows: positions(ofGroup: group))
    }

    /// The pages of a column that the file holds in the type of the table; nil where the file does not tell.
    func pages(of name: String, group: Int) async throws -> [ParquetPage]? {
        guard let position = storedPosition(of: name) else { return nil }
        return try await parquet.pages(of: fields[position].name, rowGroup: group)
    }

    /// The columns of some names.
    func columns(_ names: [String]) throws(DeltaTableError) -> [TableColumn] {
        var found: [TableColumn] = []
        for name in names {
            guard let column = schema.column(name) else {
                throw DeltaTableError(
                    .schemaMismatch,
                    table: table,
                    column: name,
                    message: "the table has no such column"
                )
            }
            found.append(column)
        }
        return found
    }

    /// Reads batches one after the other.
    struct Batches {
        let reader: DataFileReader
        let pieces: [Piece]
        let names: [String]
        let batchRows: Int
        private var next = 0
        private var piece: PlacedBatches?

        init(reader: DataFileReader, pieces: [Piece], names: [String], batchRows: Int) {
            self.reader = reader
            self.pieces = pieces
            self.names = names
            self.batchRows = batchRows
        }

        /// The next batch that has rows, the rows that have left taken out, and where in the file its rows were.
        mutating func next() async throws -> (rows: ColumnBatch, positions: Range<Int>)? {
            while true {
                if let (batch, places) = try await piece?.next(), let start = places.first?.lowerBound {
                    let rows = reader.chosen(batch, from: start)
                    if rows.rowCount > 0 { return (rows, start..<(start + batch.rowCount)) }
                    continue
                }
                guard next < pieces.count else { return nil }
                let (group, rows) = (pieces[next].group, pieces[next].rows)
                next += 1
                piece = try reader.batches(
                    ofGroup: group,
                    rows: rows == reader.positions(ofGroup: group) ? nil : [rows],
                    columns: names,
                    batchRows: batchRows
                )
            }
        }
    }

    func assemble(_ columns: [TableColumn], _ positions: [Int?], _ batch: ColumnBatch) throws
        -> ColumnBatch
    {
        var shaped: [Column] = []
        for (column, position) in zip(columns, positions) {
            shaped.append(try self.column(column, position, of: batch))
        }
        return ColumnBatch(
            schema: BatchSchema(columns.map(\.field)),
            columns: shaped,
            rowCount: batch.rowCount
        )
    }

    /// What is thrown for a row group that cannot be read.
    func failure(_ error: any Error, group index: Int) -> DeltaTableError {
        DeltaTableError(
            .dataFile,
            table: table,
            file: file.decodedPath,
            underlying: error,
            message:
                "row group \(index) cannot be read; restore the file, or the table to a version before it"
        )
    }

    private func column(_ column: TableColumn, _ position: Int?, of batch: ColumnBatch) throws -> Column {
        if schema.partitionColumns.contains(column.name) {
            let text = file.partitionValues[column.physicalName] ?? nil
            guard let value = PartitionValueText.value(text, type: column.type) else {
                throw DeltaTableError(
                    .invalidPartitionValue,
                    table: table,
                    column: column.name,
                    file: file.decodedPath,
                    message: "the log gives \"\(text ?? "")\", which is not a \(column.type)"
                )
            }
            return .repeating(value, type: column.type, count: batch.rowCount)
        }
        guard let position, let stored = batch.column(fields[position].name) else {
            return .nulls(column.type, count: batch.rowCount)
        }
        do {
            return try column.shape(stored, fields[position])
        } catch {
            throw DeltaTableError(
                .schemaMismatch,
                table: table,
                column: error.path.joined(separator: "."),
                file: file.decodedPath,
                message: error.reason
            )
        }
    }
}

/// A data file in a store, as Parquet reads it.
struct StoreSource: ParquetSource {
    let store: any ObjectStore
    let path: String
    let byteCount: Int

    func read(_ range: Range<Int>) async throws -> [UInt8] {
        try await store.read(path, range: range)
    }
}
