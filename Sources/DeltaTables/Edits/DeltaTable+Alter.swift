import ColumnBatches
public import DeltaLog

extension DeltaTable {
    /// Changes what the table is, all at once: its columns, or its properties.
    ///
    ///     try await table.alter([.set("delta.columnMapping.mode", "name")])
    ///     try await table.alter([.renameColumn(["note"], to: "remark"), .dropColumn(["old"])])
    ///
    /// No data file is written; the protocol rises where a property needs it. A new rule is held against all present rows.
    ///
    /// - Parameter changes: What to change, one after the other.
    /// - Returns: The version; the present one when nothing differs.
    /// - Throws: `DeltaLogError` with code `invalidChange` when a change cannot be made, or a conflict when another commit
    ///   changed the table meanwhile; `DeltaTableError` when a present row breaks a new rule.
    public func alter(_ changes: [TableChange]) async throws -> TableVersion {
        try await alter(changes, from: try await snapshot())
    }

    func alter(_ changes: [TableChange], from snapshot: Snapshot) async throws -> TableVersion {
        try snapshot.checkWritable()
        let altered = try TableAlteration(changes, to: snapshot)
        var actions: [Action] = []
        if altered.protocol != snapshot.protocol { actions.append(.protocol(altered.protocol)) }
        if altered.metadata != snapshot.metadata { actions.append(.metadata(altered.metadata)) }
        guard let first = changes.first, !actions.isEmpty else { return snapshot.version }
        let rules = try newRules(altered.metadata, snapshot)
        if !rules.isEmpty { try await check(rules, in: snapshot) }
        let version = try await log.commit(
            actions,
            // Rows that come meanwhile have not been held against a new rule.
            readSet: ReadSet(partitions: rules.isEmpty ? .nothing : .whole),
            base: snapshot,
            operation: first.operation,
            operationParameters: changes.reduce(into: [:]) { $0.merge($1.parameters) { $0 + ", " + $1 } },
            policy: commitPolicy
        ).version
        return version
    }

    private func newRules(_ metadata: TableMetadata, _ snapshot: Snapshot) throws -> [RowRule] {
        let present = snapshot.metadata.rowRules(snapshot.schema)
        return metadata.rowRules(snapshot.schema).filter { !present.contains($0) }
    }

    /// Holds all rows of a snapshot against some rules.
    private func check(_ rules: [RowRule], in snapshot: Snapshot) async throws {
        var schema = try schema(of: snapshot)
        schema.rules = rules
        let columns = schema.fields.compactMap { schema.column($0.name) }
        let whole = TableSchema(columns: columns, rules: rules)
        guard let checks = RowChecks(whole, columns, partition: [:], table: path) else { return }
        for try await batch in try rows(of: snapshot) {
            do throws(DeltaTableError) {
                try checks.check(batch)
            } catch {
                var error = error
                error.message = "the rule cannot be added: " + error.message
                throw error
            }
        }
    }
}
