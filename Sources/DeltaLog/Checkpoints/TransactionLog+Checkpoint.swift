import FoundationEssentials
import ObjectStores

extension TransactionLog {
    /// Writes a checkpoint of a snapshot, unless its version has one, and points `_last_checkpoint` to it.
    ///
    /// - Throws: `DeltaLogError` when the log was opened without a checkpoint codec; errors of the store.
    public func writeCheckpoint(_ snapshot: Snapshot) async throws {
        guard let codec else {
            throw DeltaLogError(
                .unsupportedFeature,
                table: tablePath,
                message: "checkpoints are Parquet files; open the log with a checkpoint codec"
            )
        }
        let properties = TableProperties(snapshot.metadata)
        var layout = CheckpointLayout()
        layout.writesStatsAsJSON = properties.writesStatsAsJSON
        if properties.writesStatsAsStruct {
            layout.statsSchema = StatisticsSchema.of(snapshot.metadata, snapshot.schema)
            layout.partitionSchema = snapshot.partitionSchema
        }
        let now = Int64(Date().timeIntervalSince1970 * 1000)
        let tombstones = try await tombstones(
            of: snapshot.version,
            after: now - properties.deletedFileRetention
        )
        let start = folder + snapshot.version.digits + ".checkpoint."
        var size: Int64
        do {
            if properties.usesV2Checkpoints && snapshot.protocol.has("v2Checkpoint") {
                size = try await writeV2(snapshot, tombstones, layout, codec, start: start)
            } else {
                let actions = CheckpointActions { piece in
                    try await piece(snapshot.headActions)
                    try await Self.fileActions(snapshot, tombstones, piece)
                }
                size = try await codec.write(actions, to: start + "parquet", in: store, layout: layout)
            }
        } catch let error as ObjectStoreError where error.code == .alreadyExists {
            return  // another writer was first, with the same content
        }
        let count = snapshot.headActions.count + tombstones.count + snapshot.fileCount
        try await point(
            to: LastCheckpoint(
                version: snapshot.version,
                size: Int64(count),
                sizeInBytes: size,
                fileCount: Int64(snapshot.fileCount)
            )
        )
    }

    private static func fileActions(
        _ snapshot: Snapshot,
        _ tombstones: [RemoveFile],
        _ piece: ([Action]) async throws -> Void
    ) async throws {
        try await snapshot.fileSet.forEachPiece { files in try await piece(files.map { .add($0) }) }
        if !tombstones.isEmpty { try await piece(tombstones.map { .remove($0) }) }
    }

    private func writeV2(
        _ snapshot: Snapshot,
        _ tombstones: [RemoveFile],
        _ layout: CheckpointLayout,
        _ codec: any CheckpointCodec,
        start: String
    ) async throws -> Int64 {
        var sidecarLayout = layout
        sidecarLayout.isSidecar = true
        let name = UniqueName.make() + ".parquet"
        let files = CheckpointActions { piece in try await Self.fileActions(snapshot, tombstones, piece) }
        let size = try await codec.write(
            files,
            to: folder + "_sidecars/" + name,
            in: store,
            layout: sidecarLayout
        )
        let sidecar = Sidecar(
            path: name,
            size: size,
            modificationTime: Int64(Date().timeIntervalSince1970 * 1000)
        )
        let head = CheckpointActions { piece in
            try await piece(
                [.checkpointMetadata(version: snapshot.version.number)] + snapshot.headActions + [
                    .sidecar(sidecar)
                ]
            )
        }
        let top = start + UniqueName.make() + ".parquet"
        return try await codec.write(head, to: top, in: store, layout: layout) + size
    }

    /// Moves the hint forward, never back.
    private func point(to checkpoint: LastCheckpoint) async throws {
        let path = folder + LastCheckpoint.fileName
        if let bytes = try? await store.read(path) {
            if let present = LastCheckpoint(bytes), present.version >= checkpoint.version { return }
            try await store.delete(path)
        }
        do {
            try await store.putIfAbsent(path, checkpoint.bytes)
        } catch let error as ObjectStoreError where error.code == .alreadyExists {
            // Another writer pointed meanwhile; a hint may be a little old.
        }
    }

    /// The files that left the table after an instant and have not come back, as of a version.
    public func tombstones(of version: TableVersion, after cutoff: Int64) async throws -> [RemoveFile] {
        let (listing, _) = try await listing(upTo: version)
        guard let segment = try LogSegment.candidates(of: listing, at: version, table: tablePath).first else {
            return []
        }
        var seen = FileKeySet()
        var found: [RemoveFile] = []
        func take(_ remove: RemoveFile) {
            let key = FileKey(path: remove.path, deletionVector: remove.deletionVector?.uniqueID)
            guard seen.insert(key, mark: 0) == nil, (remove.deletionTimestamp ?? 0) > cutoff else { return }
            found.append(remove)
        }
        for piece in segment.pieces.reversed() {
            try Task.checkCancellation()
            let bytes = try await store.read(piece.file.path)
            var removes: [RemoveFile] = []
            try LogLines.read(bytes, table: tablePath, version: piece.versions.upperBound) {
                scanned throws(ActionFailure) in
                switch scanned {
                case .add(let raw):
                    let file = try raw.add(bytes)
                    let key = FileKey(path: file.path, deletionVector: file.deletionVector?.uniqueID)
                    _ = seen.insert(key, mark: 0)
                case .remove(let raw): removes.append(try raw.remove(bytes))
                case .other: break
                }
            }
            removes.forEach(take)
        }
        guard let checkpoint = segment.checkpoint else { return found }
        var paths = checkpoint.files.map(\.path)
        while !paths.isEmpty {
            let path = paths.removeFirst()
            for case .remove(let remove) in try await readPart(path, of: checkpoint, content: .tombstones)
                .actions
            {
                take(remove)
            }
            guard checkpoint.shape != .parts, checkpoint.files.contains(where: { $0.path == path }) else {
                continue
            }
            for case .sidecar(let sidecar) in try await readPart(path, of: checkpoint, content: .state)
                .actions
            {
                paths.append(try self.path(of: sidecar))
            }
        }
        return found
    }
}

extension Snapshot {
    /// The actions of a checkpoint that are not about files.
    var headActions: [Action] {
        [.protocol(self.protocol), .metadata(metadata)]
            + transactions.values.sorted { $0.appID < $1.appID }.map { .transaction($0) }
            + domains.values.sorted { $0.domain < $1.domain }.map { .domain($0) }
    }

    /// The partition columns with their types, under their names in files.
    var partitionSchema: StructType? {
        guard !metadata.partitionColumns.isEmpty else { return nil }
        let fields = metadata.partitionColumns.compactMap { name in schema.fields.first { $0.name == name } }
        return StructType(
            fields: fields.map {
                StructField(name: $0.physicalName(metadata.columnMapping), type: $0.type, isNullable: true)
            }
        )
    }
}
