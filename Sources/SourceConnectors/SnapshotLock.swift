/// Which locks a connector may take for an instant, to open several snapshots of one state.
///
/// MariaDB needs none where the server writes a binlog: its position tells whether snapshots show one state.
public enum SnapshotLock: String, Sendable, Hashable, CaseIterable {
    /// None: writers are never held up.
    case none
    /// A read lock on the table, which needs the privilege `LOCK TABLES`.
    case table
    /// The same, and where it is not to be had, one on all tables of the server, which needs the privilege `RELOAD`.
    case server
}
