public import DeltaLog

/// What keeps a table small that is merged into again and again, a little at a time.
public struct TidyOptions: Sendable, Hashable {
    /// The most bytes of files that one call writes anew; a single larger file is written nevertheless.
    public var byteLimit = 64 << 20
    /// How many files of about one size are packed into one.
    public var filesToPack = 8
    /// A file of which this part of the rows has left is written anew.
    public var goneShare = 0.25

    /// Makes options that suit tables which are merged into often.
    public init() {}
}

extension TidyOptions {
    /// Files below this size count as small; those of eight times the size are the next class, and so on.
    private static let smallestClass: Int64 = 64 << 10
    /// Files of at least this size are packed no more: less than what first loads make by intent.
    private static let largeFile: Int64 = 3 << 20

    /// Which of a partition's files to write anew, in groups that each become one file; the cheapest first.
    ///
    /// Files are packed with others of their size only, so that each row is written a few times however many merges there
    /// are, and a partition has few small files at any time.
    func groups(of files: [AddFile]) -> [[AddFile]] {
        var groups: [[AddFile]] = []
        var classes: [Int: [AddFile]] = [:]
        for file in files {
            if file.size < Self.largeFile {
                var (number, size) = (0, Self.smallestClass)
                while file.size >= size {
                    number += 1
                    size *= 8
                }
                classes[number, default: []].append(file)
            } else if isWorn(file) {
                groups.append([file])
            }
        }
        for (_, members) in classes.sorted(by: { $0.key < $1.key }) {
            if members.count >= max(2, filesToPack) {
                groups.append(
                    members.sorted { ($0.modificationTime, $0.path) < ($1.modificationTime, $1.path) }
                )
            } else {
                groups += members.filter { isWorn($0) }.map { [$0] }
            }
        }
        return groups.sorted { $0.reduce(0) { $0 + $1.size } < $1.reduce(0) { $0 + $1.size } }
    }

    /// Whether so many rows have left a file that readers pay for it.
    private func isWorn(_ file: AddFile) -> Bool {
        guard let gone = file.deletionVector?.cardinality, gone > 0 else { return false }
        guard let rows = file.stats.flatMap({ FileStatistics(json: $0)?.numRecords }) else { return true }
        return Double(gone) >= Double(rows) * goneShare
    }
}

extension DeltaTable {
    /// Packs small files and writes files anew of which many rows have left, within a budget.
    ///
    /// Rows stay the same. Each group of files is a commit of its own; one that another commit was first at is left for the
    /// next call.
    ///
    /// - Parameters:
    ///   - partitions: The partitions to look at, each with a value for every partition column.
    ///   - snapshot: The present state.
    ///   - options: What is done, and how much of it.
    /// - Returns: What was done.
    /// - Throws: Errors of the table, the log and the store.
    public func tidy(
        _ partitions: [[String: String?]],
        of snapshot: Snapshot,
        options: TidyOptions = TidyOptions()
    ) async throws -> OptimiseReport {
        let schema = try schema(of: snapshot)
        var snapshot = snapshot
        var report = OptimiseReport()
        var left = Int64(options.byteLimit)
        var packing = OptimiseOptions()
        packing.targetFileBytes = 32 << 20
        for partition in partitions.map({ schema.physical($0) }) {
            let files = snapshot.files(inStoredPartition: partition).filter {
                $0.partitionValues == partition
            }
            for group in options.groups(of: files) {
                try Task.checkCancellation()
                let size = group.reduce(0) { $0 + $1.size }
                guard size <= left || report.commits == 0 else { continue }
                if report.commits == 0 { try snapshot.checkWritable() }
                let edit = try await rewrite(group, partition, schema, snapshot, packing)
                do {
                    _ = try await apply(edit, to: snapshot)
                } catch let error as DeltaLogError where error.code == .conflict {
                    continue
                }
                left -= size
                report.removedFiles += edit.removed.count
                report.addedFiles += edit.added.count
                report.commits += 1
                snapshot = try await log.update(snapshot)
            }
        }
        return report
    }
}
