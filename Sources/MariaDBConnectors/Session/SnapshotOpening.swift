#if MariaDB
import ColumnBatches
import SourceConnectors

/// Opens the snapshots of several connections so that they show one committed state, where that can be had.
///
/// First without any lock: a snapshot knows the position of the binlog that it belongs to, and snapshots of one position
/// show one state. Those of other positions than the newest are opened again. Then by a lock, where one is allowed:
/// while it is held, nobody commits.
struct SnapshotOpening {
    let connections: [ServerConnection]
    let table: TableName
    let lock: SnapshotLock
    /// Opens the connection that holds a lock.
    let makeConnection: () throws -> ServerConnection

    /// How long snapshots are opened again until their positions are equal.
    static let patience = Duration.seconds(2)

    /// Opens the snapshots; what was tried in vain is part of the reason.
    func open() throws -> SnapshotAgreement {
        guard connections.count > 1 else {
            for connection in connections { try start(connection) }
            return .oneInstant("one connection reads")
        }
        var reason: String
        switch try openByPosition() {
        case .oneInstant(let how): return .oneInstant(how)
        case .notOneInstant(let why): reason = why
        }
        if lock != .none {
            if try openLocked("LOCK TABLES", " \(SelectStatement.quoted(table)) READ", &reason) {
                return .oneInstant("a read lock on \(table) while the snapshots were opened")
            }
            if try lock == .server && openLocked("FLUSH TABLES", " WITH READ LOCK", &reason) {
                return .oneInstant("a read lock on all tables while the snapshots were opened")
            }
        } else {
            reason += ", and \"snapshotLock\" allows no lock"
        }
        return .notOneInstant(reason)
    }

    private func openByPosition() throws -> SnapshotAgreement {
        let clock = ContinuousClock()
        let start = clock.now
        for connection in connections { try self.start(connection) }
        var rounds = 1
        while true {
            var positions: [Position] = []
            for connection in connections {
                guard let position = try position(connection) else {
                    return .notOneInstant("the server writes no binlog")
                }
                positions.append(position)
            }
            guard let newest = positions.max() else { break }
            if positions.allSatisfy({ $0 == newest }) {
                return .oneInstant("the snapshots' position \(newest.file):\(newest.offset) in the binlog")
            }
            guard clock.now - start < Self.patience else { break }
            for (connection, position) in zip(connections, positions) where position != newest {
                try self.start(connection)
            }
            rounds += 1
        }
        return .notOneInstant("the binlog moved on each time in \(rounds) rounds")
    }

    /// Opens the snapshots under a lock; false, and the reason, when the lock is not to be had.
    private func openLocked(_ statement: String, _ rest: String, _ reason: inout String) throws -> Bool {
        let holder = try makeConnection()
        // Closing it gives the lock back, whatever happens.
        defer { holder.close() }
        do {
            try holder.run(statement + rest)
        } catch let error as SourceError where Self.refusals.contains(error.serverCode ?? 0) {
            reason += "; \(statement) was refused: \(error.message)"
            return false
        }
        for connection in connections { try start(connection) }
        try holder.run("UNLOCK TABLES")
        return true
    }

    /// No such privilege, or not in time.
    private static let refusals: Set<Int> = [1044, 1142, 1205, 1227]

    /// Ends the snapshot that the connection has, and opens another.
    private func start(_ connection: ServerConnection) throws {
        try connection.run("START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY")
    }

    /// A place in the binlog.
    private struct Position: Comparable {
        var file: String
        var offset: Int64

        static func < (left: Position, right: Position) -> Bool {
            (left.file.utf8.count, left.file, left.offset) < (right.file.utf8.count, right.file, right.offset)
        }
    }

    /// The place that the connection's snapshot belongs to, or nil when there is no binlog.
    private func position(_ connection: ServerConnection) throws -> Position? {
        let rows = try connection.values("SHOW STATUS LIKE 'binlog_snapshot_%'", types: [.string, .string])
        let values = Dictionary(rows.map { ($0[0].text.lowercased(), $0[1].text) }, uniquingKeysWith: { $1 })
        guard let file = values["binlog_snapshot_file"], !file.isEmpty,
            let offset = values["binlog_snapshot_position"].flatMap({ Int64($0) })
        else { return nil }
        return Position(file: file, offset: offset)
    }
}
#endif
