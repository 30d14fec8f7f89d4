import DeltaLog
import DeltaTables
import SourceConnectors

/// Commits the chunks of a load in their order, each with how far the load then is; the last one is kept for the task's
/// own commit, which brings the mark.
struct ChunkCommitter: Sendable {
    let plan: LoadPlan
    let board: ChunkBoard
    let tell: @Sendable (TaskEvent) -> Void
    private(set) var editor: PartitionEditor
    private(set) var progress: LoadProgress
    /// What the chunks so far set aside.
    private(set) var sieve: RowSieve
    private let quarantine: QuarantineRecord
    /// The last chunk, once it is written.
    private(set) var last: WrittenChunk?
    private var pending: [Int: WrittenChunk] = [:]
    private var next = 0

    init(
        plan: LoadPlan,
        board: ChunkBoard,
        editor: PartitionEditor,
        progress: LoadProgress,
        sieve: RowSieve,
        quarantine: QuarantineRecord,
        tell: @escaping @Sendable (TaskEvent) -> Void
    ) {
        self.tell = tell
        self.plan = plan
        self.board = board
        self.editor = editor
        self.progress = progress
        self.sieve = sieve
        self.quarantine = quarantine
    }

    /// Commits what comes until nothing more does.
    ///
    /// - Throws: Errors of the lake; the readers then end as well.
    mutating func run(_ chunks: AsyncStream<WrittenChunk>) async throws {
        do {
            for await chunk in chunks {
                pending[chunk.chunk.number] = chunk
                while let ready = pending.removeValue(forKey: next) {
                    next += 1
                    await board.settling(ready)
                    try await settle(ready)
                    await board.settled()
                }
            }
        } catch {
            await board.fail(error)
            throw error
        }
    }

    /// The transactions that the commit of the last chunk carries.
    var finalTransactions: [ApplicationTransaction] {
        var end = progress
        end.ranges = plan.bounds.count
        end.rows += last?.rowCount ?? 0
        return end.transactions(plan, editor.transactions.names)
    }

    private mutating func settle(_ chunk: WrittenChunk) async throws {
        sieve.join(chunk.sieve)
        // Of which rows these are a share is known once all are read.
        if chunk.chunk.ranges.upperBound < plan.bounds.count {
            try sieve.checkRows()
        } else {
            try sieve.check()
        }
        // Before the commit after which nobody reads these ranges again.
        try await quarantine.setAside(chunk.sieve)
        guard chunk.chunk.ranges.upperBound < plan.bounds.count else {
            last = chunk
            return
        }
        // Ranges without rows count with the next rows that come.
        guard chunk.rowCount > 0 else { return }
        var reached = progress
        reached.ranges = chunk.chunk.ranges.upperBound
        reached.rows += chunk.rowCount
        try await editor.add(
            chunk.files,
            rowCount: chunk.rowCount,
            mark: nil,
            further: reached.transactions(plan, editor.transactions.names)
        )
        progress = reached
        tell(.advanced)
    }
}
