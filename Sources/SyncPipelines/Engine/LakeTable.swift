import DeltaLog
import DeltaTables

/// A lake table that the tasks of a process share: one cached snapshot, one commit at a time.
actor LakeTable {
    let table: DeltaTable
    private var cached: Snapshot?
    private var isCommitting = false
    private var waiting: [CheckedContinuation<Void, Never>] = []

    init(_ table: DeltaTable) {
        self.table = table
    }

    /// The newest snapshot; only commits since the last call are read.
    ///
    /// - Throws: `SyncError` with code `notPrepared` when there is no such table.
    func snapshot() async throws -> Snapshot {
        if let cached {
            let newest = try await table.log.update(cached)
            if newest.version > (self.cached?.version ?? cached.version) { self.cached = newest }
            return newest
        }
        guard try await table.exists() else {
            throw SyncError(
                .notPrepared,
                message: "the lake has no table \(table.path); run prepare, which creates it"
            )
        }
        let snapshot = try await table.snapshot()
        cached = snapshot
        return snapshot
    }

    /// Commits an edit; the commits of a process queue up here instead of racing for one version.
    func commit(_ edit: TableEdit, to snapshot: Snapshot) async throws -> TableVersion {
        await begin()
        defer { end() }
        return try await table.apply(edit, to: snapshot)
    }

    private func begin() async {
        guard isCommitting else {
            isCommitting = true
            return
        }
        await withCheckedContinuation { waiting.append($0) }
    }

    private func end() {
        if waiting.isEmpty {
            isCommitting = false
        } else {
            waiting.removeFirst().resume()
        }
    }
}
