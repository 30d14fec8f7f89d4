#if SQLite
import SourceConnectors

/// One database file and the connections that a session has with it.
final class DatabaseFile {
    let path: String
    private let settings: SQLiteConnection
    private let stopper: DatabaseStopper
    private let source: Source
    private var reader: Database?
    private var holder: Database?
    private var locker: Database?

    init(path: String, settings: SQLiteConnection, stopper: DatabaseStopper, source: Source) {
        self.path = path
        self.settings = settings
        self.stopper = stopper
        self.source = source
    }

    /// A connection that reads what is committed now.
    func reading() throws(SourceError) -> Database {
        if let reader { return reader }
        let opened = try open(.reading, settings.busyTimeout)
        reader = opened
        return opened
    }

    /// A connection whose reads see one state; the first one opens the snapshot.
    func snapshot() throws(SourceError) -> Database {
        if let holder, holder.isInTransaction { return holder }
        if holder == nil { holder = try open(.reading, settings.busyTimeout) }
        guard let opened = holder else { return try reading() }
        // BEGIN alone takes no snapshot; a first read does.
        try opened.run("BEGIN")
        try opened.run("SELECT 1 FROM sqlite_master LIMIT 1")
        return opened
    }

    func endSnapshot() throws(SourceError) {
        guard let holder, holder.isInTransaction else { return }
        try holder.run("COMMIT")
    }

    /// Runs the body while nobody writes: the write lock is held for its length.
    ///
    /// - Returns: Nil when a writer holds the lock for longer than the settings allow.
    func whileNobodyWrites<Result>(_ body: () -> Result) throws(SourceError) -> Result? {
        if locker == nil { locker = try open(.locking, settings.writerPatience) }
        guard let database = locker else { return nil }
        do throws(SourceError) {
            try database.run("BEGIN IMMEDIATE")
        } catch  where error.code == .interrupted {
            return nil
        }
        let result = body()
        try database.run("ROLLBACK")
        return result
    }

    private func open(_ access: Database.Access, _ timeout: Duration) throws(SourceError) -> Database {
        try Database(path, access, timeout: timeout, stopper: stopper, source: source)
    }
}
#endif
