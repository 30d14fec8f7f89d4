#if MariaDB
import Synchronization

/// Spreads the rows that all sessions of a connector read from one server, so that no second has more than it may.
final class RowBudget: Sendable {
    private let clock = ContinuousClock()
    /// When each server has given what it owed for the rows read so far.
    private let settled = Mutex<[MariaDBConnection.Address: ContinuousClock.Instant]>([:])

    /// Counts rows that were read, and says how long to wait before reading more.
    func take(_ rows: Int, from address: MariaDBConnection.Address, perSecond rate: Int) -> Duration {
        let now = clock.now
        let time = Duration.microseconds(Int64(rows) * 1_000_000 / Int64(max(1, rate)))
        return settled.withLock { settled in
            let end = max(settled[address] ?? now, now).advanced(by: time)
            settled[address] = end
            return now.duration(to: end)
        }
    }
}

/// The budget of one session's server; nil where there is none.
struct RowPace: Sendable {
    let budget: RowBudget
    let address: MariaDBConnection.Address
    let rate: Int

    init?(_ budget: RowBudget, _ settings: MariaDBConnection) {
        guard let rate = settings.rowsPerSecond else { return nil }
        self.budget = budget
        self.address = settings.address
        self.rate = max(1, rate)
    }

    /// How long to wait after reading some rows.
    func pause(after rows: Int) -> Duration { budget.take(rows, from: address, perSecond: rate) }
}
#endif
