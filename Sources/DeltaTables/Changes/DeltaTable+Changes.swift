public import DeltaLog
import ObjectStores

extension DeltaTable {
    /// The rows that changed in some versions.
    ///
    /// - Parameters:
    ///   - start: The first version whose changes are read.
    ///   - end: The last one; the newest unless given.
    /// - Returns: The changes, read as they are asked for.
    /// - Throws: `DeltaTableError` when the table did not record changes at one of the versions; `DeltaLogError` when a
    ///   version is gone.
    public func changes(from start: TableVersion, to end: TableVersion? = nil) async throws -> ChangeFeed {
        let last = try await snapshot(at: end)
        guard start <= last.version else {
            throw DeltaTableError(
                .changeFeed,
                table: path,
                message:
                    "the changes begin with version \(start), the newest version asked for is \(last.version)"
            )
        }
        var isRecorded = try await snapshot(at: start).metadata.recordsChanges
        var pieces: [ChangeFeed.Piece] = []
        var version = start
        while version <= last.version {
            let commit = try await log.commit(at: version)
            for case .metadata(let metadata) in commit.actions { isRecorded = metadata.recordsChanges }
            let found = try await changes(of: commit)
            guard isRecorded || found.isEmpty else {
                throw DeltaTableError(
                    .changeFeed,
                    table: path,
                    message: "version \(version) changed rows while delta.enableChangeDataFeed was not true; "
                        + "begin with a later version"
                )
            }
            pieces += found
            version = version.next
        }
        return ChangeFeed(store: store, table: path, schema: try schema(of: last), pieces: pieces)
    }

    /// What a commit changed: the files of changes where it has any, else the rows of its adds and removes.
    private func changes(of commit: Commit) async throws -> [ChangeFeed.Piece] {
        let timestamp = commit.info?.inCommitTimestamp ?? commit.info?.timestamp ?? 0
        func piece(_ kind: String?, _ file: AddFile, _ rows: DeletionVector? = nil) -> ChangeFeed.Piece {
            ChangeFeed.Piece(
                kind: kind,
                file: file,
                rows: rows,
                version: commit.version,
                timestamp: timestamp
            )
        }
        var recorded: [ChangeFeed.Piece] = []
        var added: [String: AddFile] = [:]
        var removed: [String: RemoveFile] = [:]
        for action in commit.actions {
            switch action {
            case .change(let file):
                let values = file.partitionValues
                recorded.append(
                    piece(
                        nil,
                        AddFile(
                            path: file.path,
                            partitionValues: values,
                            size: file.size,
                            modificationTime: 0
                        )
                    )
                )
            case .add(let file) where file.dataChange: added[file.decodedPath] = file
            case .remove(let file) where file.dataChange: removed[PartitionPath.decode(file.path)] = file
            default: break
            }
        }
        if !recorded.isEmpty { return recorded }
        var pieces: [ChangeFeed.Piece] = []
        for (path, remove) in removed.sorted(by: { $0.key < $1.key }) {
            let old = try await file(remove)
            guard let new = added.removeValue(forKey: path) else {
                pieces.append(piece("delete", old))
                continue
            }
            let before = try await rows(of: old.deletionVector)
            let after = try await rows(of: new.deletionVector)
            let gone = after.subtracting(before)
            let back = before.subtracting(after)
            if !gone.isEmpty { pieces.append(piece("delete", new, DeletionVector(gone))) }
            if !back.isEmpty { pieces.append(piece("insert", new, DeletionVector(back))) }
        }
        return pieces + added.values.sorted { $0.path < $1.path }.map { piece("insert", $0) }
    }

    private func rows(of vector: DeletionVectorDescriptor?) async throws -> Set<UInt64> {
        guard let vector else { return [] }
        return Set(try await DeletionVector.read(vector, table: path, in: store).rows)
    }

    /// The file that a removal names, as it was.
    private func file(_ remove: RemoveFile) async throws -> AddFile {
        var size = remove.size
        if size == nil {
            let place = try TablePath.locate(remove.path, table: path, in: store)
            size = try await place.store.attributes(of: place.path).map { Int64($0.size) }
        }
        guard let size else {
            throw DeltaTableError(
                .dataFile,
                table: path,
                file: PartitionPath.decode(remove.path),
                message: "the file is gone, and with it what was deleted; read changes from a later version"
            )
        }
        return AddFile(
            path: remove.path,
            partitionValues: remove.partitionValues ?? [:],
            size: size,
            modificationTime: 0,
            deletionVector: remove.deletionVector
        )
    }
}

extension TableMetadata {
    /// Whether commits record which rows they change.
    var recordsChanges: Bool { TableProperties(self).recordsChanges }
}
