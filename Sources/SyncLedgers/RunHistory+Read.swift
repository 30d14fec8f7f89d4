import ColumnBatches
import DeltaLog
import DeltaTables

/// What the history says of a task's last run.
public struct LastRun: Sendable, Hashable {
    /// The task.
    public var task: TaskIdentity
    /// The run.
    public var runID: String
    /// When it ended, in microseconds since 1970-01-01T00:00:00Z.
    public var finishedAt: Int64
    /// What became of the task.
    public var outcome: String
    /// Rows that the source sent.
    public var rowsRead: Int
    /// The size of the data files that it wrote, in bytes.
    public var bytesWritten: Int
    /// What its mark was worth.
    public var guarantee: String?
    /// What held the mark back.
    public var markHeldBy: String?
    /// The kind of failure.
    public var errorCode: String?
    /// Why it failed.
    public var errorMessage: String?
}

extension RunHistory {
    /// The last run of each task, by the newest files of the history.
    ///
    /// - Parameter files: The most files that are read; each run adds one.
    /// - Returns: The last run of each task that one of those files names.
    /// - Throws: Errors of the history's table.
    public func lastRuns(files: Int = 200) async throws -> [TaskIdentity: LastRun] {
        guard let snapshot = try await history.snapshot() else { return [:] }
        let newest = snapshot.files.sorted { $0.modificationTime > $1.modificationTime }.prefix(files)
        let schema = try history.table.schema(of: snapshot)
        let names = [
            "region", "client_id", "schema", "table_name", "run_id", "finished_at", "outcome", "rows_read",
            "guarantee", "mark_held_by", "error_code", "error_message",
            "bytes_written",
        ]
        var last: [TaskIdentity: LastRun] = [:]
        for file in newest {
            let path = history.table.path
            let reader = try await DataFileReader(file, of: path, schema: schema, in: history.table.store)
            for group in 0..<reader.rowGroupCount {
                let batch = try await reader.rows(ofGroup: group, columns: names)
                for row in 0..<batch.rowCount {
                    let run = LastRun(batch.row(row))
                    if last[run.task].map({ $0.finishedAt < run.finishedAt }) ?? true { last[run.task] = run }
                }
            }
        }
        return last
    }
}

extension LastRun {
    fileprivate init(_ row: [ColumnValue]) {
        func text(_ index: Int) -> String? { if case .string(let text) = row[index] { text } else { nil } }
        func number(_ index: Int) -> Int64 {
            switch row[index] {
            case .integer(let number), .timestamp(let number): number
            default: 0
            }
        }
        task = TaskIdentity(
            region: text(0) ?? "",
            client: text(1) ?? "",
            schema: text(2) ?? "",
            table: text(3) ?? ""
        )
        runID = text(4) ?? ""
        finishedAt = number(5)
        outcome = text(6) ?? ""
        rowsRead = Int(number(7))
        guarantee = text(8)
        markHeldBy = text(9)
        errorCode = text(10)
        errorMessage = text(11)
        bytesWritten = Int(number(12))
    }
}
