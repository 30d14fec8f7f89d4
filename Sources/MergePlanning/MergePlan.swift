public import DeltaLog

/// What a merge does to one partition: files to rewrite or to mark, rows to add, and the counts.
public struct MergePlan: Sendable {
    /// A file of which some rows change.
    struct Rewrite: Sendable {
        var file: AddFile
        /// The number of rows in the file, those that have left the table included.
        var rowCount: Int
        /// The rows to replace or drop, by their position in the file, ascending.
        var edits: [RowEdit]
    }

    struct RowEdit: Sendable {
        var row: Int
        /// The change that replaces the row, or nil when the row goes.
        var change: ChangeSet.Location?
    }

    var changes: ChangeSet
    /// The batches that came with the changes; the batch after them is the rule's own.
    let givenBatches: Int
    let rule: WriteRule
    let partition: [String: String?]
    let filledColumns: Set<String>?
    /// Whether rows that change or go are marked in deletion vectors; else their files are written anew.
    public let marksRows: Bool
    var rewrites: [Rewrite] = []
    var inserts: [ChangeSet.Location] = []
    /// The number of rows that the merge adds.
    public internal(set) var insertedCount = 0
    /// The number of rows that it replaces.
    public internal(set) var updatedCount = 0
    /// The number of rows that it drops, marks as gone, or closes without another version.
    public internal(set) var deletedCount = 0
    /// The number of changes that the lake already holds.
    public internal(set) var unchangedCount = 0

    /// Whether a change sets a column on a row that is there.
    func sets(_ column: String, by change: ChangeSet.Location) -> Bool {
        if change.batch >= givenBatches { return rule.ownColumns.contains(column) }
        return filledColumns?.contains(column) ?? true
    }

    /// Whether a change leaves columns of a row that is there as they are.
    func isPartial(_ change: ChangeSet.Location) -> Bool {
        filledColumns != nil || change.batch >= givenBatches
    }

    /// Whether there is nothing to do.
    public var isEmpty: Bool { rewrites.isEmpty && inserts.isEmpty }

    /// The files of which rows change or go; they are rewritten, or marked.
    public var rewrittenFiles: [AddFile] { rewrites.map(\.file) }
}
