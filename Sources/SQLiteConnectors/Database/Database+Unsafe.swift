#if SQLite
import CSQLite
import SourceConnectors

/// An open connection with a database file; used by one thread at a time.
///
/// The pointer to the connection is this object's alone; statements keep the object, and so the connection, alive.
/// The library calls back only inside of calls that are made on it, with a pointer to `patience`, which lives as
/// long as this object does.
@safe final class Database {
    /// What a connection may do.
    enum Access {
        /// Read.
        case reading
        /// Take the write lock.
        case locking
    }

    let source: Source
    private let patience: Patience
    private var handle: OpaquePointer?

    /// Opens a file that is there.
    init(
        _ path: String,
        _ access: Access,
        timeout: Duration,
        stopper: DatabaseStopper,
        source: Source
    ) throws(SourceError) {
        self.source = source
        patience = Patience(stopper: stopper, timeout: timeout)
        let flags = (access == .reading ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE) | SQLITE_OPEN_NOMUTEX
        var opened: OpaquePointer?
        let result = unsafe sqlite3_open_v2(path, &opened, flags, nil)
        unsafe handle = opened
        guard result == SQLITE_OK, let database = unsafe opened else { throw failure(result) }
        unsafe tributary_sqlite_configure(database)
        _ = unsafe sqlite3_extended_result_codes(database, 1)
        let context = unsafe Unmanaged.passUnretained(patience).toOpaque()
        unsafe sqlite3_progress_handler(
            database,
            4_000,
            { context in
                guard let context = unsafe context else { return 0 }
                return unsafe Unmanaged<Patience>.fromOpaque(context).takeUnretainedValue().isOver ? 1 : 0
            },
            context
        )
        _ = unsafe sqlite3_busy_handler(
            database,
            { context, attempts in
                guard let context = unsafe context else { return 0 }
                return unsafe Unmanaged<Patience>.fromOpaque(context).takeUnretainedValue().wait(attempts)
            },
            context
        )
        if access == .reading { try run("PRAGMA query_only = 1") }
    }

    deinit {
        // Statements hold this object, so that none is left.
        unsafe sqlite3_close_v2(handle)
    }

    /// Runs a statement that returns no rows.
    func run(_ sql: String) throws(SourceError) {
        let statement = try Statement(sql, on: self)
        while try statement.step() {}
    }

    /// Whether a transaction is open.
    var isInTransaction: Bool { unsafe handle.map { unsafe sqlite3_get_autocommit($0) == 0 } ?? false }

    /// Prepares a statement; the caller finalises it.
    func prepare(_ sql: String) throws(SourceError) -> OpaquePointer {
        var statement: OpaquePointer?
        let result = unsafe sqlite3_prepare_v2(handle, sql, -1, &statement, nil)
        guard result == SQLITE_OK, let statement = unsafe statement else { throw failure(result) }
        return unsafe statement
    }

    /// What the library says of its last error; a cancellation is one whatever the library was at.
    func failure(_ result: Int32) -> SourceError {
        if patience.stopper.isStopped {
            return SourceError(.cancelled, source: source, message: "the task was cancelled")
        }
        guard let handle = unsafe handle else {
            return ResultCode.error(result, "the library has no memory for a connection", source)
        }
        let code = unsafe sqlite3_extended_errcode(handle)
        let text = unsafe sqlite3_errmsg(handle).map { unsafe String(cString: $0) } ?? ""
        return ResultCode.error(code == SQLITE_OK ? result : code, text, source)
    }
}

/// How long the calls of a connection may wait, and whether they shall end.
private final class Patience: Sendable {
    let stopper: DatabaseStopper
    private let attempts: Int32

    init(stopper: DatabaseStopper, timeout: Duration) {
        self.stopper = stopper
        let milliseconds =
            timeout.components.seconds * 1000 + timeout.components.attoseconds / 1_000_000_000_000_000
        attempts = Int32(clamping: milliseconds / 5)
    }

    var isOver: Bool { stopper.isStopped }

    /// Waits a little; 0 gives up.
    func wait(_ attempt: Int32) -> Int32 {
        guard attempt < attempts, !isOver else { return 0 }
        sqlite3_sleep(5)
        return 1
    }
}
#endif
