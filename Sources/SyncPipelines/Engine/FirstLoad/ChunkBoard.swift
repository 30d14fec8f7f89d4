import DeltaLog
import SourceConnectors

/// Some ranges of a load that are read, written and committed together.
struct LoadChunk: Sendable, Hashable {
    /// Its number among the chunks of this run, from 0.
    var number: Int
    /// The ranges.
    var ranges: Range<Int>
    /// The size at which its files are closed, in bytes; nil for that of the table's options.
    var fileBytes: Int?
}

/// A chunk whose files are written and not committed.
struct WrittenChunk: Sendable {
    var chunk: LoadChunk
    var files: [AddFile]
    var rowCount: Int
    /// What it set aside.
    var sieve: RowSieve
}

/// Hands the chunks of a load to its readers, and keeps them from running ahead of the commits.
actor ChunkBoard {
    private var remaining: Range<Int>
    private let readers: Int
    private var sizer: ChunkSizer
    /// The size of the first files, in bytes; nil where files are as large as they may be.
    private let firstFileBytes: Int?
    /// The chunks that readers have taken.
    private(set) var handedOut = 0
    private var committed = 0
    /// The readers that may take chunks now.
    private var limit: Int
    private var failure: (any Error)?
    private var waitingForCommit: [Int: WrittenChunk] = [:]
    private var waiting: [Int: CheckedContinuation<Void, any Error>] = [:]
    private var lastTicket = 0
    /// The readers that there are: no more than asked for.
    private(set) var readerCount = 0
    /// What the readers' snapshots have in common.
    private(set) var agreement: SnapshotAgreement?
    /// What the readers read by a rule.
    private(set) var notices: [ValueNotice] = []

    init(ranges: Range<Int>, readers: Int, sizer: ChunkSizer, firstFileBytes: Int?) {
        remaining = ranges
        self.firstFileBytes = firstFileBytes
        self.readers = readers
        self.sizer = sizer
        limit = readers
    }

    /// The next chunk for a reader, once it may take one; nil when none is left.
    ///
    /// A reader that is ahead of the others waits: what is read and not committed is lost when the process dies.
    func next(for reader: Int) async throws -> LoadChunk? {
        while true {
            if let failure { throw failure }
            guard !remaining.isEmpty else { return nil }
            if reader < limit && handedOut - committed < readers * 2 { break }
            try await wait()
        }
        let count = sizer.ranges(remaining: remaining.count, readers: readers)
        let chunk = LoadChunk(
            number: handedOut,
            ranges: remaining.lowerBound..<(remaining.lowerBound + count),
            fileBytes: firstFileBytes.map { sizer.fileBytes(ranges: count, first: $0) }
        )
        remaining = chunk.ranges.upperBound..<remaining.upperBound
        handedOut += 1
        return chunk
    }

    /// Learns from a chunk that is written.
    func written(_ chunk: WrittenChunk, in time: Duration) {
        waitingForCommit[chunk.chunk.number] = chunk
        sizer.record(
            ranges: chunk.chunk.ranges.count,
            rows: chunk.rowCount,
            bytes: chunk.files.reduce(0) { $0 + Int($1.size) },
            time: time
        )
    }

    /// Counts a chunk as one that a commit may name from now on: its files stay, whatever becomes of it.
    func settling(_ chunk: WrittenChunk) { waitingForCommit[chunk.chunk.number] = nil }

    /// Counts a chunk as settled: committed, or last and kept for the task's own commit.
    func settled() {
        committed += 1
        wakeAll()
    }

    /// The chunks that are written and that no commit names.
    var unsettled: [WrittenChunk] { Array(waitingForCommit.values) }

    /// Ends the load for all readers.
    func fail(_ error: any Error) {
        failure = failure ?? error
        wakeAll()
    }

    /// Lets only some readers take further chunks, or none: the server is to be spared.
    ///
    /// - Returns: Whether that is another number than before.
    func setLimit(_ limit: Int) -> Bool {
        guard limit != self.limit else { return false }
        self.limit = limit
        wakeAll()
        return true
    }

    /// A reader is there.
    func enter() { readerCount += 1 }

    func agree(_ agreement: SnapshotAgreement) { self.agreement = agreement }

    func note(_ notices: [ValueNotice]) { self.notices += notices }

    private func wait() async throws {
        lastTicket += 1
        let ticket = lastTicket
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation {
                (continuation: CheckedContinuation<Void, any Error>) in
                if Task.isCancelled {
                    continuation.resume(throwing: CancellationError())
                } else {
                    waiting[ticket] = continuation
                }
            }
        } onCancel: {
            Task { await self.giveUp(ticket) }
        }
    }

    private func giveUp(_ ticket: Int) {
        waiting.removeValue(forKey: ticket)?.resume(throwing: CancellationError())
    }

    private func wakeAll() {
        let all = waiting
        waiting = [:]
        for continuation in all.values { continuation.resume() }
    }
}
