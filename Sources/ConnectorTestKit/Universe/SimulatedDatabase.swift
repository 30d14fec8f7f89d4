public import ColumnBatches
public import SourceConnectors
import Synchronization

/// A database server in memory, with transactions, snapshots, and a clock that only moves when it is told to.
///
/// Statements take their time when they begin, and set the cursor of the rows that they write; the rows are seen
/// by others once their transaction is committed, and by uncommitted reads as soon as they are written.
public final class SimulatedDatabase: Sendable {
    /// The clock of a new database: 2023-11-14T22:13:20Z.
    public static let start: Int64 = 1_700_000_000_000_000

    let state: Mutex<SimulatedState>

    /// Makes a database without tables.
    public init(clock: Int64 = SimulatedDatabase.start) {
        state = Mutex(SimulatedState(now: clock))
    }

    /// Makes or replaces a table.
    public func createTable(_ description: TableDescription) {
        state.withLock { $0.tables[description.name] = SimulatedTable(description) }
    }

    /// Changes what the database says of a table; its rows stay as they are.
    public func describe(_ description: TableDescription) {
        state.withLock { $0.tables[description.name]?.describe(description) }
    }

    /// Adds a column to a table; its rows lack the value.
    public func add(_ column: ColumnDescription, to table: TableName) {
        state.withLock { $0.tables[table]?.add(column) }
    }

    /// Removes a column of a table.
    public func drop(_ column: String, of table: TableName) {
        state.withLock { $0.tables[table]?.drop(column) }
    }

    /// The names of a table's columns.
    public func columns(of table: TableName) -> [String] {
        state.withLock { $0.tables[table]?.names ?? [] }
    }

    /// The clock, in microseconds since 1970-01-01T00:00:00Z.
    public var now: Int64 { state.withLock { $0.now } }

    /// Lets time pass, or sets the clock back.
    public func moveClock(_ microseconds: Int64) { state.withLock { $0.now += microseconds } }

    /// How far wall clocks are ahead of UTC, in microseconds.
    public func setZone(_ microseconds: Int64) { state.withLock { $0.zone = microseconds } }

    /// Commits rows as they are, cursor included; for rows that an application or a restore writes.
    public func write(_ rows: [[ColumnValue]], into table: TableName) {
        state.withLock { state in
            for row in rows { state.tables[table]?.write(row) }
        }
    }

    /// Sets the counter of a table, as `TRUNCATE` does.
    public func setCounter(of table: TableName, to number: Int64) {
        state.withLock { $0.tables[table]?.nextNumber = number }
    }

    /// Removes committed rows.
    public func remove(from table: TableName, where isGone: ([ColumnValue]) -> Bool) {
        state.withLock { state in
            for (key, row) in state.tables[table]?.committed ?? [:] where isGone(row) {
                state.tables[table]?.committed[key] = nil
            }
        }
    }

    /// Makes a value of a column one that cannot be represented, in whichever row it stands; nil makes none so again.
    ///
    /// Reads end with an error at such a value, or set it aside where the query asks for that.
    public func refuse(_ value: ColumnValue?, of column: String, in table: TableName) {
        state.withLock { state in
            if let value {
                state.tables[table]?.unrepresentable[column, default: []].insert(value)
            } else {
                state.tables[table]?.unrepresentable[column] = nil
            }
        }
    }

    /// The committed rows, in key order.
    public func rows(of table: TableName) -> [[ColumnValue]] {
        state.withLock { $0.tables[table]?.rows(uncommitted: [], order: []) ?? [] }
    }

    /// Makes the next sessions fail as they open, one by one.
    public func failSessions(with errors: [SourceError]) {
        state.withLock { $0.sessionErrors += errors }
    }

    /// Makes the next read of committed rows break after some rows.
    public func cutRead(after rows: Int) { state.withLock { $0.cutAfter = rows } }

    /// Whether no session can be opened.
    public func setDown(_ isDown: Bool) { state.withLock { $0.isDown = isDown } }

    /// Whether readers beside each other see one state, as they do unless it is said otherwise.
    public func setSnapshotsAgree(_ agree: Bool) { state.withLock { $0.snapshotsAgree = agree } }

    /// Reasons why the signals prove nothing, as the next `signals` tell them.
    public func setLimitations(_ limitations: [String]) { state.withLock { $0.limitations = limitations } }

    /// The queries that were asked so far.
    public var queries: [ReadQuery] { state.withLock { $0.queries } }

    /// The rows that were handed out so far.
    public var rowsHandedOut: Int { state.withLock { $0.rowsHandedOut } }

    /// The sessions that are open.
    public var openSessions: Int { state.withLock { $0.openSessions } }
}

struct SimulatedState: Sendable {
    var now: Int64
    var zone: Int64 = 0
    var tables: [TableName: SimulatedTable] = [:]
    var transactions: [Int: SimulatedTransaction] = [:]
    var limitations: [String] = []
    var isDown = false
    var snapshotsAgree = true
    var sessionErrors: [SourceError] = []
    var cutAfter: Int?
    var queries: [ReadQuery] = []
    var rowsHandedOut = 0
    var openSessions = 0

    init(now: Int64) { self.now = now }

    /// The oldest statement that runs, the oldest transaction that has written, and the clock.
    var signals: MarkSignals {
        let statements = transactions.values.compactMap(\.statement?.began)
        let writers = transactions.values.compactMap(\.firstWrite)
        let holder = transactions.filter { $0.value.firstWrite != nil || $0.value.statement != nil }.keys
            .min()
        return MarkSignals(
            now: now,
            oldestStatement: statements.min(),
            oldestWriter: writers.min(),
            limitations: limitations,
            heldBy: holder.map { "transaction \($0)" },
            server: "simulated"
        )
    }
}
