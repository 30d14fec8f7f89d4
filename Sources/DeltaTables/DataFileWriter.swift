public import ColumnBatches
public import DeltaLog
import FoundationEssentials
public import ObjectStores
public import ParquetFiles

/// How data files are cut and encoded.
public struct DataFileOptions: Sendable {
    /// A file is closed once it is about this large, in bytes.
    public var targetFileBytes = 32 << 20
    /// The size of a writer's first files, in bytes; later ones are an eighth of what is there by then, up to the target.
    ///
    /// So the newest rows of a small partition lie in small files, which a merge rewrites at little cost, and a large
    /// partition still has few files. Nil makes all files as large as the target.
    public var firstFileBytes: Int?
    /// How the Parquet files are encoded.
    public var parquet = ParquetWriterOptions()

    /// Makes options that suit tables which are merged into: files of some tens of megabytes.
    ///
    /// Numbers are not split into streams of bytes: readers of Delta tables that are in use do not know that, see
    /// `ParquetSplitNumbers`.
    public init() {
        parquet.splitNumbers = .none
    }
}

/// Writes rows of one partition into data files, each closed when it is large enough.
///
///     let writer = DataFileWriter(store: store, table: "shop/orders", fields: fields, partition: values)
///     for try await batch in rows { try await writer.append(batch) }
///     let added = try await writer.finish()
///
/// The files belong to no table until a commit names them. One task uses a writer at a time.
public final class DataFileWriter {
    private let store: any ObjectStore
    private let table: String
    private let schema: BatchSchema
    private let partition: [String: String?]
    private let directory: String
    private let options: DataFileOptions
    /// How rows of the table become rows of files; nil where they are the same.
    private let shape: FileShape?
    /// What the writers of the table know from each other; nil for a writer without a table.
    private let layouts: LayoutMemory?
    /// Writes the open file; between files it keeps how the columns are laid out.
    private var parquet: ParquetWriter?
    private var object: (any ObjectWriter)?
    private var path = ""
    private var added: [AddFile] = []
    /// The number of rows in the open file.
    private var openRows = 0
    /// The number of rows written so far, open file included.
    public private(set) var rowCount = 0

    /// Makes a writer for the data columns `fields` of a table.
    ///
    /// - Parameters:
    ///   - store: The store that holds the table.
    ///   - table: The table's path in the store.
    ///   - fields: The columns of the files: all of the table but its partition columns.
    ///   - partition: The partition's values, one for each partition column, as the log writes them.
    ///   - partitionColumns: The partition columns in order, for the names of folders.
    ///   - options: How files are cut and encoded.
    public init(
        store: any ObjectStore,
        table: String,
        fields: [Field],
        partition: [String: String?],
        partitionColumns: [String],
        options: DataFileOptions = DataFileOptions()
    ) {
        self.store = store
        self.table = table
        self.schema = BatchSchema(fields)
        self.partition = partition
        self.directory = PartitionPath.directory(partition, columns: partitionColumns)
        self.options = options
        shape = nil
        layouts = nil
    }

    /// Makes a writer for files of a shape, for a partition whose values are as actions have them, in a folder below
    /// the table.
    init(
        store: any ObjectStore,
        table: String,
        shape: FileShape,
        partition: [String: String?],
        directory: String,
        options: DataFileOptions,
        layouts: LayoutMemory? = nil
    ) {
        self.store = store
        self.table = table
        self.layouts = layouts
        self.schema = shape.stored
        self.partition = partition
        self.directory = directory
        var options = options
        for (path, number) in shape.numbers {
            options.parquet.columns[path, default: .init()].fieldID = number
        }
        self.options = options
        self.shape = shape
    }

    /// Adds rows at the end.
    ///
    /// - Throws: `DeltaTableError` when the batch has other columns than the table; errors of the store.
    public func append(_ batch: ColumnBatch) async throws {
        let batch = try shape?.shape(batch) ?? batch
        var row = 0
        while row < batch.rowCount {
            if object == nil { try await open() }
            let taken = min(batch.rowCount - row, max(1, estimatedRowsLeft))
            try parquet?.append(taken == batch.rowCount ? batch : batch.slice(row..<(row + taken)))
            row += taken
            rowCount += taken
            openRows += taken
            try await drain()
            if estimatedRowsLeft <= 0 { try await close() }
        }
    }

