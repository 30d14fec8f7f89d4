/// What a version holds, in numbers: a file beside its commit by which readers notice that they missed something.
///
/// The protocol's section "Version Checksum File". Fields that are not known here are passed over.
public struct VersionChecksum: Sendable, Hashable {
    /// The size of all files in bytes.
    public var byteCount: Int64
    /// The number of files.
    public var fileCount: Int64
    /// What the table is, where the checksum tells.
    public var metadata: TableMetadata?
    /// What readers and writers must be able to do, where the checksum tells.
    public var `protocol`: TableProtocol?
    /// How far each application has come, where the checksum tells.
    public var transactions: [ApplicationTransaction]?
    /// Settings by domain, where the checksum tells.
    public var domains: [DomainMetadata]?
    /// The instant of the version in tables with in-commit timestamps.
    public var inCommitTimestamp: Int64?

    /// The checksum of a snapshot.
    public init(_ snapshot: Snapshot) {
        byteCount = snapshot.byteCount
        fileCount = Int64(snapshot.fileCount)
        metadata = snapshot.metadata
        self.protocol = snapshot.protocol
        transactions = snapshot.transactions.values.sorted { $0.appID < $1.appID }
        domains = snapshot.domains.values.sorted { $0.domain < $1.domain }
        if TableProperties(snapshot.metadata).hasInCommitTimestamps { inCommitTimestamp = snapshot.timestamp }
    }

    /// Reads a checksum; nil when it is none, as a table is whole without it.
    public init?(_ bytes: [UInt8]) {
        guard let value = try? JSONParser.parse(bytes[...]), let size = value["tableSizeBytes"]?.integer,
            let count = value["numFiles"]?.integer
        else { return nil }
        byteCount = size
        fileCount = count
        metadata = value["metadata"].flatMap { try? TableMetadata($0) }
        self.protocol = value["protocol"].flatMap { try? TableProtocol($0) }
        transactions = value["setTransactions"]?.array?.compactMap { try? ApplicationTransaction($0) }
        domains = value["domainMetadata"]?.array?.compactMap { try? DomainMetadata($0) }
        inCommitTimestamp = value["inCommitTimestampOpt"]?.integer
    }

    /// The checksum as a file.
    var bytes: [UInt8] {
        func object(_ members: [String: JSONValue?]?) -> JSONValue? {
            members.map { .object($0.compactMapValues { $0 }) }
        }
        let members: [String: JSONValue?] = [
            "tableSizeBytes": .number(String(byteCount)), "numFiles": .number(String(fileCount)),
            "numMetadata": .number("1"), "numProtocol": .number("1"), "metadata": object(metadata?.members),
            "protocol": object(self.protocol?.members),
            "setTransactions": transactions.map { .array($0.compactMap { object($0.members) }) },
            "domainMetadata": domains.map { .array($0.compactMap { object($0.members) }) },
            "inCommitTimestampOpt": inCommitTimestamp.map { .number(String($0)) },
        ]
        return Array(JSONValue.object(members.compactMapValues { $0 }).text.utf8)
    }

    /// In what a snapshot is other than the checksum says, a sentence each.
    public func differences(from snapshot: Snapshot) -> [String] {
        let found = VersionChecksum(snapshot)
        var differences: [String] = []
        func compare<Value: Equatable>(_ what: String, _ told: Value?, _ found: Value?) {
            guard let told, told != found else { return }
            differences.append("the checksum has another \(what) than the version")
        }
        compare("number of files", fileCount, found.fileCount)
        compare("size", byteCount, found.byteCount)
        compare("table", metadata, found.metadata)
        compare("protocol", self.protocol.map(Self.plain), found.protocol.map(Self.plain))
        compare("list of transactions", transactions.map { Set($0) }, found.transactions.map { Set($0) })
        compare("list of domains", domains.map { Set($0) }, found.domains.map { Set($0) })
        compare("instant", inCommitTimestamp, found.inCommitTimestamp)
        return differences
    }

    /// Features in an order of their own.
    private static func plain(_ proto: TableProtocol) -> TableProtocol {
        TableProtocol(
            minReaderVersion: proto.minReaderVersion,
            minWriterVersion: proto.minWriterVersion,
            readerFeatures: proto.readerFeatures?.sorted(),
            writerFeatures: proto.writerFeatures?.sorted()
        )
    }
}
