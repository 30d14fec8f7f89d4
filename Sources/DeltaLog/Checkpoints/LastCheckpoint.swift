/// The hint where the newest checkpoint is: `_last_checkpoint`.
///
/// It is a hint and no more: it may be missing, old, damaged, or name a checkpoint that is gone.
struct LastCheckpoint: Sendable, Hashable {
    static let fileName = "_last_checkpoint"

    var version: TableVersion
    /// The number of actions.
    var size: Int64
    /// The number of files of a checkpoint in parts.
    var parts: Int?
    /// The size of the checkpoint in bytes.
    var sizeInBytes: Int64?
    /// The number of adds.
    var fileCount: Int64?

    init(version: TableVersion, size: Int64, sizeInBytes: Int64?, fileCount: Int64?) {
        self.version = version
        self.size = size
        self.sizeInBytes = sizeInBytes
        self.fileCount = fileCount
    }

    /// Reads a hint; nil when it is none.
    init?(_ bytes: [UInt8]) {
        guard bytes.count <= 16 << 20, let value = try? JSONParser.parse(bytes[...]),
            let number = value["version"]?.integer, number >= 0
        else { return nil }
        version = TableVersion(number)
        size = value["size"]?.integer ?? 0
        parts = value["parts"]?.integer.map { Int(truncatingIfNeeded: $0) }
        sizeInBytes = value["sizeInBytes"]?.integer
        fileCount = value["numOfAddFiles"]?.integer
    }

    /// The hint as a file.
    var bytes: [UInt8] {
        let members: [String: JSONValue?] = [
            "version": .number(String(version.number)), "size": .number(String(size)),
            "parts": parts.map { .number(String($0)) },
            "sizeInBytes": sizeInBytes.map { .number(String($0)) },
            "numOfAddFiles": fileCount.map { .number(String($0)) },
        ]
        return Array(JSONValue.object(members.compactMapValues { $0 }).text.utf8)
    }
}
