import ObjectStores

/// Some commits that lie next to each other, parsed: what replay needs of them, the newest first.
struct ParsedPieces: Sendable {
    /// One file of actions.
    struct Piece: Sendable {
        var version: TableVersion
        /// The adds, by their positions in the builder.
        var added: Range<Int>
        /// The removes, by their positions among the keys.
        var removed: Range<Int>
        /// All other actions.
        var actions: [Action]
    }

    var pieces: [Piece] = []
    var files = FileSegmentBuilder()
    var removed: [FileKey] = []

    /// Reads and parses some files of a log.
    static func read(_ pieces: [LogSegment.Piece], of log: TransactionLog) async throws -> ParsedPieces {
        var parsed = ParsedPieces()
        for piece in pieces {
            try Task.checkCancellation()
            let bytes: [UInt8]
            do {
                bytes = try await log.store.read(piece.file.path)
            } catch let error as ObjectStoreError where error.code == .notFound {
                throw DeltaLogError(
                    .versionMissing,
                    table: log.tablePath,
                    version: piece.versions.upperBound,
                    message: "the commit went while the log was read; open the table again"
                )
            }
            try parsed.append(bytes, of: piece, table: log.tablePath)
        }
        return parsed
    }

    /// Parses a file of actions.
    ///
    /// In a file of several versions the first action of a file is the newest, whatever follows.
    mutating func append(_ bytes: [UInt8], of piece: LogSegment.Piece, table: String) throws(DeltaLogError) {
        let version = piece.versions.upperBound
        var seen = piece.versions.lowerBound < piece.versions.upperBound ? FileKeySet() : nil
        let firstAdd = files.count
        let firstRemove = removed.count
        var actions: [Action] = []
        var files = files
        var removed = removed
        self.files = FileSegmentBuilder()
        self.removed = []
        try LogLines.read(bytes, table: table, version: version) { scanned throws(ActionFailure) in
            switch scanned {
            case .add(let file):
                try files.append(file, bytes)
                if let key = files.keys.last, seen?.insert(key, mark: 0) != nil { files.removeLast() }
            case .remove(let file):
                let key = try file.key(bytes)
                if seen?.insert(key, mark: 0) == nil { removed.append(key) }
            case .other(.change): break
            case .other(let action): actions.append(action)
            }
        }
        self.files = files
        self.removed = removed
        pieces.append(
            Piece(
                version: version,
                added: firstAdd..<self.files.count,
                removed: firstRemove..<self.removed.count,
                actions: actions
            )
        )
    }
}

extension RawFile {
    /// The key of the file that leaves.
    fileprivate func key(_ bytes: [UInt8]) throws(ActionFailure) -> FileKey {
        guard let path else { throw ActionFailure(reason: "\"remove.path\" is missing or of another type") }
        let vector = try deletionVector(bytes)?.uniqueID
        guard path.hasEscapes else { return FileKey(bytes, path.range, deletionVector: vector) }
        return FileKey(path: try JSONCursor(bytes, path.range).text(path), deletionVector: vector)
    }
}
