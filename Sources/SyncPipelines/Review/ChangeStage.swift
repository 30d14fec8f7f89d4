import ColumnBatches
import DeltaTables
import MergePlanning
import StagedChanges

/// Writes the changes of one task into the stage instead of the lake, slice by slice.
final class ChangeStage {
    private var set: StagedChangeSet
    private let stage: StageTable
    private let fields: [Field]
    private var writer: StageWriter?

    init(set: StagedChangeSet, stage: StageTable, fields: [Field]) {
        self.set = set
        self.stage = stage
        self.fields = fields
    }

    /// Stages what a merge would do.
    func append(_ merge: MergePlan, editor: PartitionEditor, patched: [[UInt64]: PatchReplay.Patched])
        async throws
    {
        guard !merge.isEmpty else { return }
        let writer: StageWriter
        if let open = self.writer {
            writer = open
        } else {
            writer = try await StageWriter(stage: stage, changeSet: set, lake: fields)
            self.writer = writer
        }
        try await merge.forEachImage(of: editor.lake.table, snapshot: editor.snapshot) { images in
            try await writer.append(images, patched: patched)
        }
    }

    /// Closes the stage; nil when nothing was staged.
    func finish() async throws -> (StagedChangeSet, StagedFiles)? {
        guard let writer else { return nil }
        set.insertedCount = writer.counts[.insert] ?? 0
        set.updatedCount = writer.counts[.update] ?? 0
        set.deletedCount = writer.counts[.delete] ?? 0
        set.patchedCount = writer.patchedCount
        set.digest = writer.digest
        let files = try await writer.finish()
        self.writer = nil
        return (set, files)
    }

    /// Removes what was written.
    func cancel() async { await writer?.cancel() }
}
