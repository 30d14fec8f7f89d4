import ColumnBatches
import DeltaLog
import DeltaTables
import FoundationEssentials
import MergePlanning
import ObjectStores
import SyncLedgers

/// Compares one partition of a lake table with what its landings make, and puts that in its place when asked to.
struct TableRebuild: Sendable {
    let task: SyncTask
    let lake: LakeTable
    let bronze: DeltaTable
    let options: DataFileOptions
    let sliceBytes: Int
    /// Whether the lake table is written to.
    let isApplied: Bool

    func run() async throws -> RebuildReport.Task {
        var report = RebuildReport.Task(
            region: task.identity.region,
            client: task.identity.client,
            table: task.template.qualifiedName
        )
        let snapshot = try await lake.snapshot()
        guard try await bronze.exists() else { throw failure("there is no bronze table \(bronze.path)") }
        let landed = try await bronze.snapshot()
        let (transactions, head) = try head(snapshot, landed, &report)
        let chain = try await LandingChain(to: head, of: task.partition, in: bronze, landed)
        let digest = transactions?.definition ?? chain.definition
        guard let definition = try await DefinitionStore(store: bronze.store).load(digest) else {
            throw failure("the definition \(digest), by which the rows landed, is not recorded in the lake")
        }
        let replay = BronzeReplay(
            bronze: bronze,
            snapshot: landed,
            partition: task.partition,
            chain: chain,
            definition: definition,
            schema: try lake.table.schema(of: snapshot),
            options: options,
            sliceBytes: sliceBytes
        )
        let folder = "tributary/rebuild/" + UUID().uuidString.lowercased()
        let scratch = DeltaTable(store: bronze.store, path: folder)
        do {
            let rebuilt = try await replay.run(in: scratch)
            report.landings = chain.landings.count
            report.rows = Self.rowCount(rebuilt.files)
            let isReadable = try await compare(scratch, rebuilt, definition.keys, snapshot, &report)
            if isApplied && (!report.wasEqual || !isReadable) {
                let names = transactions ?? self.names(digest, in: snapshot)
                report.version = try await replace(scratch, rebuilt, snapshot, names, head).number
            }
        } catch {
            await remove(folder)
            throw error
        }
        await remove(folder)
        return report
    }

    /// The landing that the lake table holds; where it never said so, the last one that there is.
    private func head(
        _ snapshot: Snapshot,
        _ landed: Snapshot,
        _ report: inout RebuildReport.Task
    ) throws -> (TaskTransactions?, Int64) {
        let names = self.names("", in: snapshot)
        if let (transactions, landing) = LandingNames.head(of: names, in: snapshot) {
            let own = LandingNames(transactions)
            guard
                snapshot.transactionVersion(own.sequence) == snapshot.transactionVersion(transactions.run)
            else {
                throw failure("rows came to the lake table that did not land: run with \"bronze\" on first")
            }
            return (transactions, landing)
        }
        let last = LandingNames.last(of: task.identity, bronzeID: landed.metadata.id)
        guard let landing = landed.transactionVersion(last) else {
            throw failure("nothing of this client has landed in \(bronze.path)")
        }
        report.notes.append(
            "the lake table does not say which landing it holds: all is taken that landed, and the next run reads "
                + "everything again"
        )
        return (nil, landing)
    }

    private func names(_ definition: String, in snapshot: Snapshot) -> TaskTransactions {
        let names = TaskTransactions(
            task: task.identity,
            tableID: snapshot.metadata.id,
            definition: []
        )
        let base = names.taskPrefix + definition
        return TaskTransactions(run: base + "/run", mark: base + "/mark", definition: definition)
    }

    /// Counts how the lake table differs.
    ///
    /// - Returns: Whether its rows could be read.
    private func compare(
        _ scratch: DeltaTable,
        _ rebuilt: Snapshot,
        _ keys: [String],
        _ snapshot: Snapshot,
        _ report: inout RebuildReport.Task
    ) async throws -> Bool {
        let files = snapshot.files(inPartition: task.partition)
        let held = Self.rowCount(files)
        var found = report
        var known = 0
        do {
            let planner = try MergePlanner(table: lake.table, snapshot: snapshot, partition: task.partition)
            var changes = ChangeSet(keys: keys)
            func count() async throws {
                let plan = try await planner.plan(for: changes)
                found.rowsMissing += plan.insertedCount
                found.rowsChanged += plan.updatedCount
                known += plan.updatedCount + plan.unchangedCount
                changes = ChangeSet(keys: keys)
            }
            let columns = try scratch.schema(of: rebuilt).dataFields.map(\.name)
            for try await batch in try scratch.rows(of: rebuilt, columns: columns) {
                try changes.append(batch)
                if changes.byteCount > sliceBytes { try await count() }
            }
            try await count()
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            report.notes.append("the rows of the lake table cannot be read: \(error)")
            report.rowsMissing = report.rows
            return false
        }
        found.rowsExtra = max(0, held - known)
        report = found
        return true
    }

    /// Puts the rebuilt rows in the place of those of the lake table, with the same mark.
    private func replace(
        _ scratch: DeltaTable,
        _ rebuilt: Snapshot,
        _ snapshot: Snapshot,
        _ names: TaskTransactions,
        _ head: Int64
    ) async throws -> TableVersion {
        let schema = try lake.table.schema(of: snapshot)
        let writer = lake.table.makeWriter(schema: schema, partition: task.partition, options: options)
        let added: [AddFile]
        do {
            let columns = schema.dataFields.map(\.name)
            for try await batch in try scratch.rows(of: rebuilt, columns: columns) {
                try await writer.append(batch)
            }
            added = try await writer.finish()
        } catch {
            await writer.cancel()
            throw error
        }
        let removed = snapshot.files(inPartition: task.partition)
        let state = TaskTransactionState(names: names, snapshot: snapshot)
        var readSet = state.readSet(task.partition)
        readSet.files = Set(removed.map(\.path))
        var edit = TableEdit(operation: "REBUILD", added: added, removed: removed, readSet: readSet)
        edit.transactions = state.next(
            mark: state.previousMark.map { MarkMove($0) },
            files: PartitionFiles(removed).after(edit)
        )
        let landing = LandingNames(names)
        edit.transactions += [
            ApplicationTransaction(appID: landing.landing, version: head),
            ApplicationTransaction(appID: landing.sequence, version: state.sequence + 1),
        ]
        return try await lake.commit(edit, to: snapshot, isUrgent: true)
    }

    private func remove(_ folder: String) async {
        for object in (try? await bronze.store.list(folder + "/", after: nil)) ?? [] {
            try? await bronze.store.delete(object.path)
        }
    }

    private static func rowCount(_ files: [AddFile]) -> Int {
        files.reduce(0) { $0 + ($1.rowCount ?? 0) }
    }

    private func failure(_ message: String) -> SyncError {
        SyncError(.lake, step: "rebuild", task: task.identity, message: message)
    }
}
