import DeltaLog
import SourceConnectors
import SyncLedgers

/// What a schedule can know of its tasks before they start: their hosts, and how many rows they will read.
///
/// A comparison reads what the lake has; a window reads little; a first load is known once its table is described.
struct ExpectedSizes: Sendable {
    let configuration: SyncConfiguration
    let tables: [String: LakeTable]

    func entries(for tasks: [SyncTask]) async -> [FleetSchedule.Entry] {
        var rows: [String: [[String: String?]: Int]] = [:]
        for task in tasks where task.template.isComparison && rows[task.lakePath] == nil {
            let snapshot = try? await tables[task.lakePath]?.snapshot()
            rows[task.lakePath] = snapshot.map(Self.rowsByPartition) ?? [:]
        }
        return tasks.map { task in
            FleetSchedule.Entry(
                region: task.identity.region,
                host: configuration.host(of: task.source.connection),
                expectedRows: task.template.isComparison ? rows[task.lakePath]?[task.partition] : nil
            )
        }
    }

    /// The rows of each partition, by the statistics of its files.
    static func rowsByPartition(_ snapshot: Snapshot) -> [[String: String?]: Int] {
        var rows: [[String: String?]: Int] = [:]
        for file in snapshot.files { rows[file.partitionValues, default: 0] += file.rowCount ?? 0 }
        return rows
    }
}

extension AddFile {
    /// The number of rows that are in the table, where the statistics say so.
    var rowCount: Int? {
        let gone = Int(clamping: deletionVector?.cardinality ?? 0)
        return stats.flatMap { FileStatistics(json: $0) }.map { Int(clamping: $0.numRecords) - gone }
    }
}

extension TableTemplate {
    /// Whether the whole table is compared with the lake, as far as the configuration alone says.
    var isComparison: Bool { cursor == .none || mode == .compare }
}

extension SyncConfiguration {
    /// The server that a connection leads to: connections to one server share its budget.
    func host(of connection: String) -> String {
        guard let settings = connections[connection] else { return connection }
        if let path = settings.socket ?? settings.folder { return path }
        return "\(settings.host ?? connection):\(settings.port)"
    }
}
