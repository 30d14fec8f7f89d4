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
        let removed = Set(edit.removed.map(\.path))
        for file in edit.added {
            // A file of which more rows are marked stays where it is.
            let isMarked = removed.contains(file.path)
            filesAdded += isMarked ? 0 : 1
            filesRemoved -= isMarked ? 1 : 0
            bytesWritten += isMarked ? Int64(file.deletionVector?.sizeInBytes ?? 0) : file.size
        }
        filesRemoved += edit.removed.count
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
