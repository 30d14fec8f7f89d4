#if MariaDB
import ColumnBatches
import SourceConnectors

/// Opens the snapshots of several connections so that they show one committed state, where that can be had.
///
/// First without any lock: a snapshot knows the position of the binlog that it belongs to, and snapshots of one position
/// show one state. Those of other positions than the newest are opened again. Then by a lock, where one is allowed:
/// while it is held, nobody commits. Where neither is to be had on a server with a binlog, the connections that do show
/// one state read alone.
struct SnapshotOpening {
    let connections: [ServerConnection]
    let table: TableName
    let lock: SnapshotLock
    /// Opens the connection that holds a lock.
    let makeConnection: () throws -> ServerConnection

    /// How long snapshots are opened again until their positions are equal.
    static let patience = Duration.seconds(2)

    /// Opens the snapshots; what was tried in vain is part of the reason.
    ///
    /// - Returns: What the snapshots of the connections have in common, and which connections are to read: fewer than all
    ///   where only these show one state.
    func open() throws -> (agreement: SnapshotAgreement, readers: [Int]) {
        let all = Array(connections.indices)
        guard connections.count > 1 else {
            try start(all)
            return (.oneInstant("one connection reads"), all)
        }
        let positions = try openByPosition()
        if let agreed = positions.agreed, agreed.readers.count == all.count {
            return (.oneInstant("the snapshots' \(agreed.position)"), all)
        }
        var reason =
            positions.agreed == nil
            ? "the server writes no binlog" : "the binlog moved on each time in \(positions.rounds) rounds"
        if lock == .none {
            reason += ", and \"snapshotLock\" allows no lock"
        } else {
            if try openLocked("LOCK TABLES", " \(SelectStatement.quoted(table)) READ", &reason) {
                return (.oneInstant("a read lock on \(table) while the snapshots were opened"), all)
            }
            if try lock == .server && openLocked("FLUSH TABLES", " WITH READ LOCK", &reason) {
                return (.oneInstant("a read lock on all tables while the snapshots were opened"), all)
            }
        }
        guard let agreed = positions.agreed else { return (.notOneInstant(reason), all) }
        let share = "\(agreed.readers.count) of \(all.count) connections read"
        return (.oneInstant("\(share), at the snapshots' \(agreed.position): \(reason)"), agreed.readers)
    }

    /// Connections whose snapshots are of one position.
    private struct Agreed {
        var position: Position
        var readers: [Int]
    }

    /// Opens snapshots until all are of one position; else the most that were at the end.
    private func openByPosition() throws -> (agreed: Agreed?, rounds: Int) {
        let clock = ContinuousClock()
        let begin = clock.now
        try start(Array(connections.indices))
        var rounds = 1
        while true {
            var positions: [Position] = []
            for connection in connections {
                guard let position = try position(connection) else { return (nil, rounds) }
                positions.append(position)
            }
            let groups = Dictionary(grouping: positions.indices) { positions[$0] }
            let largest = groups.max { ($0.value.count, $0.key) < ($1.value.count, $1.key) }
            let agreed = largest.map { Agreed(position: $0.key, readers: $0.value) }
            guard let newest = positions.max(), (groups[newest]?.count ?? 0) < positions.count,
                clock.now - begin < Self.patience
            else { return (agreed, rounds) }
            // Those of the newest position wait for the others, but for a few rounds only: by then the server has long
            // gone on.
            let isFresh = rounds.isMultiple(of: 4)
            try start(positions.indices.filter { isFresh || positions[$0] != newest })
            rounds += 1
        }
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
        try start(Array(connections.indices))
        try holder.run("UNLOCK TABLES")
        return true
    }

    /// No such privilege, or not in time.
    private static let refusals: Set<Int> = [1044, 1142, 1205, 1227]

    /// Ends the snapshots that the connections have, and opens others, all at nearly the same instant.
    private func start(_ numbers: [Int]) throws {
        for number in numbers {
            try connections[number].send("START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY")
        }
        for number in numbers { try connections[number].finish() }
    }

    /// A place in the binlog.
    private struct Position: Comparable, Hashable, CustomStringConvertible {
        var file: String
        var offset: Int64

        var description: String { "position \(file):\(offset) in the binlog" }

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
