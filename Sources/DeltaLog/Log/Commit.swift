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
        var number = 0
        for line in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
            number += 1
            guard line.contains(where: { $0 != 0x20 && $0 != 0x0D }) else { continue }
            do throws(ActionFailure) {
                guard let action = try Action.parse(line) else { continue }
                if let key = action.uniqueKey, !seen.insert(key).inserted {
                    throw ActionFailure(reason: "the commit has two actions for \(key)")
                }
                actions.append(action)
            } catch {
                throw DeltaLogError(
                    .corruptCommit,
                    table: table,
                    version: version,
                    line: number,
                    message:
                        "\(error.reason); restore the commit file from a backup, or remove it if the write never ended"
                )
            }
        }
        self.init(version: version, actions: actions)
    }
}

extension Action {
    /// What may be in a commit only once.
    fileprivate var uniqueKey: String? {
        switch self {
        case .add(let file): "add \(PartitionPath.canonical(file.path))"
        case .remove(let file): "remove \(PartitionPath.canonical(file.path))"
        case .metadata: "metaData"
        case .protocol: "protocol"
        case .transaction(let transaction): "txn \(transaction.appID)"
        case .commitInfo: nil
        }
    }
}
