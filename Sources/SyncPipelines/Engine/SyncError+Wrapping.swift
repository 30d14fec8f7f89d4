import DeltaLog
import DeltaTables
import MergePlanning
import ObjectStores
import ParquetFiles
import SourceConnectors
import StagedChanges
import SyncLedgers

extension SyncError {
    /// Wraps what a step threw, names the step, and says whether trying again may help.
    init(wrapping error: any Error, task: TaskIdentity) {
        switch error {
        case var known as SyncError:
            if known.task == nil { known.task = task }
            self = known
        case let source as SourceError:
            self.init(
                .source,
                step: "source",
                task: task,
                message: "\(source)",
                underlying: error,
                isTransient: source.isTransient
            )
            retryLimit = source.retryLimit
        case let log as DeltaLogError:
            self.init(
                .lake,
                step: "commit",
                task: task,
                message: "\(log)",
                underlying: error,
                isTransient: log.isConflict
            )
        case is StagedChangesError:
            self.init(.review, step: "review", task: task, message: "\(error)", underlying: error)
        case is MergeError:
            self.init(.merge, step: "merge", task: task, message: "\(error)", underlying: error)
        case is DeltaTableError, is ParquetError, is ObjectStoreError:
            self.init(.lake, step: "lake", task: task, message: "\(error)", underlying: error)
        case is CancellationError:
            self.init(
                .cancelled,
                step: "run",
                task: task,
                message: "the run was cancelled",
                underlying: error
            )
        default:
            self.init(.other, step: "run", task: task, message: "\(error)", underlying: error)
        }
    }

    /// The same failure as one of a run that was cancelled.
    var asCancelled: SyncError {
        guard code != .cancelled else { return self }
        return SyncError(
            .cancelled,
            step: step,
            task: task,
            message: "the run was cancelled: \(message)",
            underlying: underlying
        )
    }
}
