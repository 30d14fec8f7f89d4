import ColumnBatches
import DeltaLog
import DeltaTables
import MergePlanning
import StagedChanges

/// Takes the rows of one partition while they are read: into new files where the partition is empty, else to be merged;
/// or all of them into the stage, where people look at them first.
///
/// Rows that are to be merged are collected until they take `sliceBytes`; then they are merged and committed, without
/// moving the mark, or staged, and collecting starts anew. So memory has a bound, and each slice is complete in itself.
/// The last slice leaves the sink as a value, to be committed when the source is no longer needed.
final class ChangeSink {
    private let isUniqueInSource: Bool
    private let sliceBytes: Int
    private var editor: PartitionEditor
    private var writer: DataFileWriter?
    private var changes: ChangeSet
    private let stage: ChangeStage?
    private var replay: PatchReplay
    /// Takes out rows that cannot be represented, before anything else sees them.
    var sieve: RowSieve
    /// What rules did to the rows of the slice, for the stage.
    private var patched: [[UInt64]: PatchReplay.Patched] = [:]

    init(
        editor: PartitionEditor,
        isUniqueInSource: Bool,
        sliceBytes: Int,
        replay: PatchReplay,
        stage: ChangeStage?,
        sieve: RowSieve
    ) throws {
        self.sieve = sieve
        self.editor = editor
        self.isUniqueInSource = isUniqueInSource
        self.sliceBytes = sliceBytes
        self.replay = replay
        self.stage = stage
        changes = editor.target.noChanges
        if editor.isEmpty && isUniqueInSource && stage == nil {
            let table = editor.lake.table
            writer = table.makeWriter(
                schema: try table.schema(of: editor.snapshot),
                partition: editor.target.partition,
                options: editor.options
            )
        }
    }

    /// What becomes of rows that changes meet.
    var rule: WriteRule {
        get { editor.target.rule }
        set { editor.target.rule = newValue }
    }

    /// Stops before too many rows go.
    var valve: DeletionValve? {
        get { editor.valve }
        set { editor.valve = newValue }
    }

    /// Says what the source's clock told before the rows were read.
    func reads(at instant: Int64) { editor.lineage?.syncedAt = instant }

    /// The rules whose source row has changed.
    var staleRules: Set<String> { replay.stale }

    /// Rows of the source as the approved rules make them.
    func patch(_ batch: ColumnBatch) throws -> ColumnBatch {
        guard !replay.isEmpty else { return batch }
        replay.forgetRows()
        return try replay.apply(batch)
    }

    /// Takes rows with the lake's columns.
    func append(_ read: ColumnBatch) async throws {
        // What waits for people is marked when it comes into the lake.
        let batch = stage == nil ? editor.marked(read) : read
        if let writer {
            try await writer.append(batch)
            return
        }
        try changes.append(batch)
        if stage != nil { keepPatched(batch) }
        guard changes.byteCount > sliceBytes && isUniqueInSource else { return }
        if let stage {
            try await stage.append(try await editor.plan(changes), editor: editor, patched: patched)
            patched = [:]
        } else {
            try await editor.merge(changes, mark: nil)
        }
        changes = editor.target.noChanges
    }

    /// Takes the deletions of rows that the source no longer has.
    func deleteUnseen(of index: LakeIndex) {
        index.deleteUnseen(into: &changes)
    }

    /// Takes the deletions of rows by their keys, whose columns are in key order.
    func delete(_ keys: [Column], count: Int) {
        let encoder = RowKeyEncoder(keys)
        var words: [UInt64] = []
        for row in 0..<count where encoder.encode(row: row, into: &words) == nil { changes.delete(words) }
    }

    /// Takes the deletions of rows by their keys.
    func delete(_ keys: RowKeyTable) {
        for number in 0..<keys.count { changes.delete(keys.key(number)) }
    }

    /// Closes the sink; what is left to commit comes back.
    ///
    /// - Throws: `SyncError` with code `quarantine`, before anything is written, where more rows are set aside than may be.
    func finish() async throws -> UncommittedRows {
        try sieve.check()
        if let stage {
            try await stage.append(try await editor.plan(changes), editor: editor, patched: patched)
            if let (set, files) = try await stage.finish() {
                return UncommittedRows(editor: editor, content: .staged(set, files))
            }
            return UncommittedRows(editor: editor, content: .changes(editor.target.noChanges))
        }
        guard let writer else { return UncommittedRows(editor: editor, content: .changes(changes)) }
        let files = try await writer.finish()
        self.writer = nil  // from here on the files belong to the commit
        return UncommittedRows(editor: editor, content: .files(files, rowCount: writer.rowCount))
    }

    /// Removes files that no commit will name.
    func cancel() async {
        await writer?.cancel()
        await stage?.cancel()
    }

    private func keepPatched(_ batch: ColumnBatch) {
        guard !replay.patched.isEmpty else { return }
        let encoder = RowKeyEncoder(editor.target.keys.compactMap { batch.column($0) })
        var words: [UInt64] = []
        for row in 0..<batch.rowCount where encoder.encode(row: row, into: &words) == nil {
            if let mine = replay.patched[words] { patched[words] = mine }
        }
    }
}

/// The last rows of a task, read and not yet committed.
struct UncommittedRows: Sendable {
    /// The rows.
    enum Content: Sendable {
        /// New rows, in files that no commit names yet.
        case files([AddFile], rowCount: Int)
        /// Rows to merge.
        case changes(ChangeSet)
        /// Rows in the stage's files, which no commit names yet.
        case staged(StagedChangeSet, StagedFiles)
    }

    var editor: PartitionEditor
    let content: Content
    /// Transactions that the commit carries beside those of the task.
    var further: [ApplicationTransaction] = []

    /// The bytes of memory that the rows take.
    var byteCount: Int {
        switch content {
        case .files, .staged: 1 << 16
        case .changes(let changes): changes.byteCount
        }
    }

    /// Commits the rows with the mark, or leaving it as it is; without changes nothing is committed unless `evenIfUnchanged`.
    ///
    /// - Returns: What the task counted.
    /// - Throws: Errors of the lake.
    mutating func commit(mark: MarkMove?, evenIfUnchanged: Bool) async throws -> TaskCounts {
        switch content {
        case .files(let files, let rowCount):
            guard !files.isEmpty || evenIfUnchanged else { break }
            try await editor.add(files, rowCount: rowCount, mark: mark, further: further)
        case .changes(let changes):
            try await editor.merge(changes, mark: mark, further: further)
            if let mark, evenIfUnchanged, editor.counts.version == nil {
                try await editor.setMark(mark, further: further)
            }
        case .staged: break
        }
        return editor.counts
    }
}
