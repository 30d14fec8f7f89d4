import ColumnBatches
import ConnectorTestKit
import DeltaLog
import DeltaTables
import IncrementalFilters
import MergePlanning
import SourceConnectors
import SyncLedgers

/// A short copy of the pipeline, in which bugs are planted one at a time.
package struct PlantedPipeline: SyncDriver {
    private let bug: PipelineBug?

    package init(bug: PipelineBug? = nil) {
        self.bug = bug
    }

    package func prepare(_ setup: SyncSetup<some SourceConnector>) async throws {
        try await PipelineDriver().prepare(setup)
    }

    package func lakeRows(_ setup: SyncSetup<some SourceConnector>) async throws -> [[ColumnValue]] {
        try await PipelineDriver().lakeRows(setup)
    }

    package func run(_ setup: SyncSetup<some SourceConnector>) async throws -> SyncObservation {
        guard setup.usesCursor else { return try await PipelineDriver().run(setup) }
        return try await PlantedRun(setup: setup, bug: bug).perform()
    }
}

private struct PlantedRun<Connector: SourceConnector> {
    let setup: SyncSetup<Connector>
    let bug: PipelineBug?

    var table: DeltaTable { DeltaTable(store: setup.lake, path: "kit/\(setup.table.name.table)") }
    var partition: [String: String?] { ["region": setup.source.region, "client_id": setup.source.client] }
    var name: String { "planted/\(setup.source.region)/\(setup.source.client)" }

    private static var ahead: Int64 { 1_500_000 }

    func perform() async throws -> SyncObservation {
        let snapshot = try await table.snapshot()
        // What reads from further back hides a mark that is too far ahead: until somebody trusts the mark.
        let overlap = bug == .marksAhead ? 2 * Self.ahead : 0
        let previous = snapshot.transactionVersion(name + "/mark").map {
            Mark(value: $0 - overlap, guarantee: .proven)
        }
        let sequence = (snapshot.transactionVersion(name + "/run") ?? 0) + 1
        if let rows = setup.chunkRows, previous == nil {
            let load = PlantedLoad(
                setup: setup,
                table: table,
                name: name,
                repeatsChunks: bug == .repeatsChunks
            )
            return try await load.perform(chunkRows: rows, from: snapshot)
        }
        var (changes, mark) = try await read(previous)
        if bug == .takesMaxAsBound { mark.value = max(greatest(changes) ?? 0, previous?.value ?? 0) }
        if bug == .marksAhead { mark.value += Self.ahead }
        if bug == .ledgerBeforeData { try await writeLedger(mark, sequence) }
        if bug == .marksBeforeData {
            let edit = TableEdit(
                operation: "MARK",
                transactions: [ApplicationTransaction(appID: name + "/mark", version: mark.value)],
                readSet: ReadSet(partitions: .nothing)
            )
            _ = try await table.apply(edit, to: snapshot)
        }
        var transactions = [
            ApplicationTransaction(appID: name + "/run", version: sequence),
            ApplicationTransaction(appID: name + "/mark", version: mark.value),
        ]
        if bug == .growsState {
            for row in changes.flatMap({ batch in (0..<batch.rowCount).map { batch.row($0) } }) {
                transactions.append(ApplicationTransaction(appID: name + "/seen/\(row)", version: 1))
            }
        }
        let changed = try await commit(&changes, transactions, snapshot)
        if bug != .ledgerBeforeData { try await writeLedger(mark, sequence) }
        var told = SyncObservation(succeeded: true, mark: mark.value, guarantee: "\(mark.guarantee)")
        told.rowsChanged = changed
        return told
    }

