import DeltaLog
public import ObjectStores

/// Which files below a table belong to no version that must be kept.
public struct VacuumPlan: Sendable, Hashable {
    /// The files, in byte order of their paths.
    public var files: [ObjectAttributes] = []
    /// The size of the files in bytes.
    public var byteCount: Int { files.reduce(0) { $0 + $1.size } }
}

extension DeltaTable {
    /// Plans which files can go; nothing is deleted.
    ///
    /// A file goes when the newest version does not have it, it left the table longer than the retention ago or never
    /// belonged to it, and it was written longer ago than that. Folders that begin with `_` or `.` are left alone,
    /// `_change_data` aside, and so is everything outside the table.
    ///
    /// - Parameters:
    ///   - retention: How long files are kept, in milliseconds; what the table's property says unless given.
    ///   - now: The present instant, in milliseconds since 1970-01-01T00:00:00Z; the clock's unless given.
    ///   - allowsShortRetention: Whether a retention below what the table's property says is meant.
    /// - Returns: The plan, for people to look at and for `perform`.
    /// - Throws: `DeltaTableError` when the retention is too short; `DeltaLogError` when the table needs a writer that
    ///   this is not.
    public func planVacuum(
        retention: Int64? = nil,
        now: Int64? = nil,
        allowsShortRetention: Bool = false
    ) async throws -> VacuumPlan {
        let snapshot = try await snapshot()
        try snapshot.checkWritable()
        let standard = TableProperties(snapshot.metadata).deletedFileRetention
        let retention = retention ?? standard
        guard retention >= standard || allowsShortRetention else {
            throw DeltaTableError(
                .retentionTooShort,
                table: path,
                message: "readers and older versions may need files for \(standard / 86_400_000) days; "
                    + "ask for the shorter retention explicitly"
            )
        }
        let cutoff = (now ?? Self.now) - retention
        var kept: Set<String> = []
        func keep(_ logPath: String, _ vector: DeletionVectorDescriptor?) {
            kept.insert(PartitionPath.decode(logPath))
            if let path = vector?.logPath { kept.insert(PartitionPath.decode(path)) }
        }
        for file in snapshot.files { keep(file.path, file.deletionVector) }
        for remove in try await log.tombstones(of: snapshot.version, after: cutoff) {
            keep(remove.path, remove.deletionVector)
        }
        let root = path.isEmpty ? "" : path + "/"
        var plan = VacuumPlan()
        for object in try await store.list(root, after: nil) {
            let name = String(object.path.dropFirst(root.count))
            guard object.modified < cutoff, !kept.contains(name), !Self.isHidden(name) else { continue }
            plan.files.append(object)
        }
        return plan
    }

    /// Deletes the files of a plan.
    ///
    /// - Throws: Errors of the store.
    public func perform(_ plan: VacuumPlan) async throws {
        for file in plan.files {
            try Task.checkCancellation()
            try await store.delete(file.path)
        }
    }

    private static func isHidden(_ name: String) -> Bool {
        if name.hasPrefix("_change_data/") { return false }
        return name.split(separator: "/").contains { part in
            part.hasPrefix(".") || (part.hasPrefix("_") && !part.contains("="))
        }
    }
}
