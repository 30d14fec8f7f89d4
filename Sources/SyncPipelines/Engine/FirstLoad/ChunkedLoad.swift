import ColumnBatches
import DeltaLog
import DeltaTables
import Logging
import ObjectStores
import ParquetFiles
import SourceConnectors
import Synchronization

/// Loads a large table into an empty partition chunk by chunk, by several readers.
///
/// A chunk is some ranges of the key, and is committed by itself. Broken off anywhere, it goes on after the last chunk that was committed.
struct ChunkedLoad: Sendable {
    let plan: TaskPlan
    let load: LoadPlan
    /// How far earlier runs have come.
    let start: LoadProgress
    let editor: PartitionEditor
    let hasSnapshots: Bool
    /// Takes out rows that cannot be represented; each chunk has one of its own.
    let sieve: RowSieve
    let quarantine: QuarantineRecord
    let limits: Limits
    let logger: Logger
    let tell: @Sendable (TaskEvent) -> Void

    /// What the readers have read: the last chunk is still to be committed.
    struct Outcome: Sendable {
        var rows: UncommittedRows
        var rowsRead: Int
        var notices: [ValueNotice]
        var report: LoadReport
        /// What all chunks of this run set aside.
        var sieve: RowSieve
    }

    /// The rows of a range, so that a chunk is made of several.
    static func rangeRows(_ limits: Limits, expected: Int?) -> Int {
        // A plan of more places would be a large object, and no better.
        max(1, limits.chunkRows / 8, (expected ?? 0) / 20_000)
    }

    /// Reads what is left, and commits all of it but the last chunk.
    ///
    /// - Throws: Errors of the source and the lake; the chunks that were committed before stay.
    func read(by session: some RangedSession) async throws -> Outcome {
        let left = start.ranges..<load.bounds.count
        let readers = max(1, min(limits.readers, left.count))
        let sizer = ChunkSizer(
            maximumRows: limits.chunkRows,
            rangeRows: Self.rangeRows(limits, expected: nil),
            targetBytes: editor.options.targetFileBytes
        )
        let board = ChunkBoard(
            ranges: left,
            readers: readers,
            sizer: sizer,
            firstFileBytes: editor.options.firstFileBytes
        )
        let (written, output) = AsyncStream.makeStream(of: WrittenChunk.self)
        let committer: ChunkCommitter
        do {
            committer = try await withThrowingTaskGroup(of: ChunkCommitter.self) { group in
                group.addTask {
                    var committer = ChunkCommitter(
                        plan: load,
                        board: board,
                        editor: editor,
                        progress: start,
                        sieve: sieve,
                        quarantine: quarantine,
                        tell: tell
                    )
                    try await committer.run(written)
                    return committer
                }
                // What is written is committed, though the readers fail: it is not read again.
                defer { output.finish() }
                let feel = feeling(board, readers)
                try await session.withReaders(readers, of: plan.task.sourceTable, feel: feel) {
                    number,
                    reader,
                    agreement in
                    await board.enter()
                    await announce(agreement, by: number, readers, board)
                    while let chunk = try await board.next(for: number) {
                        output.yield(try await read(chunk, by: reader, board))
                    }
                    await board.note(await reader.takeNotices())
                }
                output.finish()
                guard let committer = try await group.next() else { throw CancellationError() }
                return committer
            }
        } catch {
            await discard(await board.unsettled)
            throw error
        }
        return Outcome(
            rows: UncommittedRows(
                editor: committer.editor,
                content: .files(committer.last?.files ?? [], rowCount: committer.last?.rowCount ?? 0),
                further: committer.finalTransactions
            ),
            rowsRead: committer.progress.rows + (committer.last?.rowCount ?? 0) - start.rows,
            notices: await board.notices,
            report: await report(board),
            sieve: committer.sieve
        )
    }

    /// Tells the board how many readers the server can bear, and the run how quick the server is.
    private func feeling(_ board: ChunkBoard, _ readers: Int) -> @Sendable (SourcePressure) async -> Void {
        let clock = ContinuousClock()
        let begin = clock.now
        let throttle = Mutex(LoadThrottle(readers: readers, lagLimit: limits.replicaLag))
        let logger = logger
        let tell = tell
        return { pressure in
            tell(.answered(pressure.answer))
            let limit = throttle.withLock { $0.record(pressure, at: begin.duration(to: clock.now)) }
            guard await board.setLimit(limit) else { return }
            logger.info(
                "load adapts to the server",
                metadata: [
                    "load.readers": "\(limit)", "source.answer.seconds": "\(pressure.answer.seconds)",
                    "source.lag.seconds": "\(pressure.lag?.seconds ?? 0)",
                ]
            )
        }
    }

    /// Deletes files that no commit will name.
    private func discard(_ chunks: [WrittenChunk]) async {
        let table = editor.lake.table
        for file in chunks.flatMap(\.files) {
            try? await table.store.delete("\(table.path)/\(file.decodedPath)")
        }
    }

    /// Reads a chunk into files of its own.
    private func read(_ chunk: LoadChunk, by reader: some RangedSession, _ board: ChunkBoard) async throws
        -> WrittenChunk
    {
        let table = editor.lake.table
        let clock = ContinuousClock()
        let begin = clock.now
        var options = editor.options
        options.firstFileBytes = chunk.fileBytes
        let writer = table.makeWriter(
            schema: try table.schema(of: editor.snapshot),
            partition: editor.target.partition,
            options: options
        )
        do {
            var sieve = sieve
            let query = plan.query(range: load.range(chunk.ranges), order: load.key)
            for try await batch in try await reader.rows(query, at: .snapshot) {
                try Task.checkCancellation()
                tell(.read(batch.rowCount))
                try await writer.append(editor.marked(plan.conform(sieve.sift(batch).sound)))
            }
            let written = WrittenChunk(
                chunk: chunk,
                files: try await writer.finish(),
                rowCount: writer.rowCount,
                sieve: sieve
            )
            await board.written(written, in: clock.now - begin)
            return written
        } catch {
            await writer.cancel()
            throw error
        }
    }

    private func announce(
        _ agreement: SnapshotAgreement,
        by reader: Int,
        _ readers: Int,
        _ board: ChunkBoard
    ) async {
        guard reader == 0 else { return }
        let agreement = known(agreement)
        await board.agree(agreement)
        logger.info(
            "load in chunks",
            metadata: [
                "load.consistency": "\(agreement.description)", "load.connections": "\(readers)",
                "load.ranges": "\(load.bounds.count)", "load.ranges.before": "\(start.ranges)",
                "load.rows.before": "\(start.rows)",
            ]
        )
    }

    /// What the readers' agreement means for the whole load.
    private func known(_ agreement: SnapshotAgreement) -> SnapshotAgreement {
        if !hasSnapshots { return .notOneInstant("the table's engine has no snapshots") }
        if start.ranges > 0 {
            return .notOneInstant("the load was broken off; what it had committed shows an earlier state")
        }
        return agreement
    }

    private func report(_ board: ChunkBoard) async -> LoadReport {
        let agreement = await board.agreement ?? .notOneInstant("no reader told")
        return LoadReport(
            isOneInstant: agreement.isOneInstant,
            consistency: agreement.description,
            connections: await board.readerCount,
            chunks: await board.handedOut,
            rowsBefore: start.rows
        )
    }
}
