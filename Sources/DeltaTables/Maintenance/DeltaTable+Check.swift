import ColumnBatches
import DeltaLog
import ObjectStores
import ParquetFiles

/// What a look at every file of a table found.
public struct TableCheck: Sendable, Hashable {
    /// What is wrong with a file.
    public struct Problem: Sendable, Hashable {
        /// The file's path.
        public var file: String
        /// What is wrong.
        public var reason: String
    }

    /// The number of files that were looked at.
    public var fileCount = 0
    /// What is wrong.
    public var problems: [Problem] = []
}

extension DeltaTable {
    /// Looks whether every file of the newest version is there, has the size and the rows that the log says, and can be
    /// opened, and whether the version's checksum says the same; changes nothing.
    ///
    /// - Parameter readsRows: Whether every row is read as well.
    /// - Returns: What was found.
    /// - Throws: Errors of the log.
    public func check(readsRows: Bool = false) async throws -> TableCheck {
        let snapshot = try await snapshot()
        let schema = try schema(of: snapshot)
        var report = TableCheck()
        for file in snapshot.files {
            try Task.checkCancellation()
            report.fileCount += 1
            if let reason = try await problem(with: file, schema, readsRows: readsRows) {
                report.problems.append(TableCheck.Problem(file: file.decodedPath, reason: reason))
            }
        }
        if let checksum = try await log.checksum(of: snapshot.version) {
            for reason in checksum.differences(from: snapshot) {
                report.problems.append(
                    TableCheck.Problem(file: "_delta_log/\(snapshot.version).crc", reason: reason)
                )
            }
        }
        return report
    }

    private func problem(with file: AddFile, _ schema: TableSchema, readsRows: Bool) async throws -> String? {
        do {
            let place = try TablePath.locate(file.path, table: path, in: store)
            guard let found = try await place.store.attributes(of: place.path) else {
                return "the file is missing"
            }
            guard Int64(found.size) == file.size else {
                return "the file has \(found.size) bytes, the log says \(file.size)"
            }
            let reader = try await DataFileReader(file, of: path, schema: schema, in: store)
            let rowCount = reader.footer.rowCount
            if let stats = file.stats.flatMap({ FileStatistics(json: $0) }),
                stats.numRecords != Int64(rowCount)
            {
                return "the file has \(rowCount) rows, the log says \(stats.numRecords)"
            }
            guard readsRows else { return nil }
            var batches = reader.batchesOfGroups(
                Array(0..<reader.rowGroupCount),
                columns: schema.fields.map(\.name),
                batchRows: 65_536
            )
            while try await batches.next() != nil { try Task.checkCancellation() }
            return nil
        } catch let error where !(error is CancellationError) {
            return "\(error)"
        }
    }

    /// What about the newest version costs readers and writers more than it needs to, a sentence each.
    ///
    /// - Throws: Errors of the log.
    public func advice() async throws -> [String] {
        let snapshot = try await snapshot()
        var advice: [String] = []
        let files = snapshot.files
        let small = files.count { $0.size < 8 << 20 }
        let partitions = max(1, snapshot.partitions.count)
        if small > 4 * partitions {
            advice.append("\(small) of \(files.count) files are smaller than 8 MiB; optimise packs them")
        }
        let marked = files.count { $0.deletionVector != nil }
        if marked * 10 > files.count, marked > 0 {
            advice.append("\(marked) files have deletion vectors; optimise writes them anew")
        }
        let bare = files.count { $0.stats == nil }
        if bare > 0 {
            advice.append("\(bare) files have no statistics, so that readers cannot pass them over")
        }
        let behind = try await log.commitsSinceCheckpoint()
        if behind > 100 {
            advice.append("\(behind) commits since the last checkpoint; checkpoint makes opening faster")
        }
        do {
            try snapshot.checkWritable()
        } catch {
            advice.append("the table can be read only: \(error.message)")
        }
        return advice
    }
}
