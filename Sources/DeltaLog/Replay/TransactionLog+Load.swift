import ObjectStores

extension TransactionLog {
    /// Commits are parsed in bundles of about this many bytes, or files.
    private static let bundleBytes = 2 << 20
    private static let bundleFiles = 256

    /// Reads the state of a segment.
    func load(_ segment: LogSegment) async throws -> Snapshot {
        let bytes = segment.pieces.reduce(0) { $0 + $1.file.size }
        var replay = Replay(table: tablePath, expectedFiles: bytes / 1000)
        try await load(commits: segment.pieces, into: &replay)
        if let checkpoint = segment.checkpoint {
            try await load(checkpoint, into: &replay)
        }
        return try replay.snapshot(at: segment.version)
    }

    /// Parses bundles of commits side by side and takes them in order, the newest first.
    private func load(commits: [LogSegment.Piece], into replay: inout Replay) async throws {
        var bundles: [[LogSegment.Piece]] = []
        var size = 0
        for piece in commits.reversed() {
            if bundles.isEmpty || size + piece.file.size > Self.bundleBytes
                || bundles[bundles.count - 1].count >= Self.bundleFiles
            {
                bundles.append([])
                size = 0
            }
            bundles[bundles.count - 1].append(piece)
            size += piece.file.size
        }
        if bundles.count <= 1 {
            for bundle in bundles { try replay.apply(try await ParsedPieces.read(bundle, of: self)) }
            return
        }
        try await withThrowingTaskGroup(of: (Int, ParsedPieces).self) { group in
            var started = 0
            var waiting: [Int: ParsedPieces] = [:]
            var next = 0
            func start() {
                guard started < bundles.count else { return }
                let index = started
                let bundle = bundles[index]
                group.addTask { (index, try await ParsedPieces.read(bundle, of: self)) }
                started += 1
            }
            for _ in 0..<2 { start() }
            while next < bundles.count, let (index, parsed) = try await group.next() {
                waiting[index] = parsed
                while let parsed = waiting.removeValue(forKey: next) {
                    next += 1
                    start()
                    try replay.apply(parsed)
                }
            }
        }
    }

    private func load(_ checkpoint: LogListing.Checkpoint, into replay: inout Replay) async throws {
        var sidecars: [Sidecar] = []
        for file in checkpoint.files {
            let part = try await readPart(file.path, of: checkpoint, content: .state)
            for case .sidecar(let sidecar) in part.actions { sidecars.append(sidecar) }
            try replay.apply(part)
        }
        for sidecar in sidecars {
            let part = try await readPart(try path(of: sidecar), of: checkpoint, content: .state)
            try replay.apply(part)
        }
    }

    /// Reads a file of a checkpoint, JSON here and Parquet by the codec.
    func readPart(
        _ path: String,
        of checkpoint: LogListing.Checkpoint,
        content: CheckpointContent
    ) async throws -> CheckpointPart {
        if path.hasSuffix(".json") {
            return try JSONCheckpoint.read(try await store.read(path), of: checkpoint, table: tablePath)
        }
        guard let codec else {
            throw DeltaLogError(
                .unsupportedFeature,
                table: tablePath,
                version: checkpoint.version,
                message: "the version is in a Parquet checkpoint; open the log with a checkpoint codec"
            )
        }
        do {
            return try await codec.read(path, in: store, content: content)
        } catch let error where !(error is CancellationError) {
            throw DeltaLogError(
                .corruptCheckpoint,
                table: tablePath,
                version: checkpoint.version,
                message: "\(path) cannot be read: \(error)"
            )
        }
    }

    /// Where a sidecar is in the store.
    func path(of sidecar: Sidecar) throws(DeltaLogError) -> String {
        let name = PartitionPath.decode(sidecar.path)
        guard !name.contains("..") else {
            throw DeltaLogError(
                .corruptCheckpoint,
                table: tablePath,
                message: "a sidecar has the path \(name)"
            )
        }
        if let slash = name.lastIndex(of: "/") {
            return folder + "_sidecars/" + name[name.index(after: slash)...]
        }
        return folder + "_sidecars/" + name
    }
}
