import DeltaTables
import FoundationEssentials
import SourceConnectors
import SyncLedgers
import Verification

extension SyncPipeline {
    /// Compares the tables of a selection with their sources, row for row, without moving the rows that are equal.
    ///
    /// Source and lake are compared by digests of buckets of rows; only rows of buckets that differ are read. What was
    /// found goes to the history of proofs beside the ledger. A table whose task has never run is all `missing`.
    ///
    /// - Parameters:
    ///   - selection: The regions, and the client or the table, if only one.
    ///   - options: Whether to repair, and within which bounds.
    /// - Returns: What was found, task by task; a task that fails leaves the others alone.
    /// - Throws: `SyncError` when the selection names something that is not there.
    public func verify(
        _ selection: TaskSelection,
        options: VerificationOptions = VerificationOptions()
    ) async throws -> VerificationReport {
        let tasks = try tasks(selection)
        let history = ProofHistory(store: lake)
        let run = "verify-" + UUID().uuidString.lowercased()
        let review = try await review(run: run)
        let quarantine = await QuarantineBoard.known(in: lake, run: run, isNeeded: true)
        var tables: [String: LakeTable] = [:]
        for task in tasks where tables[task.lakePath] == nil {
            tables[task.lakePath] = LakeTable(
                DeltaTable(store: lake, path: task.lakePath),
                bronzePath: task.template.bronzePath
            )
        }
        var results: [TaskVerifier<Connector>.Result?] = Array(repeating: nil, count: tasks.count)
        let lakeTables = tables
        let entries = await ExpectedSizes(configuration: configuration, tables: tables).entries(for: tasks)
        await withTaskGroup(of: (Int, TaskVerifier<Connector>.Result).self) { group in
            var schedule = FleetSchedule(entries, limits: configuration.limits)
            while schedule.hasWork {
                while let index = schedule.start() {
                    guard let table = lakeTables[tasks[index].lakePath] else { continue }
                    group.addTask {
                        (
                            index,
                            await self.verify(
                                tasks[index],
                                in: table,
                                review,
                                quarantine,
                                options
                            )
                        )
                    }
                }
                guard let (index, result) = await group.next() else { break }
                schedule.end(index)
                results[index] = result
            }
        }
        let done = results.compactMap { $0 }
        var report = VerificationReport(tasks: done.map(\.report))
        do {
            try await history.append(done.compactMap(\.entry))
        } catch {
            report.bookkeepingError = "\(error)"
        }
        return report
    }

    private func verify(
        _ task: SyncTask,
        in table: LakeTable,
        _ review: TaskReview,
        _ quarantine: QuarantineBoard,
        _ options: VerificationOptions
    ) async -> TaskVerifier<Connector>.Result {
        let clock = ContinuousClock()
        let start = clock.now
        let verifier = TaskVerifier(
            task: task,
            connector: connector,
            lake: table,
            options: options,
            files: files,
            review: review,
            quarantine: quarantine,
            cache: DigestCache(
                store: lake,
                task: [
                    "schema": task.identity.schema, "table": task.identity.table,
                    "region": task.identity.region, "client_id": task.identity.client,
                ]
            )
        )
        var result: TaskVerifier<Connector>.Result
        do {
            result = try await verifier.run()
        } catch {
            let failure = SyncError(wrapping: error, task: task.identity)
            result = TaskVerifier<Connector>.Result(report: .init(task.identity, failure: failure))
        }
        result.report.seconds = start.duration(to: clock.now).seconds
        return result
    }
}

extension TaskVerifier.Result {
    /// What the history keeps; nothing of a task that failed.
    fileprivate var entry: ProofHistory.Entry? {
        guard report.error == nil else { return nil }
        return ProofHistory.Entry(
            verifiedAt: verifiedAt,
            region: report.region,
            client: report.client,
            schema: report.schema,
            table: report.table,
            tableVersion: report.tableVersion,
            sourceRows: Int64(report.sourceRows),
            lakeRows: Int64(report.lakeRows),
            differences: Int64(report.differing),
            repaired: Int64(report.repaired),
            digest: digest
        )
    }
}
