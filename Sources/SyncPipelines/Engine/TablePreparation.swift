import ColumnBatches
import DeltaLog
import DeltaTables
import IncrementalFilters
import MergePlanning
import ObjectStores
import SourceConnectors
import SyncLedgers

/// Makes one lake table fit for all clients: describes the table in each of them, then creates or extends it.
struct TablePreparation<Connector: SourceConnector>: Sendable {
    let tasks: [SyncTask]
    let connector: Connector
    let table: DeltaTable
    /// The type of the client id, which no later call changes.
    let clientIDType: ColumnType

    func run() async -> PrepareReport.Table {
        var report = PrepareReport.Table(
            table: tasks.first.map { "\($0.identity.schema).\($0.identity.table)" } ?? table.path,
            outcome: .unchanged,
            columns: [],
            addedColumns: [],
            warnings: []
        )
        do {
            try await prepare(&report)
        } catch {
            report.outcome = .failed
            report.error = "\(error)"
        }
        return report
    }

    private func prepare(_ report: inout PrepareReport.Table) async throws {
        try await prepareTable(&report)
        guard let path = tasks.lazy.compactMap(\.template.bronzePath).first else { return }
        let bronze = DeltaTable(store: table.store, path: path)
        try await BronzeTable.prepare(bronze, for: try table.schema(of: try await table.snapshot()))
        report.bronze = path
    }

    private func prepareTable(_ report: inout PrepareReport.Table) async throws {
        let exists = try await table.exists()
        var snapshot = exists ? try await table.snapshot() : nil
        let descriptions = try await describeAll(&report)
        var attempt = 0
        while true {
            attempt += 1
            let existing = try snapshot.map { try table.schema(of: $0) }
            do {
                if let existing, let wider = DriftCheck.widened(existing, by: descriptions) {
                    snapshot = try await widen(wider, snapshot, &report)
                    attempt -= 1
                    continue
                }
                let wanted = try union(existing, descriptions, &report)
                guard let current = snapshot, let existing else {
                    _ = try await table.create(
                        schema: wanted,
                        configuration: marksRows == true ? ["delta.enableDeletionVectors": "true"] : [:]
                    )
                    report.outcome = .created
                    report.addedColumns = wanted.dataFields.map(\.name)
                    break
                }
                if let marksRows, TableProperties(current.metadata).usesDeletionVectors != marksRows {
                    let version = try await table.alter([.set("delta.enableDeletionVectors", "\(marksRows)")])
                    report.warnings.append("deletion vectors are \(marksRows ? "on" : "off") from now on")
                    snapshot = try await table.snapshot(at: version)
                    attempt -= 1
                    continue
                }
                guard wanted.fields.count > existing.fields.count else { break }
                _ = try await table.extend(to: wanted, from: current)
                report.outcome = .extended
                report.addedColumns = wanted.fields.dropFirst(existing.fields.count).map(\.name)
                break
            } catch let error as DeltaLogError where error.isConflict && attempt < 5 {
                snapshot = try await table.snapshot()  // another process prepared it: look again
            }
        }
    }

    /// Widens columns, and returns the state after that.
    private func widen(
        _ columns: [(name: String, type: DataType)],
        _ snapshot: Snapshot?,
        _ report: inout PrepareReport.Table
    ) async throws -> Snapshot {
        var changes: [TableChange] = []
        if snapshot?.metadata.configuration["delta.enableTypeWidening"] != "true" {
            changes.append(.set("delta.enableTypeWidening", "true"))
        }
        changes += columns.map { .widenColumn([$0.name], to: $0.type) }
        let version = try await table.alter(changes)
        report.warnings += columns.map { "column \($0.name) is \($0.type) from now on" }
        return try await table.snapshot(at: version)
    }

    /// Whether the table is to mark rows in deletion vectors; nil leaves it as it is.
    private var marksRows: Bool? { tasks.lazy.compactMap(\.template.deletionVectors).first }

    /// What `run` would do, by what is known of the clients' tables already; nothing is read or written.
    ///
    /// - Parameters:
    ///   - existing: The lake table's schema, or nil when there is none.
    ///   - clients: For each task what its source said of the table, or what was in the way.
    /// - Returns: The report, and the schema that the lake table would have; nil when it cannot be prepared.
    func preview(
        _ existing: TableSchema?,
        _ clients: [(task: SyncTask, description: TableDescription?, problem: String?, isOutage: Bool)]
    ) -> (PrepareReport.Table, TableSchema?) {
        var report = PrepareReport.Table(
            table: tasks.first.map { "\($0.identity.schema).\($0.identity.table)" } ?? table.path,
            outcome: .unchanged,
            columns: [],
            addedColumns: [],
            warnings: []
        )
        do {
            let described = try clients.compactMap { client in
                try client.description.map { (client.task, try TaskColumns(task: client.task, source: $0)) }
            }
            let mistake = clients.first { $0.problem != nil && $0.description == nil && !$0.isOutage }
            if described.isEmpty {
                report.outcome = .failed
                report.error = mistake?.problem ?? clients.first?.problem ?? "no client has the table"
                return (report, existing)
            }
            let wanted = try union(existing, described, &report)
            report.bronze = tasks.lazy.compactMap(\.template.bronzePath).first
            report.addedColumns =
                existing.map { wanted.fields.dropFirst($0.fields.count).map(\.name) }
                ?? wanted.dataFields.map(\.name)
            report.outcome = existing == nil ? .created : report.addedColumns.isEmpty ? .unchanged : .extended
            return (report, wanted)
        } catch {
            report.outcome = .failed
            report.error = "\(error)"
            return (report, existing)
        }
    }

