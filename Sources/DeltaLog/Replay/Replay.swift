/// Gathers the state of a table from its log, the newest action first: the first that is met of a file, an application
/// or a domain is the one that counts.
struct Replay {
    private(set) var latestProtocol: TableProtocol?
    private(set) var metadata: TableMetadata?
    private(set) var transactions: [String: ApplicationTransaction] = [:]
    private(set) var domains: [String: DomainMetadata] = [:]
    /// Who made the newest version, and when.
    private(set) var newestInfo: CommitInfo?
    private var seen: FileKeySet
    private var files = FileSegmentBuilder()
    private var ordinal: UInt32 = 0
    private let table: String

    init(table: String, expectedFiles: Int) {
        self.table = table
        seen = FileKeySet(capacity: expectedFiles)
        // Where most actions are removes, room for all would be too much.
        files.reserve(min(expectedFiles, 1 << 17))
    }

    /// Takes commits, the newest first.
    mutating func apply(_ parsed: ParsedPieces) throws(DeltaLogError) {
        let partitions = parsed.files.partitions.values.map { files.partitions.index($0) }
        for piece in parsed.pieces {
            ordinal += 1
            let isFirst = ordinal == 1
            for position in piece.added {
                // A mark is even for an add and odd for a remove.
                if let mark = seen.insert(parsed.files.keys[position], mark: ordinal * 2) {
                    guard mark != ordinal * 2 else { throw repeated(piece.version) }
                    continue
                }
                let partition = partitions[Int(parsed.files.entries[position].partition)]
                files.append(parsed.files, position, partition: partition)
            }
            for key in parsed.removed[piece.removed] {
                if let mark = seen.insert(key, mark: ordinal * 2 + 1), mark / 2 == ordinal {
                    throw repeated(piece.version)
                }
            }
            try apply(piece.actions, version: piece.version, isNewest: isFirst)
        }
    }

    /// Takes the content of a checkpoint, after all commits.
    mutating func apply(_ part: consuming CheckpointPart) throws(DeltaLogError) {
        try apply(part.actions, version: nil, isNewest: false)
        let added = part.files
        let partitions = added.partitions.map { files.partitions.index($0) }
        let source = files.append(added.statistics.map { [$0] } ?? [])
        var start = 0
        for position in 0..<added.count {
            let end = added.pathEnds[position]
            let vector = added.others[position]?.deletionVector?.uniqueID
            let key = FileKey(added.pathBytes, start..<end, deletionVector: vector)
            start = end
            guard seen[key] == nil else { continue }
            files.append(
                added,
                position,
                key: key,
                partition: partitions[added.partitionIndices[position]],
                source: source
            )
        }
    }

    private mutating func apply(_ actions: [Action], version: TableVersion?, isNewest: Bool)
        throws(DeltaLogError)
    {
        var metadataCount = 0
        var protocolCount = 0
        for action in actions {
            switch action {
            case .protocol(let value):
                protocolCount += 1
                if latestProtocol == nil { latestProtocol = value }
            case .metadata(let value):
                metadataCount += 1
                if metadata == nil { metadata = value }
            case .transaction(let value):
                if transactions[value.appID] == nil { transactions[value.appID] = value }
            case .domain(let value): if domains[value.domain] == nil { domains[value.domain] = value }
            case .commitInfo(let info): if isNewest && newestInfo == nil { newestInfo = info }
            case .add, .remove, .change, .sidecar, .checkpointMetadata: break
            }
        }
        if let version, metadataCount > 1 || protocolCount > 1 {
            throw DeltaLogError(
                .corruptCommit,
                table: table,
                version: version,
                message: "the commit has two actions for \(metadataCount > 1 ? "metaData" : "protocol")"
            )
        }
    }

    /// The state.
    consuming func snapshot(at version: TableVersion) throws(DeltaLogError) -> Snapshot {
        guard let latestProtocol else { throw incomplete("protocol") }
        guard let metadata else { throw incomplete("metaData") }
        return try Snapshot(
            table: table,
            version: version,
            protocol: latestProtocol,
            metadata: metadata,
            transactions: transactions,
            domains: domains.filter { !$0.value.isRemoved },
            info: newestInfo,
            files: FileSet(files.finish())
        )
    }

    private func repeated(_ version: TableVersion) -> DeltaLogError {
        DeltaLogError(
            .corruptCommit,
            table: table,
            version: version,
            message: "the commit has two actions for one file; restore it from a backup"
        )
    }

    private func incomplete(_ action: String) -> DeltaLogError {
        DeltaLogError(
            .notATable,
            table: table,
            message: "the log has no \(action) action; it is not the whole log of a table"
        )
    }
}
