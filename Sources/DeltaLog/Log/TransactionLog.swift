public import ObjectStores

/// The transaction log of one table in a store.
///
///     let log = TransactionLog(store: store, tablePath: "shop/orders")
///     let snapshot = try await log.snapshot()
///     print(snapshot.version, snapshot.files.count)
public struct TransactionLog: Sendable {
    /// The store that holds the table.
    public let store: any ObjectStore
    /// The table's path in the store; empty for the store's root.
    public let tablePath: String

    /// Names a log; nothing is read yet.
    public init(store: any ObjectStore, tablePath: String) {
        self.store = store
        self.tablePath = tablePath
    }

    private var folder: String { (tablePath.isEmpty ? "" : tablePath + "/") + "_delta_log/" }

    private func path(of version: TableVersion) -> String { folder + version.fileName }

    /// Whether the log has a commit or a checkpoint.
    public func exists() async throws -> Bool {
        try await store.list(folder, after: nil).contains { object in
            let name = object.path.dropFirst(folder.count)
            return TableVersion(fileName: name) != nil || name.contains(".checkpoint.")
        }
    }

    /// The state of the table, at its newest version or another one.
    ///
    /// - Throws: `DeltaLogError` when there is no log, a commit is damaged or missing, or the table needs a feature
    ///   that is not supported.
    public func snapshot(at version: TableVersion? = nil) async throws -> Snapshot {
        let versions = try await versions(from: 0)
        guard let first = versions.first, let last = versions.last else { throw notATable() }
        guard first == 0 else {
            throw DeltaLogError(
                .unsupportedFeature,
                table: tablePath,
                version: first,
                message:
                    "the first commits are gone and only a checkpoint has them; reading checkpoints is not supported yet"
            )
        }
        try checkContiguous(versions, from: 0)
        let wanted = version ?? last
        guard wanted <= last else {
            throw DeltaLogError(
                .versionMissing,
                table: tablePath,
                version: wanted,
                message: "the newest version is \(last)"
            )
        }
        return try Snapshot(table: tablePath, commits: try await commits(versions.filter { $0 <= wanted }))
    }

    /// The newest state, by the commits since a snapshot.
    public func update(_ snapshot: Snapshot) async throws -> Snapshot {
        var newest = snapshot
        for commit in try await commits(after: snapshot.version) { newest = try newest.applying(commit) }
        return newest
    }

    /// The commits after a version, in order.
    public func commits(after version: TableVersion) async throws -> [Commit] {
        let versions = try await versions(from: version.next)
        try checkContiguous(versions, from: version.next)
        return try await commits(versions)
    }

    /// The newest commits, the newest first.
    public func history(limit: Int = .max) async throws -> [Commit] {
        let versions = try await versions(from: 0)
        guard !versions.isEmpty else { throw notATable() }
        return try await commits(versions.suffix(limit)).reversed()
    }

    /// The commit of a version.
    public func commit(at version: TableVersion) async throws -> Commit {
        do {
            return try Commit(
                version: version,
                bytes: try await store.read(path(of: version)),
                table: tablePath
            )
        } catch let error as ObjectStoreError where error.code == .notFound {
            throw DeltaLogError(
                .versionMissing,
                table: tablePath,
                version: version,
                message: "there is no such commit"
            )
        }
    }

    /// Writes a commit, unless its version is taken.
    ///
    /// - Throws: `DeltaLogError` with code `versionTaken` when another commit was there first.
    public func write(_ actions: [Action], as version: TableVersion) async throws {
        do {
            try await store.putIfAbsent(path(of: version), Commit(version: version, actions: actions).bytes)
        } catch let error as ObjectStoreError where error.code == .alreadyExists {
            throw DeltaLogError(
                .versionTaken,
                table: tablePath,
                version: version,
                message: "another commit was first"
            )
        }
    }

    private func versions(from start: TableVersion) async throws -> [TableVersion] {
        let after = start == 0 ? nil : path(of: TableVersion(start.number - 1))
        return try await store.list(folder, after: after)
            .compactMap { TableVersion(fileName: $0.path.dropFirst(folder.count)) }
            .filter { $0 >= start }
    }

    private func commits(_ versions: [TableVersion]) async throws -> [Commit] {
        var commits: [Commit] = []
        for version in versions {
            try Task.checkCancellation()
            commits.append(try await commit(at: version))
        }
        return commits
    }

    private func checkContiguous(_ versions: [TableVersion], from start: TableVersion) throws {
        var expected = start
        for version in versions {
            guard version == expected else {
                throw DeltaLogError(
                    .versionMissing,
                    table: tablePath,
                    version: expected,
                    message:
                        "the commit is missing although version \(version) is there; restore it from a backup"
                )
            }
            expected = expected.next
        }
    }

    private func notATable() -> DeltaLogError {
        DeltaLogError(
            .notATable,
            table: tablePath,
            message: "there is no Delta table here: the folder has no _delta_log with commits"
        )
    }
}
