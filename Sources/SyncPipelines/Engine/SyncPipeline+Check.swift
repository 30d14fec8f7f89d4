import IncrementalFilters
public import SourceConnectors
import SyncLedgers

extension SyncPipeline where Connector.Session: InspectingSession {
    /// Looks at the servers and tables of a selection before a run; reads no rows and writes nothing.
    ///
    /// - Throws: `SyncError` when the selection names a region, a client or a table that is not there.
    public func check(_ selection: TaskSelection) async throws -> CheckReport {
        let tasks = try tasks(selection)
        var clients: [[SyncTask]] = []
        for entry in roster.entries {
            let own = tasks.filter {
                $0.identity.client == entry.client && $0.identity.region == entry.region
            }
            if !own.isEmpty { clients.append(own) }
        }
        let limit = max(1, configuration.limits.tasks)
        let found = await withTaskGroup(of: (Int, CheckReport.Client).self) { group in
            var found: [(Int, CheckReport.Client)] = []
            for (number, tasks) in clients.enumerated() {
                if number >= limit, let next = await group.next() { found.append(next) }
                group.addTask { (number, await check(client: tasks)) }
            }
            for await next in group { found.append(next) }
            return found
        }
        return CheckReport(clients: found.sorted { $0.0 < $1.0 }.map(\.1))
    }

    private func check(client tasks: [SyncTask]) async -> CheckReport.Client {
        let first = tasks[0]
        var report = CheckReport.Client(
            region: first.identity.region,
            client: first.identity.client,
            connection: first.source.connection,
            findings: [],
            tables: []
        )
        do {
            let (inspection, tables) = try await connector.withSession(for: first.source) { session in
                let inspection = try await session.inspect(tasks.map(\.sourceTable))
                var tables: [CheckReport.Table] = []
                for task in tasks {
                    tables.append(await check(task, in: session, inspection))
                }
                return (inspection, tables)
            }
            report.version = inspection.version
            report.encryption = inspection.encryption
            report.findings = inspection.findings
            report.tables = tables
        } catch {
            let failure = SyncError(wrapping: error, task: first.identity)
            report.findings.append(Finding(.error, "connection", failure.message))
        }
        return report
    }

    private func check(
        _ task: SyncTask,
        in session: Connector.Session,
        _ inspection: SourceInspection
    ) async -> CheckReport.Table {
        var report = CheckReport.Table(
            table: "\(task.identity.schema).\(task.identity.table)",
            reasons: [],
            findings: inspection.tables[task.sourceTable] ?? []
        )
        do {
            guard let description = try await session.describe(task) else {
                report.findings.append(
                    Finding(.error, "table", "the database \(task.sourceTable.database) has no such table")
                )
                return report
            }
            let columns = try TaskColumns(
                task: task,
                source: task.masks?.applied(to: description) ?? description
            )
            report.findings += columns.warnings.map { Finding(.warning, "columns", $0) }
            describe(columns, description, inspection.limitations, task, &report)
        } catch {
            let failure = SyncError(wrapping: error, task: task.identity)
            report.findings.append(Finding(.error, "table", failure.message))
        }
        return report
    }

    private func describe(
        _ columns: TaskColumns,
        _ description: TableDescription,
        _ limitations: [String],
        _ task: SyncTask,
        _ report: inout CheckReport.Table
    ) {
        var limitations = limitations
        if !description.hasSnapshots { limitations.append("the table's engine has no snapshots") }
        guard let cursor = columns.cursor, task.template.mode == .merge else {
            report.guarantee = "compared"
            report.reasons = ["each run compares the whole table with the lake, deletions included"]
            if !description.hasSnapshots {
                report.reasons.append("without a snapshot it may see a change half")
            }
            if task.template.mode == .merge,
                let candidate = description.cursorCandidates.first(where: { !$0.isCounter })
            {
                report.findings.append(
                    Finding(
                        .note,
                        "cursor",
                        "no cursor is named; with \"cursor\": \"\(candidate.column)\" a run would read only changes"
                    )
                )
            }
            return
        }
        let expectation = markPolicy.expectation(for: cursor, limitations: limitations)
        report.guarantee = expectation.guarantee.description
        report.reasons = expectation.reasons
        if !cursor.isIndexed && cursor.expression == nil {
            report.findings.append(
                Finding(
                    .warning,
                    "index",
                    "no index starts with \(cursor.name): CREATE INDEX … (\(cursor.name))"
                )
            )
        }
        report.findings.append(
            Finding(.note, "deletions", "a cursor does not see deleted rows; \"mode\": \"compare\" does")
        )
    }
}
