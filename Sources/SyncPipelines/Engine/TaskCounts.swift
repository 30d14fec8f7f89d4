import DeltaLog
import DeltaTables
import MergePlanning

/// What a task counted while it worked.
struct TaskCounts: Sendable {
    var rowsRead = 0
    var inserted = 0
    var updated = 0
    var deleted = 0
    var unchanged = 0
    var filesAdded = 0
    var filesRemoved = 0
    var bytesWritten: Int64 = 0
    var version: TableVersion?

    mutating func add(_ edit: TableEdit, version: TableVersion) {
        filesAdded += edit.added.count
        filesRemoved += edit.removed.count
        bytesWritten += edit.added.reduce(0) { $0 + $1.size }
        self.version = version
    }

    /// Takes the rows of a merge.
    mutating func count(_ merge: MergePlan) {
        inserted += merge.insertedCount
        updated += merge.updatedCount
        deleted += merge.deletedCount
        unchanged += merge.unchangedCount
    }
}
