/// One version's actions.
public struct Commit: Sendable, Hashable {
    /// The version.
    public var version: TableVersion
    /// The actions in the order of the file; kinds that are not known are left out.
    public var actions: [Action]

    /// Makes a commit.
    public init(version: TableVersion, actions: [Action]) {
        self.version = version
        self.actions = actions
    }

    /// Who did what, where the commit says so.
    public var info: CommitInfo? {
        for case .commitInfo(let info) in actions { return info }
        return nil
    }

    /// The commit as a file: one JSON object a line.
    var bytes: [UInt8] {
        var text = ""
        for action in actions { text += action.json + "\n" }
        return Array(text.utf8)
    }

    /// Reads a commit file.
    ///
    /// - Throws: `DeltaLogError` that names the line that cannot be read, or is there twice.
    init(version: TableVersion, bytes: [UInt8], table: String) throws(DeltaLogError) {
        var actions: [Action] = []
        var seen: Set<String> = []
        try LogLines.read(bytes, table: table, version: version) { scanned throws(ActionFailure) in
            let action: Action
            switch scanned {
            case .add(let file): action = .add(try file.add(bytes))
            case .remove(let file): action = .remove(try file.remove(bytes))
            case .other(let other): action = other
            }
            if let key = action.uniqueKey, !seen.insert(key).inserted {
                throw ActionFailure(reason: "the commit has two actions for \(key)")
            }
            actions.append(action)
        }
        self.init(version: version, actions: actions)
    }
}

/// The lines of a file of JSON actions.
enum LogLines {
    /// Reads the lines one after the other.
    ///
    /// - Throws: `DeltaLogError` that names the line that cannot be read.
    static func read(
        _ bytes: [UInt8],
        table: String,
        version: TableVersion?,
        _ body: (ScannedAction) throws(ActionFailure) -> Void
    ) throws(DeltaLogError) {
        var start = 0
        var number = 0
        while start < bytes.count {
            let end = JSONBytes.lineEnd(bytes, from: start)
            number += 1
            do throws(ActionFailure) {
                var cursor = JSONCursor(bytes, start..<end)
                if let action = try cursor.action() { try body(action) }
            } catch {
                throw DeltaLogError(
                    .corruptCommit,
                    table: table,
                    version: version,
                    line: number,
                    message:
                        "\(error.reason); restore the file from a backup, or remove it if the write never ended"
                )
            }
            start = end + 1
        }
    }
}

extension Action {
    /// What may be in a commit only once.
    fileprivate var uniqueKey: String? {
        switch self {
        case .add(let file):
            "file \(PartitionPath.canonical(file.path)) \(file.deletionVector?.uniqueID ?? "")"
        case .remove(let file):
            "file \(PartitionPath.canonical(file.path)) \(file.deletionVector?.uniqueID ?? "")"
        case .metadata: "metaData"
        case .protocol: "protocol"
        case .transaction(let transaction): "txn \(transaction.appID)"
        case .domain(let domain): "domainMetadata \(domain.domain)"
        case .change, .commitInfo, .sidecar, .checkpointMetadata: nil
        }
    }
}
