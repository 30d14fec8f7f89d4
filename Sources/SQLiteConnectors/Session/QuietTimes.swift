#if SQLite
import FoundationEssentials
import Synchronization

/// When each file was last found without a writer.
///
/// A transaction that holds the write lock now began after that, and so did the statements that set its cursors.
final class QuietTimes: Sendable {
    private let times = Mutex<[String: Int64]>([:])

    /// The clock when a file was last without a writer.
    func time(of file: String) -> Int64? { times.withLock { $0[file] } }

    /// Keeps that a file is without a writer.
    func record(_ time: Int64, of file: String) { times.withLock { $0[file] = time } }
}

/// The clock of this machine, which is the one that SQLite asks.
enum MachineClock {
    /// Microseconds since 1970.
    static func now() -> Int64 { Int64(Date().timeIntervalSince1970 * 1_000_000) }
}
#endif
