import ColumnBatches
import ConnectorTestKit
import DeltaLog
import DeltaTables
import SourceConnectors

/// A first load, chunk by chunk in the order of the key, each with how far it is; in which a bug may be planted.
struct PlantedLoad<Connector: SourceConnector> {
    let setup: SyncSetup<Connector>
    let table: DeltaTable
    let name: String
    /// Whether a chunk is appended before the log says so: one that is broken off there is appended again.
    let repeatsChunks: Bool

    private var partition: [String: String?] {
        ["region": setup.source.region, "client_id": setup.source.client]
    }

    func perform(chunkRows: Int, from start: Snapshot) async throws -> SyncObservation {
        var snapshot = start
        // The mark is that of the moment when the load began.
        let now = try await setup.connector.withSession(for: setup.source) { try await $0.signals().now }
        let mark = snapshot.transactionVersion(name + "/began") ?? (now - 1_000_000)
        var done = Int(snapshot.transactionVersion(name + "/rows") ?? 0)
        var chunks = try await rows()
        let bound = snapshot.transactionVersion(name + "/last") ?? Int64(chunks.count)
        chunks = Array(chunks.prefix(Int(bound)))
        var told = SyncObservation(succeeded: true, mark: mark)
        while done < chunks.count {
            let chunk = chunks[done..<min(done + chunkRows, chunks.count)]
            done += chunk.count
            told.rowsRead += chunk.count
            let state = [
                ApplicationTransaction(appID: name + "/began", version: mark),
                ApplicationTransaction(appID: name + "/last", version: bound),
                ApplicationTransaction(appID: name + "/rows", version: Int64(done)),
            ]
            let end = ApplicationTransaction(appID: name + "/mark", version: mark)
            let files = try await write(Array(chunk), snapshot)
            if repeatsChunks {
                snapshot = try await commit(files, [], snapshot)
                snapshot = try await commit([], state, snapshot)
                if done == chunks.count { _ = try await commit([], [end], snapshot) }
            } else {
                snapshot = try await commit(files, done == chunks.count ? state + [end] : state, snapshot)
            }
        }
        return told
    }

    /// The rows in key order: here nobody writes keys between those that are there.
    private func rows() async throws -> [[ColumnValue]] {
        var query = ReadQuery(table: setup.table.name, columns: setup.table.fields)
        query.order = setup.table.keys
        return try await setup.connector.withSession(for: setup.source) { session in
            var rows: [[ColumnValue]] = []
            for try await batch in try await session.rows(query, at: .snapshot) {
                for row in 0..<batch.rowCount { rows.append(batch.row(row)) }
            }
            try await session.endSnapshot()
            return rows
        }
    }

    private func write(_ rows: [[ColumnValue]], _ snapshot: Snapshot) async throws -> [AddFile] {
        let writer = table.makeWriter(schema: try table.schema(of: snapshot), partition: partition)
        let columns = setup.table.fields.enumerated().map { index, field in
            var builder = ColumnBuilder(field.type)
            for row in rows { builder.append(row[index]) }
            return builder.finish()
        }
        let schema = BatchSchema(setup.table.fields)
        try await writer.append(ColumnBatch(schema: schema, columns: columns, rowCount: rows.count))
        return try await writer.finish()
    }

    private func commit(
        _ files: [AddFile],
        _ transactions: [ApplicationTransaction],
        _ snapshot: Snapshot
    ) async throws -> Snapshot {
        var readSet = ReadSet(partitions: .only([partition]))
        readSet.transactionIDs = Set(transactions.map(\.appID))
        let edit = TableEdit(operation: "WRITE", added: files, transactions: transactions, readSet: readSet)
        _ = try await table.apply(edit, to: snapshot)
        return try await table.snapshot()
    }
}
