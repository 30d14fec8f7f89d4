import ColumnBatches
import DeltaLog
import ObjectStores

/// How files are arranged anew.
public struct OptimiseOptions: Sendable {
    /// About how large the new files are, in bytes.
    public var targetFileBytes = 128 << 20
    /// Files of at least this part of the target are left as they are, unless rows have left them.
    public var largeEnough = 0.75
    /// The columns by which the rows of each new file are sorted; empty leaves their order.
    public var sortColumns: [String] = []
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
    /// - Throws: Errors of the table, the log and the store.
    public func optimise(_ options: OptimiseOptions = OptimiseOptions()) async throws -> OptimiseReport {
        var snapshot = try await snapshot()
        try snapshot.checkWritable()
        let schema = try schema(of: snapshot)
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
        let small = files.filter {
            $0.deletionVector != nil
                || Double($0.size) < Double(options.targetFileBytes) * options.largeEnough
        }
        var bins: [[AddFile]] = []
        var size: Int64 = 0
        for file in small.sorted(by: { ($0.size, $0.path) < ($1.size, $1.path) }) {
            if bins.isEmpty || size + file.size > Int64(options.targetFileBytes) {
                bins.append([])
                size = 0
            }
            bins[bins.count - 1].append(file)
            size += file.size
        }
        return bins.filter { bin in
            bin.count > 1 || bin.contains { $0.deletionVector != nil } || !options.sortColumns.isEmpty
        }
    }

    private func rewrite(
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
            let names = schema.dataFields.map(\.name)
            var gathered: [ColumnBatch] = []
            for file in bin {
                let reader = try await DataFileReader(file, of: path, schema: schema, in: store)
                var batches = reader.batchesOfGroups(
                    Array(0..<reader.rowGroupCount),
                    columns: names,
                    batchRows: 65_536
                )
                while let batch = try await batches.next() {
                    if options.sortColumns.isEmpty {
                        try await writer.append(batch.rows)
                    } else {
                        gathered.append(batch.rows)
                    }
                }
            }
            if !gathered.isEmpty {
                let all = ColumnBatch.joining(gathered, schema: BatchSchema(schema.dataFields))
                try await writer.append(all.sorted(by: options.sortColumns))
            }
            var edit = TableEdit(
                operation: "OPTIMIZE",
                added: try await writer.finish(),
                removed: bin,
                readSet: ReadSet(partitions: .nothing, files: Set(bin.map(\.path)))
            )
            edit.changesRows = false
            return edit
        } catch {
            await writer.cancel()
            throw error
        }
    }
}

extension [String: String?] {
    /// Whether these values have the given ones; nil gives none.
    fileprivate func includesAll(of values: [String: String?]?) -> Bool {
        (values ?? [:]).allSatisfy { (self[$0.key] ?? nil) == $0.value }
    }
}

extension ColumnBatch {
    /// The rows in the order of some columns, missing values first.
    func sorted(by names: [String]) -> ColumnBatch {
        let keys = names.compactMap { column($0)?.values }
        let order = (0..<rowCount).sorted { left, right in
            for key in keys {
                switch (key[left], key[right]) {
                case (.null, .null): continue
                case (.null, _): return true
                case (_, .null): return false
                default: break
                }
                let order = ValueOrder.compare(key[left], key[right]) ?? 0
                if order != 0 { return order < 0 }
            }
            return left < right
        }
        return rows(order)
    }
}
