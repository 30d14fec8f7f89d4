import ColumnBatches
import DeltaLog
import ObjectStores

/// How files are arranged anew.
public struct OptimiseOptions: Sendable {
    /// About how large the new files are, in bytes.
    public var targetFileBytes = 128 << 20
    /// Files of at least this part of the target are left as they are, unless rows have left them.
    public var largeEnough = 0.75
    /// How rows are arranged; files that are arranged so already are left as they are, unless rows have left them.
    public var order = RowOrder.kept
    /// The most bytes of files that are arranged together, and in memory at a time, in units of the target.
    public var arrangedTargets = 4
    /// Only this partition; nil takes all.
    public var partition: [String: String?]?

    /// Makes the options that pack small files.
    public init() {}
}

/// What arranging anew did.
public struct OptimiseReport: Sendable, Hashable {
    /// The number of files that went.
    public var removedFiles = 0
    /// The number of files that came.
    public var addedFiles = 0
    /// The number of commits.
    public var commits = 0
}

extension DeltaTable {
    /// Packs small files into larger ones, a partition at a time, each in a commit of its own.
    ///
    /// Rows stay the same. What was committed when the work stops is kept; the next call goes on with the rest. A
    /// partition in which another commit removed a file meanwhile is passed over.
    ///
    /// - Returns: What was done.
    /// - Throws: `DeltaTableError` when rows are to be arranged by a column that data files do not have; errors of the log
    ///   and the store.
    public func optimise(_ options: OptimiseOptions = OptimiseOptions()) async throws -> OptimiseReport {
        var snapshot = try await snapshot()
        try snapshot.checkWritable()
        let schema = try schema(of: snapshot)
        for name in options.order.columns where !schema.dataFields.contains(where: { $0.name == name }) {
            throw noColumn(name)
        }
        var report = OptimiseReport()
        let partitions = snapshot.partitions.filter {
            $0.includesAll(of: options.partition.map { schema.physical($0) })
        }
        for partition in partitions.sorted(by: { "\($0)" < "\($1)" }) {
            try Task.checkCancellation()
            snapshot = try await log.update(snapshot)
            let files = snapshot.files(inStoredPartition: partition).filter {
                $0.partitionValues == partition
            }
            for bin in Self.bins(files, options) {
                let edit = try await rewrite(bin, partition, schema, snapshot, options)
                do {
                    _ = try await apply(edit, to: snapshot)
                } catch let error as DeltaLogError where error.code == .conflict {
                    continue
                }
                report.removedFiles += edit.removed.count
                report.addedFiles += edit.added.count
                report.commits += 1
            }
        }
        return report
    }

    /// Files that are worth rewriting, in groups of about the target's size.
    private static func bins(_ files: [AddFile], _ options: OptimiseOptions) -> [[AddFile]] {
        let mark = options.order.mark
        let chosen = files.filter {
            if $0.deletionVector != nil { return true }
            if let mark { return $0.tags[RowOrder.tag] != mark }
            return Double($0.size) < Double(options.targetFileBytes) * options.largeEnough
        }
        let limit = Int64(options.targetFileBytes) * Int64(mark == nil ? 1 : max(1, options.arrangedTargets))
        var bins: [[AddFile]] = []
        var size: Int64 = 0
        for file in chosen.sorted(by: { ($0.size, $0.path) < ($1.size, $1.path) }) {
            if bins.isEmpty || size + file.size > limit {
                bins.append([])
                size = 0
            }
            bins[bins.count - 1].append(file)
            size += file.size
        }
        return bins.filter { bin in
            bin.count > 1 || mark != nil || bin.contains { $0.deletionVector != nil }
        }
    }

    func rewrite(
        _ bin: [AddFile],
        _ partition: [String: String?],
        _ schema: TableSchema,
        _ snapshot: Snapshot,
        _ options: OptimiseOptions
    ) async throws -> TableEdit {
        var fileOptions = DataFileOptions()
        fileOptions.targetFileBytes = options.targetFileBytes
        let writer = makeWriter(schema: schema, stored: partition, options: fileOptions)
        do {
            var gathered: [ColumnBatch] = []
            for file in bin {
                let reader = try await DataFileReader(file, of: path, schema: schema, in: store)
                var batches = reader.batchesOfGroups(
                    Array(0..<reader.rowGroupCount),
                    columns: schema.dataFields.map(\.name),
                    batchRows: 16_384
                )
                while let batch = try await batches.next() {
                    try Task.checkCancellation()
                    if options.order == .kept {
                        try await writer.append(batch.rows)
                    } else {
                        gathered.append(batch.rows)
                    }
                }
            }
            var edit = TableEdit(
                operation: "OPTIMIZE",
                removed: bin,
                readSet: ReadSet(partitions: .nothing, files: Set(bin.map(\.path)))
            )
            if options.order == .kept {
                edit.added = try await writer.finish()
            } else {
                let all = ColumnBatch.joining(gathered, schema: BatchSchema(schema.dataFields))
                gathered = []
                let size = bin.reduce(0) { $0 + $1.size }
                let count = max(1, Int(size) / max(1, options.targetFileBytes))
                edit.added = try await write(all, in: options.order, files: count, to: writer)
            }
            edit.changesRows = false
            edit.operationParameters = options.order.parameters
            edit.operationMetrics = [
                "numRemovedFiles": String(bin.count), "numAddedFiles": String(edit.added.count),
            ]
            return edit
        } catch {
            await writer.cancel()
            throw error
        }
    }

    /// Writes rows in an order, into files of the same number of rows.
    private func write(_ rows: ColumnBatch, in order: RowOrder, files: Int, to writer: DataFileWriter)
        async throws
        -> [AddFile]
    {
        let positions = order.positions(of: rows)
        let count = max(1, (positions.count + files - 1) / files)
        var added: [AddFile] = []
        for start in stride(from: 0, to: positions.count, by: count) {
            try await writer.append(rows.rows(Array(positions[start..<min(start + count, positions.count)])))
            added = try await writer.finish()
        }
        for index in added.indices { added[index].tags[RowOrder.tag] = order.mark }
        return added
    }
}

extension RowOrder {
    /// What the history shows.
    fileprivate var parameters: [String: String] {
        switch self {
        case .kept: [:]
        case .sorted(let names): ["sortBy": names.joined(separator: ", ")]
        case .zOrder(let names): ["zOrderBy": names.joined(separator: ", ")]
        }
    }
}

extension [String: String?] {
    /// Whether these values have the given ones; nil gives none.
    fileprivate func includesAll(of values: [String: String?]?) -> Bool {
        (values ?? [:]).allSatisfy { (self[$0.key] ?? nil) == $0.value }
    }
}
