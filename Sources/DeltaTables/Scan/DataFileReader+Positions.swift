package import ColumnBatches
package import DeltaLog
package import ParquetFiles

/// Rows by their positions in the file, those that have left the table included; for what marks or replaces rows.
extension DataFileReader {
    /// Opens a file for reading by positions: the rows that its deletion vector names come too.
    ///
    /// - Throws: `DeltaTableError` when the file is missing, damaged, or holds a column in another type.
    package static func byPosition(_ file: AddFile, of table: DeltaTable, schema: TableSchema) async throws
        -> DataFileReader
    {
        try await DataFileReader(
            file,
            of: table.path,
            schema: schema,
            in: table.store,
            choice: .without(nil)
        )
    }

    /// The positions of the rows of a row group.
    package func positions(ofGroup index: Int) -> Range<Int> { groupStarts[index]..<groupStarts[index + 1] }

    /// The number of rows, those that have left included.
    package var storedRowCount: Int { groupStarts[groupStarts.count - 1] }

    /// What a row group says of a column that it holds in the type that the table has.
    package func chunk(of column: String, group: Int) -> ParquetColumnChunk? {
        guard let position = storedPosition(of: column) else { return nil }
        return parquet.rowGroups[group].chunk(fields[position].name)
    }

    /// The pages of a column in a row group; nil where the file does not tell, or nothing that can be used.
    package func usablePages(of column: String, group: Int) async throws -> [ParquetPage]? {
        do {
            return try await pages(of: column, group: group)
        } catch is ParquetError {
            return nil  // it only helps to read less
        }
    }

    /// The bloom filter of a column in a row group; nil where the file has none that can be used.
    package func bloomFilter(of column: String, group: Int) async throws -> ParquetBloomFilter? {
        guard let position = storedPosition(of: column) else { return nil }
        do {
            return try await parquet.bloomFilter(of: fields[position].name, rowGroup: group)
        } catch is ParquetError {
            return nil
        }
    }

    /// Some columns of the rows at some positions of a row group, a batch at a time.
    ///
    /// Pages without such a row are not read where the file has an offset index.
    ///
    /// - Parameters:
    ///   - index: The row group.
    ///   - rows: Positions in the file, ascending and apart; nil takes the whole row group.
    ///   - names: The columns.
    ///   - batchRows: The most rows of a batch.
    /// - Returns: The batches, read as they are asked for.
    /// - Throws: `DeltaTableError` when the table has no such column.
    package func batches(
        ofGroup index: Int,
        rows: [Range<Int>]? = nil,
        columns names: [String],
        batchRows: Int = 65_536
    ) throws -> PlacedBatches {
        try PlacedBatches(self, group: index, rows: rows, columns: columns(names), batchRows: batchRows)
    }
}

/// Reads batches of one row group, and tells where in the file their rows are.
package struct PlacedBatches {
    private let reader: DataFileReader
    private let group: Int
    private let columns: [TableColumn]
    private let positions: [Int?]
    private let batchRows: Int
    private let isWhole: Bool
    private var left: ArraySlice<Range<Int>>
    private var stored: ParquetBatches.Iterator?

    fileprivate init(
        _ reader: DataFileReader,
        group: Int,
        rows: [Range<Int>]?,
        columns: [TableColumn],
        batchRows: Int
    ) {
        self.reader = reader
        self.group = group
        self.columns = columns
        self.batchRows = batchRows
        positions = columns.map { column in
            reader.schema.partitionColumns.contains(column.name) ? nil : column.position(in: reader.fields)
        }
        let all = reader.positions(ofGroup: group)
        isWhole = rows == nil
        left = (rows ?? [all]).filter { !$0.isEmpty }[...]
    }

    /// The next batch, and the positions of its rows in the file; nil at the end.
    ///
    /// - Throws: `DeltaTableError` when the row group is damaged, or holds a column in another type.
    package mutating func next() async throws -> (rows: ColumnBatch, positions: [Range<Int>])? {
        guard !left.isEmpty else { return nil }
        try Task.checkCancellation()
        let wanted = positions.compactMap { $0 }
        guard !wanted.isEmpty else {
            let count = min(batchRows, left.reduce(0) { $0 + $1.count })
            let none = ColumnBatch(schema: BatchSchema([]), columns: [], rowCount: count)
            return (try reader.assemble(columns, positions, none), take(count))
        }
        do {
            if stored == nil {
                var names: [String] = []
                for position in wanted where !names.contains(reader.fields[position].name) {
                    names.append(reader.fields[position].name)
                }
                stored = try reader.parquet.batches(
                    columns: names,
                    rowGroups: [group],
                    rows: isWhole ? nil : Array(left),
                    batchRows: batchRows
                ).makeAsyncIterator()
            }
            guard let batch = try await stored?.next(), batch.rowCount > 0 else {
                throw ParquetError(
                    .damaged,
                    rowGroup: group,
                    message: "the row group has fewer rows than it says"
                )
            }
            return (try reader.assemble(columns, positions, batch), take(batch.rowCount))
        } catch let error where !(error is CancellationError) && !(error is DeltaTableError) {
            throw reader.failure(error, group: group)
        }
    }

    /// The positions of the next rows.
    private mutating func take(_ count: Int) -> [Range<Int>] {
        var taken: [Range<Int>] = []
        var wanted = count
        while wanted > 0, let first = left.first {
            let end = first.lowerBound + min(wanted, first.count)
            taken.append(first.lowerBound..<end)
            wanted -= end - first.lowerBound
            if end == first.upperBound {
                left = left.dropFirst()
            } else {
                left[left.startIndex] = end..<first.upperBound
            }
        }
        return taken
    }
}
