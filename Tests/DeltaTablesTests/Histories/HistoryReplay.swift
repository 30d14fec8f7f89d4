import ColumnBatches
import DeltaLog
import DeltaTables
import ObjectStores

/// The commits of a log, replayed in the plainest way: what the table holds at each version.
struct HistoryReplay {
    private(set) var commits: [Commit] = []
    /// The states by version.
    private(set) var states: [HistoryState] = []
    /// The metadata by version.
    private(set) var metadata: [TableMetadata] = []
    /// The files of the newest version, by path and deletion vector.
    private(set) var files: [String: AddFile] = [:]
    /// The paths below the table of all files that any version had.
    private(set) var everNamed: Set<String> = []

    init(_ table: DeltaTable) async throws {
        commits = try await table.log.history().reversed()
        let schema = try table.schema(of: try await table.snapshot(at: 0))
        var rows: [String: [HistoryState.Row]] = [:]
        var state = HistoryState()
        for commit in commits {
            for case .remove(let file) in commit.actions {
                files[Self.key(file.path, file.deletionVector)] = nil
            }
            for action in commit.actions {
                switch action {
                case .add(let file):
                    files[Self.key(file.path, file.deletionVector)] = file
                    everNamed.insert(file.path)
                    if let vector = file.deletionVector?.logPath { everNamed.insert(vector) }
                case .metadata(let newest):
                    metadata.append(newest)
                    state.note = newest.configuration["note"]
                    let names = try StructType(json: newest.schemaString).fields.map(\.name)
                    state.columns = Set(names.filter { $0.hasPrefix("more") })
                case .transaction(let transaction):
                    state.applications[transaction.appID] = transaction.version
                default: break
                }
            }
            if metadata.count <= states.count { metadata.append(metadata[metadata.count - 1]) }
            state.rows = [:]
            for (key, file) in files {
                if rows[key] == nil { rows[key] = try await Self.rows(of: file, table, schema) }
                for row in rows[key] ?? [] { state.add(row) }
            }
            states.append(state)
        }
    }

    static func key(_ path: String, _ vector: DeletionVectorDescriptor?) -> String {
        path + " " + (vector?.uniqueID ?? "")
    }

    private static func rows(of file: AddFile, _ table: DeltaTable, _ schema: TableSchema) async throws
        -> [HistoryState.Row]
    {
        let reader = try await DataFileReader(file, of: table.path, schema: schema, in: table.store)
        var found: [HistoryState.Row] = []
        for group in 0..<reader.rowGroupCount {
            let batch = try await reader.rows(ofGroup: group, columns: ["region", "id", "text"])
            found += rows(of: batch)
        }
        return found
    }

    static func rows(of batch: ColumnBatch) -> [HistoryState.Row] {
        (0..<batch.rowCount).map { row in
            guard case .string(let region) = batch.columns[0][row],
                case .integer(let id) = batch.columns[1][row],
                case .string(let text) = batch.columns[2][row]
            else { return HistoryState.Row(region: "?", id: -1, text: "?") }
            return HistoryState.Row(region: region, id: id, text: text)
        }
    }
}
