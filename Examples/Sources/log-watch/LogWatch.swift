import DeltaLog
import ObjectStores

/// Says what each version of a Delta table did, and up to where tasks are in sync by its log.
///
/// The program links `DeltaLog` and `ObjectStores`: no reader of Parquet, no compressor, no database client. It reads the
/// commits that are there as JSON; a table whose first commits were cleaned up begins at its oldest one.
///
///     swift run log-watch /var/lib/lake/shop/orders
@main
struct LogWatch {
    static func main() async throws {
        guard let folder = CommandLine.arguments.dropFirst().first else {
            print("usage: log-watch TABLE")
            return
        }
        let log = TransactionLog(store: LocalObjectStore(root: folder), tablePath: "")
        for line in try await lines(log) { print(line) }
    }

    /// A line for each commit, the oldest first.
    static func lines(_ log: TransactionLog) async throws -> [String] {
        try await log.history().sorted { $0.version < $1.version }.map(line)
    }

    private static func line(_ commit: Commit) -> String {
        var (added, removed, bytes) = (0, 0, Int64(0))
        var marks: [String] = []
        for action in commit.actions {
            switch action {
            case .add(let file):
                added += 1
                bytes += file.size
            case .remove: removed += 1
            case .transaction(let transaction) where transaction.appID.hasSuffix("/mark"):
                marks.append("\(transaction.version)")
            default: break
            }
        }
        let operation = commit.info?.operation ?? "unknown operation"
        let mark = marks.isEmpty ? "" : ", marks \(marks.sorted().joined(separator: " "))"
        return
            "\(commit.version) \(operation): \(added) files added (\(bytes) bytes), \(removed) removed\(mark)"
    }
}