    private func read(_ previous: Mark?) async throws -> ([ColumnBatch], Mark) {
        let fields = setup.table.fields
        return try await setup.connector.withSession(for: setup.source) { session in
            guard let candidate = try await session.describe(setup.table.name)?.cursorCandidates.first else {
                throw SourceError(.missing, message: "no table or no cursor")
            }
            let cursor = Cursor(candidate)
            let policy = MarkPolicy()
            let next = cursor.isCounter ? try await session.counter(cursor.column, of: setup.table.name) : nil
            let signals = try await session.signals()
            let counter = next.map { CounterReading(next: $0, signals: signals, earlier: [], cursor: cursor) }
            // After a step back of the clock everything is read again.
            let isSetBack =
                counter == nil && policy.isSetBack(signals, since: previous, cursor: cursor)
            let previous = isSetBack ? nil : previous
            var probe = InFlightProbe(
                keys: setup.table.keys,
                cursor: cursor.column,
                comparing: fields.map(\.name)
            )
            var query = ReadQuery(table: setup.table.name, columns: fields)
            func window(_ bound: Int64, nulls: Bool) -> CursorWindow {
                CursorWindow(
                    column: cursor.column,
                    type: cursor.type,
                    lowerBound: bound,
                    includesNulls: nulls
                )
            }
            let bound =
                counter.map { policy.probeBound(previous: previous, counter: $0) }
                ?? policy.probeBound(previous: previous, signals: signals, cursor: cursor)
            query.window = window(bound, nulls: false)
            for try await batch in try await session.rows(query, at: .uncommitted) { probe.expect(batch) }
            let from =
                counter != nil
                ? previous?.value : policy.readBound(previous: previous, signals: signals, cursor: cursor)
            query.window = from.map { window($0, nulls: true) }
            var batches: [ColumnBatch] = []
            do {
                for try await batch in try await session.rows(query, at: .snapshot) {
                    probe.observe(batch)
                    batches.append(batch)
                }
                try await session.endSnapshot()
            } catch {
                guard bug == .takesHalfReads else { throw error }
            }
            let mark =
                counter.map {
                    policy.decide(
                        previous: previous,
                        signals: signals,
                        counter: $0,
                        earlier: [],
                        inFlight: probe.oldest,
                        cursor: cursor
                    )
                }
                ?? policy.decide(
                    previous: previous,
                    signals: signals,
                    inFlight: probe.oldest,
                    cursor: cursor
                )
            return (batches, mark)
        }
    }

    private func greatest(_ batches: [ColumnBatch]) -> Int64? {
        batches.flatMap { $0.column(setup.table.cursor)?.values ?? [] }.compactMap { value in
            switch value {
            case .timestamp(let cursor), .integer(let cursor): cursor
            default: nil
            }
        }.max()
    }

    private func commit(
        _ batches: inout [ColumnBatch],
        _ transactions: [ApplicationTransaction],
        _ start: Snapshot
    ) async throws -> Int {
        if bug == .appendsAgain && !batches.isEmpty { return try await append(batches, transactions, start) }
        var changes = ChangeSet(keys: setup.table.keys, version: setup.table.cursor)
        for batch in batches { try changes.append(batch) }
        var snapshot = start
        while true {
            let planner = try MergePlanner(table: table, snapshot: snapshot, partition: partition)
            let plan = try await planner.plan(for: changes)
            if plan.isEmpty && bug != .marksBeforeData { return 0 }
            var edit = try await plan.write(to: table, snapshot: snapshot, transactions: transactions)
            if bug != .replaysBackwards { edit.readSet.transactionIDs = Set(transactions.map(\.appID)) }
            if bug == .marksBeforeData { edit.readSet = ReadSet(partitions: .nothing) }
            do {
                _ = try await table.apply(edit, to: snapshot)
                return plan.insertedCount + plan.updatedCount
            } catch let error as DeltaLogError where error.isConflict && bug == .replaysBackwards {
                snapshot = try await table.snapshot()  // the same old rows on top of newer ones
            }
        }
    }

    private func append(
        _ batches: [ColumnBatch],
        _ transactions: [ApplicationTransaction],
        _ snapshot: Snapshot
    ) async throws -> Int {
        let writer = table.makeWriter(schema: try table.schema(of: snapshot), partition: partition)
        for batch in batches { try await writer.append(batch) }
        let edit = TableEdit(
            operation: "WRITE",
            added: try await writer.finish(),
            transactions: transactions,
            readSet: ReadSet(partitions: .only([partition]))
        )
        _ = try await table.apply(edit, to: snapshot)
        return batches.reduce(0) { $0 + $1.rowCount }
    }

    private func writeLedger(_ mark: Mark, _ sequence: Int64) async throws {
        let task = TaskIdentity(
            region: setup.source.region,
            client: setup.source.client,
            schema: "kit",
            table: setup.table.name.table
        )
        _ = try await SyncLedger(store: setup.lake).reconcile {
            if bug == .ledgerBeforeData {
                return [LedgerEntry(task: task, mark: mark.value, runSequence: sequence, definition: "")]
            }
            let snapshot = try await table.snapshot()
            guard let mark = snapshot.transactionVersion(name + "/mark") else { return [] }
            return [LedgerEntry(task: task, mark: mark, runSequence: sequence, definition: "")]
        }
    }
}
