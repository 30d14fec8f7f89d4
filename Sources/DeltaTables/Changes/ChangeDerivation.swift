import ColumnBatches
import DeltaLog

extension DeltaTable {
    /// Edits with their files of changes, where the table records changes and their data files do not tell.
    ///
    /// A version either has files of changes for all that it changes, or none.
    func recordingChanges(of edits: [(edit: TableEdit, base: Snapshot)]) async throws -> [(
        edit: TableEdit, base: Snapshot
    )] {
        func isSilent(_ member: (edit: TableEdit, base: Snapshot)) -> Bool {
            guard TableProperties(member.base.metadata).recordsChanges, member.edit.changesRows else {
                return true
            }
            return member.edit.added.isEmpty || member.edit.removed.isEmpty || member.edit.isToldByFiles
        }
        guard edits.contains(where: { !$0.edit.changes.isEmpty || !isSilent($0) }) else { return edits }
        var recorded = edits
        for index in recorded.indices {
            let (edit, base) = recorded[index]
            guard edit.changes.isEmpty, edit.changesRows, edit.changesData else { continue }
            do {
                recorded[index].edit.changes = try await ChangeDerivation(self, edit, base).run()
            } catch {
                for member in recorded where !member.edit.changes.isEmpty { await discard(member.edit) }
                throw error
            }
        }
        return recorded
    }
}

/// Finds out which rows an edit changes, from the files that come and go.
///
/// Rows that are in both are the same rows; what is left over went, or came, or changed where the edit knows its keys. A
/// partition is looked at by itself: a few bytes for each of its rows, and the changed rows, are in memory.
private struct ChangeDerivation {
    /// Some rows of a file, all that are in the table unless given.
    private struct Source {
        var file: AddFile
        var rows: [UInt64]?
    }

    private let table: DeltaTable
    private let edit: TableEdit
    private let schema: TableSchema
    private let recorder: ChangeRecorder

    init(_ table: DeltaTable, _ edit: TableEdit, _ base: Snapshot) throws {
        self.table = table
        self.edit = edit
        schema = try table.schema(of: base)
        recorder = ChangeRecorder(table, schema: schema)
    }

    func run() async throws -> [ChangeFile] {
        do {
            let partitions = Set((edit.removed + edit.added).map(\.partitionValues))
            for partition in partitions.sorted(by: { "\($0)" < "\($1)" }) { try await derive(partition) }
            return try await recorder.finish()
        } catch {
            await recorder.cancel()
            throw error
        }
    }

    private func derive(_ partition: [String: String?]) async throws {
        let (gone, come) = try await sources(partition)
        let digester = RowDigester()
        var balance: [RowDigest: Int] = [:]
        try await forEachBatch(of: gone) { batch in
            for row in 0..<batch.rowCount {
                balance[digester.digest(batch.columns, row: row), default: 0] += 1
            }
        }
        try await forEachBatch(of: come) { batch in
            for row in 0..<batch.rowCount {
                balance[digester.digest(batch.columns, row: row), default: 0] -= 1
            }
        }
        var before: [ColumnBatch] = []
        var after: [ColumnBatch] = []
        try await forEachBatch(of: gone) { batch in
            let rows = (0..<batch.rowCount).filter { row in
                let digest = digester.digest(batch.columns, row: row)
                guard let left = balance[digest], left > 0 else { return false }
                balance[digest] = left - 1
                return true
            }
            if !rows.isEmpty { before.append(batch.rows(rows)) }
        }
        try await forEachBatch(of: come) { batch in
            let rows = (0..<batch.rowCount).filter { row in
                let digest = digester.digest(batch.columns, row: row)
                guard let left = balance[digest], left < 0 else { return false }
                balance[digest] = left + 1
                return true
            }
            if !rows.isEmpty { after.append(batch.rows(rows)) }
        }
        let all = BatchSchema(schema.fields)
        try await record(.joining(before, schema: all), .joining(after, schema: all))
    }

    private func record(_ before: ColumnBatch, _ after: ColumnBatch) async throws {
        let keys = edit.keyColumns.compactMap { name in after.column(name).map { (before.column(name), $0) } }
        var old: [RowDigest: Int] = [:]
        var updated: [(Int, Int)] = []
        if !keys.isEmpty, keys.count == edit.keyColumns.count {
            let digester = RowDigester()
            let (left, right) = (keys.compactMap(\.0), keys.map(\.1))
            for row in 0..<before.rowCount { old[digester.digest(left, row: row)] = row }
            for row in 0..<after.rowCount {
                if let match = old.removeValue(forKey: digester.digest(right, row: row)) {
                    updated.append((match, row))
                }
            }
        }
        let (oldRows, newRows) = (Set(updated.map(\.0)), Set(updated.map(\.1)))
        try await append(before, (0..<before.rowCount).filter { !oldRows.contains($0) }, .delete)
        try await append(after, (0..<after.rowCount).filter { !newRows.contains($0) }, .insert)
        try await append(before, updated.map(\.0), .before)
        try await append(after, updated.map(\.1), .after)
    }

    private func append(_ batch: ColumnBatch, _ rows: [Int], _ kind: ChangeRecorder.Kind) async throws {
        guard !rows.isEmpty else { return }
        try await recorder.append(batch.rows(rows), kind)
    }

    /// The rows that may have gone, and those that may have come; of a file that stays, those that its vectors differ in.
    private func sources(_ partition: [String: String?]) async throws -> (gone: [Source], come: [Source]) {
        var come: [String: AddFile] = [:]
        for file in edit.added where file.partitionValues == partition { come[file.decodedPath] = file }
        var gone: [Source] = []
        var back: [Source] = []
        for old in edit.removed where old.partitionValues == partition {
            guard let new = come.removeValue(forKey: old.decodedPath) else {
                gone.append(Source(file: old))
                continue
            }
            let (before, after) = (try await marks(old), try await marks(new))
            gone.append(Source(file: old, rows: after.subtracting(before).sorted()))
            back.append(Source(file: old, rows: before.subtracting(after).sorted()))
        }
        return (gone, come.values.sorted { $0.path < $1.path }.map { Source(file: $0) } + back)
    }

    private func marks(_ file: AddFile) async throws -> Set<UInt64> {
        guard let vector = file.deletionVector else { return [] }
        return Set(try await DeletionVector.read(vector, table: table.path, in: table.store).rows)
    }

    private func forEachBatch(of sources: [Source], _ body: (ColumnBatch) throws -> Void) async throws {
        for source in sources where source.rows?.isEmpty != true {
            let rows = FileRows(table: table, file: source.file, schema: schema)
            if let positions = source.rows {
                try await rows.forEachBatch(at: positions) { try body($0) }
            } else {
                try await rows.forEachBatch { try body($0) }
            }
        }
    }
}
