#if MariaDB
public import SourceConnectors

extension MariaDBSession: RangedSession {
    /// Opens connections whose snapshots show one state where that can be had, and reads by all of them at once, each on
    /// a thread of its own.
    public func withReaders(
        _ count: Int,
        of table: TableName,
        _ read: @escaping @Sendable (Int, MariaDBSession, SnapshotAgreement) async throws -> Void
    ) async throws {
        let (readers, agreement) = try makeReaders(count, of: table)
        var threads: [SessionThread] = []
        defer {
            for thread in threads { thread.stop() }
            for reader in readers { reader.value.close() }
        }
        let stopper = stopper
        for _ in readers { threads.append(try SessionThread.start()) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (number, (reader, thread)) in zip(readers, threads).enumerated() {
                group.addTask(executorPreference: thread) {
                    try await withTaskCancellationHandler {
                        try await read(number, reader.value, agreement)
                    } onCancel: {
                        // Of the others as well: one reader's end is the end of all.
                        stopper.stop()
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    private func makeReaders(_ count: Int, of table: TableName) throws -> ([HandedOver], SnapshotAgreement) {
        try endStream()
        let keys = try keySQL(of: table)
        var connections: [ServerConnection] = []
        do {
            for _ in 0..<max(count, 1) { connections.append(try makeConnection(.snapshot)) }
            let agreement = try SnapshotOpening(
                connections: connections,
                table: table,
                lock: settings.snapshotLock,
                makeConnection: { try self.makeConnection(.snapshot) }
            ).open()
            let readers = connections.map { HandedOver(value: MariaDBSession(reading: $0, besides: self)) }
            for reader in readers { reader.value.knownKeys[table] = keys }
            return (readers, agreement)
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