    /// Describes the table in each client; a client that cannot be read is named and left out.
    private func describeAll(_ report: inout PrepareReport.Table) async throws -> [(SyncTask, TaskColumns)] {
        var found: [(SyncTask, TaskColumns)] = []
        var errors: [any Error] = []
        for task in tasks {
            do {
                let masked = try MaskingConnector(connector, for: task)
                let description = try await masked.withSession(for: task.source) { session in
                    try await session.describe(task)
                }
                guard let description else {
                    report.warnings.append(
                        "\(task.identity): the database \(task.sourceTable.database) has no such table"
                    )
                    continue
                }
                found.append((task, try TaskColumns(task: task, source: description)))
            } catch {
                errors.append(error)
                report.warnings.append("\(task.identity): \(error)")
            }
        }
        if let error = errors.first, found.isEmpty || errors.contains(where: { !Self.isOutage($0) }) {
            throw error
        }
        if found.isEmpty {
            throw SyncError(
                .missingTable,
                message: "no client has the table; check the schema's database and the table's name"
            )
        }
        return found
    }

    /// A server that is down does not keep the other clients from being prepared; a mistake does.
    private static func isOutage(_ error: any Error) -> Bool {
        (error as? SourceError)?.isTransient ?? false
    }

    private func union(
        _ existing: TableSchema?,
        _ descriptions: [(SyncTask, TaskColumns)],
        _ report: inout PrepareReport.Table
    ) throws -> TableSchema {
        let partitionFields = [Field(LakeColumns.region, .string), Field(LakeColumns.client, clientIDType)]
        if let existing {
            guard existing.partitionColumns == LakeColumns.partition else {
                throw SyncError(
                    .invalidConfiguration,
                    message:
                        "the table \(table.path) is partitioned by \(existing.partitionColumns), not by region and "
                        + "client_id; give another lake folder"
                )
            }
            if let type = existing.field(LakeColumns.client)?.type, type != clientIDType {
                throw SyncError(
                    .invalidConfiguration,
                    message: "client_id is \(type) in the table \(table.path); set \"clientIDType\" to match"
                )
            }
        }
        var union = SchemaUnion(existing: existing?.dataFields ?? [])
        var seenKeys: Set<String> = []
        for (task, columns) in descriptions {
            var fields = columns.columns.compactMap { column in
                column.source.type.map { Field(column.lake, $0) }
            }
            if let existing {
                let misfits = DriftCheck.misfits(fields, in: existing.dataFields)
                if !misfits.isEmpty {
                    // One client's types are no reason to leave the others' new columns out.
                    report.warnings += misfits.map { "\(task.identity): \($0); this client is left out" }
                    continue
                }
                if task.template.drift.added != .add {
                    fields.removeAll { field in
                        !existing.dataFields.contains { $0.name.lowercased() == field.name.lowercased() }
                    }
                }
            }
            union.add(fields, of: task.identity.client)
            let keys = columns.sourceKeys.map { columns.lakeName(ofSource: $0) ?? $0 }.joined(separator: ", ")
            seenKeys.insert(keys)
            report.keys = "\(keys) (\(columns.keys.origin))"
            report.changes =
                columns.cursor.map { cursor in
                    "cursor "
                        + cursor.columns.map { columns.lakeName(ofSource: $0) ?? $0 }.joined(separator: ", ")
                }
                ?? "none: the whole table is compared"
            if let cursor = columns.cursor, !cursor.isIndexed {
                report.warnings.append(
                    "\(task.identity): no index \(cursor.expression == nil ? "starts with" : "serves") the cursor \(cursor.name); "
                        + "each run scans the table"
                )
            }
        }
        let lineage = LineageColumn.allCases.filter { column in
            tasks.contains { $0.template.lineage.contains(column) }
        }
        union.add(lineage.map(\.field), of: "\"lineage\"")
        guard union.conflicts.isEmpty else {
            throw SyncError(
                .schemaDrift,
                message: union.conflicts.joined(separator: "; ") + "; map one of the columns to another name"
            )
        }
        if seenKeys.count > 1 {
            throw SyncError(
                .schemaDrift,
                message:
                    "clients have different keys (\(seenKeys.sorted().joined(separator: " / "))); name them under \"keys\""
            )
        }
        for (task, columns) in descriptions {
            for field in task.template.writeFields {
                if let source = columns.source(forLake: field.name) {
                    throw SyncError(
                        .invalidConfiguration,
                        task: task.identity,
                        message:
                            "the source column \"\(source.name)\" has the name of a column that \"write\" and \"deletes\" add; "
                            + "map it to another name under \"columnMap\""
                    )
                }
                union.add([field], of: task.identity.client)
            }
        }
        let schema = TableSchema(
            fields: partitionFields + union.fields,
            partitionColumns: LakeColumns.partition
        )
        report.columns = schema.fields.map { "\($0.name) \($0.type)" }
        return schema
    }
}
