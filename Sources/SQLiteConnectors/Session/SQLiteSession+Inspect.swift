#if SQLite
public import SourceConnectors

extension SQLiteSession: InspectingSession {
    /// Looks at the version of the library, at how the files keep their journals, and at keys and cascades of tables.
    public func inspect(_ tables: [TableName]) async throws -> SourceInspection {
        var inspection = SourceInspection(version: "SQLite", findings: [])
        var files: Set<String> = []
        for table in tables {
            let database = try file(table.database).reading()
            if files.insert(table.database).inserted {
                let rows = try Statement("SELECT sqlite_version()", on: database)
                if try rows.step() { inspection.version = "SQLite \(rows.text(0))" }
                let signals = try await signals()
                inspection.limitations += signals.limitations
                inspection.findings += signals.limitations.map { Finding(.warning, "guarantee", $0) }
                inspection.findings += try journalFindings(table.database, database)
            }
            inspection.tables[table] = try tableFindings(table, database)
        }
        return inspection
    }

    private func journalFindings(_ name: String, _ database: Database) throws(SourceError) -> [Finding] {
        let rows = try Statement("PRAGMA journal_mode", on: database)
        guard try rows.step(), rows.text(0) != "wal" else { return [] }
        return [
            Finding(
                .warning,
                "journal",
                "\(name) keeps a \(rows.text(0)) journal: while it is read nobody can write; PRAGMA journal_mode = WAL"
            )
        ]
    }

    private func tableFindings(_ table: TableName, _ database: Database) throws(SourceError) -> [Finding] {
        guard let catalogue = try Catalogue(database, table.table) else { return [] }
        var findings: [Finding] = []
        let loose = catalogue.columns.filter {
            $0.keyPosition > 0 && !$0.isNotNull && $0.declared.kind != .integer
        }
        if !catalogue.isStrict, !loose.isEmpty {
            findings.append(
                Finding(
                    .note,
                    "key",
                    "\(loose.map(\.name).joined(separator: ", ")) may be missing though part of the key; "
                        + "declare NOT NULL, or a row without it ends the run"
                )
            )
        }
        if !catalogue.isStrict {
            findings.append(
                Finding(
                    .note,
                    "types",
                    "the table is not STRICT: a value that its column does not declare is dealt with by \"looseValues\""
                )
            )
        }
        return findings
    }
}
#endif
