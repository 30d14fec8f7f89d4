import ColumnBatches
public import DeltaLog

extension TableSchema {
    /// The lowest protocol that the column types allow.
    public var minimumProtocol: TableProtocol { minimumProtocol([:]) }

    /// The lowest protocol that the column types and some properties allow.
    public func minimumProtocol(_ properties: [String: String]) -> TableProtocol {
        let wanted = TableProperties(TableMetadata(id: "", schemaString: "", configuration: properties))
        var readerFeatures: [String] = []
        if fields.contains(where: { $0.type.hasWallClock }) { readerFeatures.append("timestampNtz") }
        if wanted.usesDeletionVectors { readerFeatures.append("deletionVectors") }
        if wanted.usesV2Checkpoints { readerFeatures.append("v2Checkpoint") }
        var writerFeatures = readerFeatures
        if wanted.hasInCommitTimestamps { writerFeatures.append("inCommitTimestamp") }
        guard !writerFeatures.isEmpty else { return TableProtocol(minReaderVersion: 1, minWriterVersion: 2) }
        if wanted.isAppendOnly { writerFeatures.append("appendOnly") }
        return TableProtocol(
            minReaderVersion: readerFeatures.isEmpty ? 1 : 3,
            minWriterVersion: 7,
            readerFeatures: readerFeatures.isEmpty ? nil : readerFeatures,
            writerFeatures: writerFeatures
        )
    }
}

extension ColumnType {
    /// Whether the type is a wall clock without zone, or has one within.
    fileprivate var hasWallClock: Bool {
        switch self {
        case .timestampNTZ: true
        case .list(let element): element.type.hasWallClock
        case .map(let key, let value): key.type.hasWallClock || value.type.hasWallClock
        case .structure(let fields): fields.contains { $0.type.hasWallClock }
        default: false
        }
    }
}
