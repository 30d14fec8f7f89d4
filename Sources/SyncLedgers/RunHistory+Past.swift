import ColumnBatches
import DeltaLog
import DeltaTables

/// What became of a task in a run.
public struct PastRun: Sendable, Hashable {
    /// The task.
    public var task: TaskIdentity
    /// When the run began, in microseconds since 1970-01-01T00:00:00Z.
    public var startedAt: Int64
    /// When the run ended, in microseconds since 1970-01-01T00:00:00Z.
    public var finishedAt: Int64
    /// What became of the task.
    public var outcome: String
    /// The kind of failure.
    public var errorCode: String?

    /// Makes the memory of a run.
    public init(
        task: TaskIdentity,
        startedAt: Int64,
        finishedAt: Int64,
        outcome: String,
        errorCode: String? = nil
    ) {
        self.errorCode = errorCode
        self.task = task
        self.startedAt = startedAt
        self.finishedAt = finishedAt
        self.outcome = outcome
    }
}

extension RunHistory {
    /// All runs of tasks that ended since an instant, and some that ended before.
    ///
    /// - Parameter since: The instant, in microseconds since 1970-01-01T00:00:00Z.
    /// - Returns: The runs, in no order.
    /// - Throws: Errors of the history's table.
    public func runs(since: Int64) async throws -> [PastRun] {
        guard let snapshot = try await history.snapshot() else { return [] }
        let schema = try history.table.schema(of: snapshot)
        let names = [
            "region", "client_id", "schema", "table_name", "started_at", "finished_at", "outcome",
            "error_code",
        ]
        var runs: [PastRun] = []
        // A file is written after the runs that it tells of; clocks may differ by some minutes.
        for file in snapshot.files where file.modificationTime * 1000 >= since - 600_000_000 {
            let reader = try await DataFileReader(
                file,
                of: history.table.path,
                schema: schema,
                in: history.table.store
            )
            for group in 0..<reader.rowGroupCount {
                let batch = try await reader.rows(ofGroup: group, columns: names)
                for row in 0..<batch.rowCount {
                    if let run = PastRun(batch.row(row)) { runs.append(run) }
                }
            }
        }
        return runs
    }
}

extension PastRun {
    fileprivate init?(_ row: [ColumnValue]) {
        guard case .string(let region) = row[0], case .string(let client) = row[1],
            case .string(let schema) = row[2], case .string(let table) = row[3],
            case .timestamp(let started) = row[4], case .timestamp(let finished) = row[5],
            case .string(let outcome) = row[6]
        else { return nil }
        task = TaskIdentity(region: region, client: client, schema: schema, table: table)
        (startedAt, finishedAt, self.outcome) = (started, finished, outcome)
        if case .string(let code) = row[7] { errorCode = code }
    }
}
