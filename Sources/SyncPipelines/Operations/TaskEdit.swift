import DeltaLog
import DeltaTables
import FoundationEssentials
import ObjectStores
import SyncLedgers

/// Takes a task's rows out of the lake, or to another region, in one commit with the marks that belong to them.
struct TaskEdit: Sendable {
    let task: SyncTask
    let table: DeltaTable

    /// Removes the rows and the marks.
    func reset() async throws -> TaskReport {
        guard let snapshot = try await snapshot() else { return report(.reset, nil, 0) }
        let files = snapshot.files(inPartition: task.partition)
        var edit = TableEdit(
            operation: "DELETE",
            removed: files,
            readSet: ReadSet(partitions: .only([task.partition]), files: Set(files.map(\.path))),
            operationParameters: ["tributary": "reset"]
        )
        forget(task.identity, snapshot, &edit)
        guard edit.changesData || !edit.transactions.isEmpty else { return report(.reset, nil, 0) }
        let version = try await table.apply(edit, to: snapshot)
        var report = self.report(.reset, version, rows(of: files))
        report.filesRemoved = files.count
        return report
    }

    /// Takes the rows and the marks over from another region: copies of the files, and the same marks under the new name.
    func move(from region: String) async throws -> TaskReport {
        guard let snapshot = try await snapshot() else { return report(.moved, nil, 0) }
        var old = task
        old.identity.region = region
        let files = snapshot.files(inPartition: old.partition)
        guard !files.isEmpty else { return report(.moved, nil, 0) }
        guard snapshot.files(inPartition: task.partition).isEmpty else {
            throw SyncError(
                .movedClient,
                task: task.identity,
                message: "both regions have rows of the client; reset those of one"
            )
        }
        var copies: [AddFile] = []
        do {
            for file in files {
                try Task.checkCancellation()
                copies.append(try await copy(file))
            }
            var edit = TableEdit(
                operation: "MOVE CLIENT",
                added: copies,
                removed: files,
                readSet: ReadSet(
                    partitions: .only([old.partition, task.partition]),
                    files: Set(files.map(\.path))
                ),
                operationParameters: ["from": region, "to": task.identity.region]
            )
            let from = prefix(old.identity, snapshot)
            let to = prefix(task.identity, snapshot)
            for (name, transaction) in snapshot.transactions where name.hasPrefix(from) {
                let new = to + name.dropFirst(from.count)
                guard new != to + "files" else { continue }
                // Run numbers rise whatever the name has seen before.
                let version =
                    name.hasSuffix("/run")
                    ? max(transaction.version, snapshot.transactionVersion(new) ?? 0) + 1
                    : transaction.version
                edit.transactions.append(ApplicationTransaction(appID: new, version: version))
                edit.readSet.transactionIDs.insert(new)
            }
            edit.transactions.append(
                ApplicationTransaction(appID: to + "files", version: PartitionFiles(copies).number)
            )
            forget(old.identity, snapshot, &edit)
            let version = try await table.apply(edit, to: snapshot)
            var report = self.report(.moved, version, 0)
            report.rowsInserted = rows(of: files)
            report.filesAdded = copies.count
            report.filesRemoved = files.count
            report.bytesWritten = copies.reduce(0) { $0 + Int($1.size) }
            return report
        } catch {
            for file in copies { try? await table.store.delete("\(table.path)/\(file.decodedPath)") }
            throw error
        }
    }

    /// Adds to an edit what makes a task one that was never brought: marks of 0, and run numbers that late repetitions do not pass.
    private func forget(_ identity: TaskIdentity, _ snapshot: Snapshot, _ edit: inout TableEdit) {
        let prefix = prefix(identity, snapshot)
        for (name, transaction) in snapshot.transactions where name.hasPrefix(prefix) {
            let version: Int64
            if name.hasSuffix("/run") {
                version = transaction.version + 1
            } else if name.hasSuffix("/mark") || name == prefix + "deletes" {
                version = 0
            } else if name == prefix + "files" {
                version = PartitionFiles([]).number
            } else {
                continue
            }
            edit.transactions.append(ApplicationTransaction(appID: name, version: version))
            edit.readSet.transactionIDs.insert(name)
        }
        edit.transactions.sort { $0.appID < $1.appID }
    }

    private func prefix(_ identity: TaskIdentity, _ snapshot: Snapshot) -> String {
        TaskTransactions(task: identity, tableID: snapshot.metadata.id, definition: []).taskPrefix
    }

    /// A file's bytes under the new partition's name.
    private func copy(_ file: AddFile) async throws -> AddFile {
        let bytes = try await table.store.read("\(table.path)/\(file.decodedPath)")
        let folder = PartitionPath.directory(task.partition, columns: LakeColumns.partition)
        let name = "part-\(UUID().uuidString.lowercased()).zstd.parquet"
        var copy = file
        copy.path = PartitionPath.encode("\(folder)/\(name)")
        copy.partitionValues = task.partition
        copy.modificationTime = Int64(Date().timeIntervalSince1970 * 1000)
        try await table.store.putIfAbsent("\(table.path)/\(copy.decodedPath)", bytes)
        return copy
    }

    private func snapshot() async throws -> Snapshot? {
        try await table.exists() ? try await table.snapshot() : nil
    }

    private func rows(of files: [AddFile]) -> Int { files.reduce(0) { $0 + ($1.rowCount ?? 0) } }

    private func report(_ outcome: TaskOutcome, _ version: TableVersion?, _ deleted: Int) -> TaskReport {
        var report = TaskReport(
            region: task.identity.region,
            client: task.identity.client,
            schema: task.identity.schema,
            table: task.identity.table,
            outcome: outcome
        )
        report.tableVersion = version.map { Int64($0) }
        report.rowsDeleted = deleted
        return report
    }
}
