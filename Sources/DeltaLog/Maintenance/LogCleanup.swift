import FoundationEssentials
import ObjectStores

/// Which files of a log can go.
public struct LogCleanup: Sendable, Hashable {
    /// The objects to delete, in the order in which they go.
    public var paths: [String] = []
    /// The oldest version that can be read afterwards; nil when nothing goes.
    public var oldestVersion: TableVersion?

    /// Makes a plan that deletes nothing.
    public init() {}
}

extension TransactionLog {
    /// Plans which files of the log can go because they are older than the table's retention.
    ///
    /// The newest complete checkpoint at or before the cut stays, with all that came after it and the commit of its own
    /// version; only what is strictly older goes. Without such a checkpoint nothing goes.
    ///
    /// - Parameters:
    ///   - snapshot: The newest state.
    ///   - now: The present instant, in milliseconds since 1970-01-01T00:00:00Z.
    /// - Returns: The plan.
    /// - Throws: Errors of the store.
    public func planCleanup(_ snapshot: Snapshot, now: Int64) async throws -> LogCleanup {
        let retained = now - TableProperties(snapshot.metadata).logRetention
        let cut = retained - retained % TableProperties.day
        let objects = try await store.list(folder, after: nil)
        let listing = LogListing(objects, folder: folder)
        // Times of files may go back; a version is as old as the newest of those up to it.
        var newest = Int64.min
        var last: TableVersion?
        for commit in listing.commits {
            newest = max(newest, commit.modified)
            guard newest < cut else { break }
            last = commit.version
        }
        guard let last, let base = listing.checkpoints.last(where: { $0.version <= last }) else {
            return LogCleanup()
        }
        var plan = LogCleanup()
        for object in objects {
            guard
                let start = object.path.utf8.index(
                    object.path.startIndex,
                    offsetBy: folder.utf8.count,
                    limitedBy: object.path.endIndex
                ), let name = LogFileName(object.path[start...])
            else { continue }
            let isOld =
                switch name {
                case .commit(let version), .checkpoint(let version), .checkpointPart(let version, _, _),
                    .uuidCheckpoint(let version, _), .checksum(let version):
                    version < base.version
                case .compaction(let from, _): from <= base.version
                }
            if isOld { plan.paths.append(object.path) }
        }
        if !plan.paths.isEmpty { plan.oldestVersion = base.version }
        plan.paths += try await strandedSidecars(
            objects,
            listing,
            from: base.version,
            before: now - TableProperties.day
        )
        return plan
    }

    /// Sidecars of no checkpoint that stays.
    private func strandedSidecars(
        _ objects: [ObjectAttributes],
        _ listing: LogListing,
        from version: TableVersion,
        before: Int64
    ) async throws -> [String] {
        let sidecars = objects.filter { $0.path.hasPrefix(folder + "_sidecars/") && $0.modified < before }
        guard !sidecars.isEmpty else { return [] }
        var used: Set<String> = []
        for checkpoint in listing.checkpoints
        where checkpoint.version >= version && checkpoint.shape != .parts {
            for file in checkpoint.files {
                for case .sidecar(let sidecar) in try await readPart(
                    file.path,
                    of: checkpoint,
                    content: .state
                ).actions {
                    used.insert(try path(of: sidecar))
                }
            }
        }
        return sidecars.map(\.path).filter { !used.contains($0) }
    }

    /// Deletes what a plan names.
    ///
    /// - Throws: Errors of the store.
    public func perform(_ cleanup: LogCleanup) async throws {
        for path in cleanup.paths { try await store.delete(path) }
    }
}
