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
    /// What reads and writes Parquet checkpoints; without one, tables that need them are refused.
    public let codec: (any CheckpointCodec)?

    /// Names a log; nothing is read yet.
    public init(store: any ObjectStore, tablePath: String, codec: (any CheckpointCodec)? = nil) {
        self.store = store
        self.tablePath = tablePath
        self.codec = codec
    }

    var folder: String { (tablePath.isEmpty ? "" : tablePath + "/") + "_delta_log/" }

    func path(of version: TableVersion) -> String { folder + version.fileName }

    /// Whether the log has a commit or a checkpoint.
    public func exists() async throws -> Bool {
        !LogListing(try await store.list(folder, after: nil), folder: folder).isEmpty
    }

    /// The state of the table, at its newest version or another one.
    ///
    /// - Throws: `DeltaLogError` when there is no log, a commit is damaged or missing, or the table needs a feature
    ///   that is not supported.
    public func snapshot(at version: TableVersion? = nil) async throws -> Snapshot {
        let (hinted, isWhole) = try await listing(upTo: version)
        do {
            return try await snapshot(at: version, from: hinted)
        } catch let error as DeltaLogError where error.code == .corruptCheckpoint && !isWhole {
            // What lies before the checkpoint that the hint names may still tell.
            let whole = LogListing(try await store.list(folder, after: nil), folder: folder)
            do {
                return try await snapshot(at: version, from: whole)
            } catch is DeltaLogError {
                throw error
            }
        }
    }

    private func snapshot(at version: TableVersion?, from listing: LogListing) async throws -> Snapshot {
        var failure: (any Error)?
        for segment in try LogSegment.candidates(of: listing, at: version, table: tablePath) {
            do {
                let snapshot = try await dated(try await load(segment), segment, listing)
                return listing.checksums.isEmpty ? snapshot : snapshot.withChecksums()
            } catch let error as DeltaLogError where error.code == .corruptCheckpoint {
                // Another checkpoint, or the commits alone, may still tell.
                failure = failure ?? error
            }
        }
        throw failure ?? DeltaLogError.notATable(tablePath)
    }

    /// What is in the log: from the newest checkpoint that the hint names, or all of it.
    func listing(upTo version: TableVersion?) async throws -> (LogListing, isWhole: Bool) {
        if let bytes = try? await store.read(folder + LastCheckpoint.fileName),
            let hint = LastCheckpoint(bytes),
            version.map({ $0 >= hint.version }) ?? true
        {
            // The digits alone sort before every file of the version.
            let objects = try await store.list(folder, after: folder + hint.version.digits)
            let listing = LogListing(objects, folder: folder)
            if listing.checkpoints.contains(where: { version == nil || $0.version <= version ?? 0 }) {
                return (listing, false)
            }
        }
        return (LogListing(try await store.list(folder, after: nil), folder: folder), true)
    }

    /// The number of versions that the newest checkpoint does not have.
    public func commitsSinceCheckpoint() async throws -> Int {
        let (listing, _) = try await listing(upTo: nil)
        guard let newest = listing.newest else { return 0 }
        return Int(newest.number - (listing.checkpoints.last?.version.number ?? -1))
    }

    /// A version that only a checkpoint told gets its time from its commit, where that is still there.
    private func dated(_ snapshot: Snapshot, _ segment: LogSegment, _ listing: LogListing) async throws
        -> Snapshot
    {
        guard segment.pieces.isEmpty,
            let file = listing.commits.first(where: { $0.version == snapshot.version }),
            let bytes = try? await store.read(file.path)
        else { return snapshot }
        let line = Array(bytes[..<JSONBytes.lineEnd(bytes, from: 0)])
        let commit = try? Commit(version: snapshot.version, bytes: line, table: tablePath)
        return snapshot.with(timestamp: commit?.info?.inCommitTimestamp ?? commit?.info?.timestamp)
    }

    /// The newest state, by the commits since a snapshot.
    ///
    /// Asks for the next version by its name, which costs one request where nothing was committed.
    public func update(_ snapshot: Snapshot) async throws -> Snapshot {
        var newest = snapshot
        while let commit = try await commitIfThere(newest.version.next) {
            try Task.checkCancellation()
            newest = try newest.applying(commit)
        }
        guard newest.isStale else { return newest }
        // The next commit may be missing because the log was cleaned and goes on far above.
        let listing = LogListing(
            try await store.list(folder, after: folder + newest.version.digits),
            folder: folder
        )
        if let last = listing.newest, last > newest.version { return try await self.snapshot() }
        return newest.checked()
    }

    /// The commit of a version, or nil.
    func commitIfThere(_ version: TableVersion) async throws -> Commit? {
        do {
            return try Commit(
                version: version,
                bytes: try await store.read(path(of: version)),
                table: tablePath
            )
        } catch let error as ObjectStoreError where error.code == .notFound {
            return nil
        }
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
        guard !versions.isEmpty else { throw DeltaLogError.notATable(tablePath) }
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
        try await write(Commit(version: version, actions: actions))
    }

    func write(_ commit: Commit) async throws {
        do {
            try await store.putIfAbsent(path(of: commit.version), commit.bytes)
        } catch let error as ObjectStoreError where error.code == .alreadyExists {
            throw DeltaLogError(
                .versionTaken,
                table: tablePath,
                version: commit.version,
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
}
