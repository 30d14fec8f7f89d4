#if MariaDB
import ColumnBatches
public import SourceConnectors

extension MariaDBSession: RangedSession {
    /// Opens connections whose snapshots show one state where that can be had, and reads by all of them at once, each on
    /// a thread of its own.
    public func withReaders(
        _ count: Int,
        of table: TableName,
        feel: @escaping @Sendable (SourcePressure) async -> Void,
        _ read: @escaping @Sendable (Int, MariaDBSession, SnapshotAgreement) async throws -> Void
    ) async throws {
        let (readers, agreement) = try makeReaders(count, of: table)
        var threads: [SessionThread] = []
        defer {
            for thread in threads { shared.threads.give(back: thread) }
            for reader in readers { reader.value.close() }
        }
        let stopper = stopper
        for _ in readers { threads.append(try shared.threads.take()) }
        await feel(try pressure())
        try await withThrowingTaskGroup(of: Bool.self) { group in
            for (number, (reader, thread)) in zip(readers, threads).enumerated() {
                group.addTask(executorPreference: thread) {
                    try await withTaskCancellationHandler {
                        try await read(number, reader.value, agreement)
                    } onCancel: {
                        // Of the others as well: one reader's end is the end of all.
                        stopper.stop()
                    }
                    return true
                }
            }
            var reading = readers.count
            let interval = settings.pressureInterval
            func tick() {
                group.addTask {
                    try? await Task.sleep(for: interval)
                    return false
                }
            }
            tick()
            while reading > 0, let hasEnded = try await group.next() {
                if hasEnded {
                    reading -= 1
                } else {
                    await feel(try pressure())
                    tick()
                }
            }
            group.cancelAll()
        }
    }

    /// How long the server takes to answer, and how far it lags where it is a replica.
    private func pressure() throws -> SourcePressure {
        let control = try control()
        let clock = ContinuousClock()
        let begin = clock.now
        _ = try control.values("SELECT 1", types: [.int64])
        return SourcePressure(answer: clock.now - begin, lag: try replicaLag(control))
    }

    /// How far the server is behind the furthest of those that it replicates; nil when it is no replica, or when the
    /// account may not see that.
    private func replicaLag(_ control: ServerConnection) throws -> Duration? {
        guard !cannotSeeLag else { return nil }
        do {
            let states = try control.textRows("SHOW ALL SLAVES STATUS")
            if states.isEmpty { cannotSeeLag = true }
            return states.compactMap { $0["Seconds_Behind_Master"].flatMap { Int($0) } }.max()
                .map { .seconds($0) }
        } catch let error as SourceError where error.code == .accessDenied {
            cannotSeeLag = true
            return nil
        }
    }

    private func makeReaders(_ count: Int, of table: TableName) throws -> ([HandedOver], SnapshotAgreement) {
        try endStream()
        // The readers bring their own.
        closeIdle()
        let keys = try keySQL(of: table)
        var connections: [ServerConnection] = []
        do {
            for _ in 0..<max(count, 1) { connections.append(try makeConnection(.snapshot)) }
            let opened = try SnapshotOpening(
                connections: connections,
                table: table,
                lock: settings.snapshotLock,
                makeConnection: { try self.makeConnection(.snapshot) }
            ).open()
            for (number, connection) in connections.enumerated() where !opened.readers.contains(number) {
                connection.close()
            }
            let readers = opened.readers.map {
                HandedOver(value: MariaDBSession(reading: connections[$0], besides: self))
            }
            for reader in readers { reader.value.knownKeys[table] = keys }
            return (readers, opened.agreement)
        } catch {
            for connection in connections { connection.close() }
            throw error
        }
    }
}

/// A reader on its way to the thread that uses it alone.
///
/// It is made on the thread of its session, which touches it again only when the reader's task has ended.
private struct HandedOver: @unchecked Sendable {
    let value: MariaDBSession
}
#endif
