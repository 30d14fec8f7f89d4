#if MariaDB
import Synchronization

/// What was read of each server when its list of transactions was last known to be fresh.
///
/// The server keeps INNODB_TRX for a tenth of a second after anybody has read it, and so for ever where a program
/// reads it more often. A stale list lacks the transactions that wrote since. Their statements ran when the
/// activity of an earlier, fresh reading was taken, or began after its clock: that reading bounds the mark.
final class FreshActivity: Sendable {
    /// A reading of a server.
    struct Reading: Sendable, Hashable {
        /// The server's clock.
        var now: Int64
        /// The start of the oldest statement then.
        var oldestStatement: Int64?

        /// No row that the stale list hides can have an earlier time.
        var bound: Int64 { min(now, oldestStatement ?? now) }
    }

    private let readings = Mutex<[String: Reading]>([:])

    /// The last fresh reading of a server.
    func reading(of server: String) -> Reading? {
        readings.withLock { $0[server] }
    }

    /// Keeps a fresh reading.
    func record(_ reading: Reading, of server: String) {
        readings.withLock { $0[server] = reading }
    }
}
#endif
