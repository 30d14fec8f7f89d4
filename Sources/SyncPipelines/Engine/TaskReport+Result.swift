import ColumnBatches
import DeltaLog
import IncrementalFilters
import Logging
import SourceConnectors
import StagedChanges
import SyncLedgers

extension TaskReport {
    /// The report of a task that ended well.
    init(task: TaskIdentity, result: TaskResult, attempts: Int, seconds: Double) {
        let counts = result.counts
        let outcome: TaskOutcome =
            result.staged != nil
            ? .staged
            : counts.version == nil || counts.filesAdded + counts.filesRemoved == 0
                ? .unchanged : result.wasFirstLoad ? .loaded : .merged
        self.init(
            region: task.region,
            client: task.client,
            schema: task.schema,
            table: task.table,
            outcome: outcome
        )
        rowsRead = counts.rowsRead
        rowsInserted = counts.inserted
        rowsUpdated = counts.updated
        rowsDeleted = counts.deleted
        rowsUnchanged = counts.unchanged
        rowsQuarantined = result.rowsSetAside
        filesAdded = counts.filesAdded
        filesRemoved = counts.filesRemoved
        bytesWritten = Int(counts.bytesWritten)
        tableVersion = counts.version.map { Int64($0) }
        if let set = result.staged {
            changeSet = set.id
            rowsStaged = set.changeCount
        }
        if let counter = result.counter {
            mark = counter.clock
            markNumber = result.mark?.value
        } else {
            mark = result.staged == nil ? result.mark?.value : result.staged?.previousMark
        }
        guarantee = result.mark?.guarantee.description
        markHeldBy = result.mark?.heldBy
        self.attempts = attempts
        self.seconds = seconds
        warnings = result.warnings
        values = result.notices
        load = result.load
    }

    /// The report of a task that failed.
    init(task: TaskIdentity, failure: SyncError, attempts: Int, seconds: Double) {
        self.init(
            region: task.region,
            client: task.client,
            schema: task.schema,
            table: task.table,
            outcome: .failed
        )
        self.attempts = attempts
        self.seconds = seconds
        error = TaskFailure(code: failure.code.description, step: failure.step, message: failure.message)
    }

    /// The report of a task that another run works on.
    init(task: TaskIdentity, heldBy holder: LeaseHolder) {
        self.init(
            region: task.region,
            client: task.client,
            schema: task.schema,
            table: task.table,
            outcome: .held
        )
        warnings = ["run \(holder.run) on \(holder.host) holds it: process \(holder.process)"]
    }

    /// The task.
    var identity: TaskIdentity { TaskIdentity(region: region, client: client, schema: schema, table: table) }

    /// The path of the lake table below the lake's root.
    var lakePath: String { "\(schema)/\(table)" }

    /// The counts, as metadata of a log line.
    var logMetadata: Logger.Metadata {
        [
            "outcome": "\(outcome.rawValue)", "rows.read": "\(rowsRead)", "rows.inserted": "\(rowsInserted)",
            "rows.updated": "\(rowsUpdated)", "rows.deleted": "\(rowsDeleted)",
            "rows.staged": "\(rowsStaged)", "rows.quarantined": "\(rowsQuarantined)",
            "bytes.written": "\(bytesWritten)",
            "seconds": "\(seconds)", "attempts": "\(attempts)",
        ]
    }
}

extension RunReport {
    /// The rows of the run's history, in the order of `RunHistory.fields`.
    var historyRows: [[ColumnValue]] {
        tasks.map { task in
            [
                .string(runID), .timestamp(startedAt.microseconds), .timestamp(finishedAt.microseconds),
                .string(task.region), .string(task.client), .string(task.schema), .string(task.table),
                .string(task.outcome.rawValue), .integer(Int64(task.rowsRead)),
                .integer(Int64(task.rowsInserted)),
                .integer(Int64(task.rowsUpdated)), .integer(Int64(task.rowsDeleted)),
                .integer(Int64(task.rowsUnchanged)), .integer(Int64(task.filesAdded)),
                .integer(Int64(task.filesRemoved)), .integer(Int64(task.bytesWritten)),
                task.tableVersion.map { .integer($0) } ?? .null, task.mark.map { .timestamp($0) } ?? .null,
                task.guarantee.map { .string($0) } ?? .null, task.markHeldBy.map { .string($0) } ?? .null,
                .integer(Int64(task.attempts)), .double(task.seconds),
                task.error.map { .string($0.code) } ?? .null, task.error.map { .string($0.message) } ?? .null,
            ]
        }
    }
}