    /// How many rows the open file is still to take, by what its rows took so far; plenty before a page is encoded.
    ///
    /// Where pages are small beside the file it ends with a whole one, so that batches of pages need not be cut.
    private var estimatedRowsLeft: Int {
        let page = min(options.parquet.pageRows, options.parquet.rowGroupRows)
        let encoded = openRows / page * page
        guard let size = parquet?.byteCount, encoded > 0, size > 0 else { return .max }
        if size >= fileLimit { return 0 }
        let rows = Int(Double(fileLimit) / Double(size) * Double(encoded))
        guard rows >= 4 * page else { return rows - openRows }
        return (rows + page / 2) / page * page - openRows
    }

    /// The size at which the open file is closed.
    private var fileLimit: Int {
        guard let first = options.firstFileBytes else { return options.targetFileBytes }
        return min(options.targetFileBytes, max(first, added.reduce(0) { $0 + Int($1.size) } / 8))
    }

    /// Adds a row group of another file as it is, unless its columns are not those of this file or it is too large to be
    /// held in memory.
    ///
    /// - Returns: Whether it was added; when it was not, nothing was.
    /// - Throws: `DeltaTableError` when the row group cannot be read; errors of the store.
    package func append(copying group: Int, from reader: DataFileReader) async throws -> Bool {
        let stored = reader.parquet.rowGroups[group]
        let size = stored.chunks.reduce(0) { $0 + $1.compressedSize }
        guard size <= Self.largestCopyBytes else { return false }
        if object == nil { try await open() }
        do {
            try await parquet?.appendRowGroup(copying: group, from: reader.parquet)
        } catch let error as ParquetError where error.code == .schemaMismatch {
            return false
        } catch let error as ParquetError {
            throw reader.failure(error, group: group)
        }
        rowCount += stored.rowCount
        openRows += stored.rowCount
        try await drain()
        if let size = parquet?.byteCount, size >= fileLimit { try await close() }
        return true
    }

    private static let largestCopyBytes = 24 << 20

    /// Closes the open file and returns all files written, in the order of their rows.
    public func finish() async throws -> [AddFile] {
        try await close()
        parquet = nil
        return added
    }

    /// Gives up the open file and deletes those that were closed; for a commit that will not come.
    public func cancel() async {
        await object?.cancel()
        object = nil
        parquet = nil
        for file in added { try? await store.delete(objectPath(file.decodedPath)) }
        added = []
    }

    private func open() async throws {
        let name = "part-\(UniqueName.make()).zstd.parquet"
        path = directory.isEmpty ? name : directory + "/" + name
        if parquet == nil {
            parquet = try ParquetWriter(
                schema: schema,
                options: options.parquet,
                expecting: layouts?.layout ?? ParquetLayout()
            )
        } else {
            parquet?.beginFile()
        }
        openRows = 0
        object = try await store.makeWriter(objectPath(path))
    }

    private func drain() async throws {
        guard let parts = parquet?.takeParts() else { return }
        for part in parts { try await object?.write(part) }
    }

    private func close() async throws {
        guard let object, let summary = try parquet?.finish() else { return }
        if let layout = parquet?.layout { layouts?.learn(layout) }
        try await drain()
        try await object.finish()
        self.object = nil
        added.append(
            AddFile(
                path: PartitionPath.encode(path),
                partitionValues: partition,
                size: Int64(summary.byteCount),
                modificationTime: Int64(Date().timeIntervalSince1970 * 1000),
                dataChange: true,
                stats: statistics(summary).json
            )
        )
    }

    private func statistics(_ summary: ParquetFileSummary) -> FileStatistics {
        guard let shape else {
            return FileStatistics(summary, of: schema.fields.map { TableColumn($0) }, StatisticsChoice())
        }
        return FileStatistics(summary, of: shape.columns, shape.statistics)
    }

    private func objectPath(_ relative: String) -> String {
        table.isEmpty ? relative : table + "/" + relative
    }
}
