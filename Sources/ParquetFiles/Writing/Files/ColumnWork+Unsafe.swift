import ColumnBatches
import Dispatch
import Synchronization

/// Encodes the leaves of some rows, by one thread or by several, and does what else there is to do meanwhile.
enum ColumnWork {
    static func encode(
        _ chunks: [ChunkEncoder],
        _ columns: [Column],
        _ rows: Range<Int>,
        _ workspaces: [EncodingWorkspace],
        alongside: (@Sendable () -> ParquetError?)? = nil
    ) throws(ParquetError) {
        // A page is done before a thread has woken up.
        if workspaces.count == 1 || rows.count < 8192 {
            if let error = alongside?() { throw error }
            for chunk in chunks {
                try chunk.append(columns[chunk.leaf.column], rows: rows, workspaces[0])
            }
            return
        }
        // The largest columns first, so that no thread is left with one at the end.
        let sizes = chunks.map { $0.leaf.byteCount(of: columns[$0.leaf.column], rows: rows) }
        let order = (alongside == nil ? [] : [-1]) + chunks.indices.sorted { sizes[$0] > sizes[$1] }
        let shared = unsafe Shared(
            chunks: chunks,
            columns: columns,
            order: order,
            workspaces: workspaces,
            alongside: alongside
        )
        DispatchQueue.concurrentPerform(iterations: workspaces.count) { worker in
            unsafe shared.work(worker, rows)
        }
        if let error = unsafe shared.firstError { throw error }
    }

    /// What the threads share.
    ///
    /// Each chunk is taken by one thread, as `next` only rises; each workspace belongs to the thread
    /// of its number; and all threads are done before the caller goes on. So nothing is touched by two threads at once.
    @unsafe private final class Shared: @unchecked Sendable {
        private let chunks: [ChunkEncoder]
        private let columns: [Column]
        /// The chunks in the order in which they are taken; -1 is what is done meanwhile.
        private let order: [Int]
        private let workspaces: [EncodingWorkspace]
        private let alongside: (@Sendable () -> ParquetError?)?
        private let next = Atomic(0)
        private let errors = Mutex<[Int: ParquetError]>([:])

        init(
            chunks: [ChunkEncoder],
            columns: [Column],
            order: [Int],
            workspaces: [EncodingWorkspace],
            alongside: (@Sendable () -> ParquetError?)?
        ) {
            unsafe self.chunks = chunks
            unsafe self.columns = columns
            unsafe self.order = order
            unsafe self.workspaces = workspaces
            unsafe self.alongside = alongside
        }

        func work(_ worker: Int, _ rows: Range<Int>) {
            while true {
                let turn = unsafe next.wrappingAdd(1, ordering: .relaxed).oldValue
                guard unsafe turn < order.count else { return }
                let index = unsafe order[turn]
                if index < 0 {
                    if let error = unsafe alongside?() { unsafe errors.withLock { $0[index] = error } }
                    continue
                }
                let chunk = unsafe chunks[index]
                do throws(ParquetError) {
                    try unsafe chunk.append(columns[chunk.leaf.column], rows: rows, workspaces[worker])
                } catch {
                    unsafe errors.withLock { $0[index] = error }
                }
            }
        }

        /// The error of the first column that has one, as a single thread would have thrown it.
        var firstError: ParquetError? {
            unsafe errors.withLock { errors in errors.min { $0.key < $1.key }?.value }
        }
    }
}
