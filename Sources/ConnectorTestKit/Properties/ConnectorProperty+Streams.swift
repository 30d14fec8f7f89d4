import SourceConnectors
import Synchronization

extension ConnectorProperty {
    /// Errors, cancellation and back-pressure.
    static var streams: [ConnectorProperty] {
        [
            ConnectorProperty("K04", "connectors that cannot work say why, with an error of the right kind") {
                run in
                let broken = run.bed.brokenConnectors()
                if broken.isEmpty { throw PropertyExcused(reason: "the test bed has no broken connectors") }
                for case let one in broken {
                    let error = await run.failure(of: one)
                    guard let source = error as? SourceError else {
                        throw ConformanceFailure(
                            "\(one.name): \(error.map { "\(type(of: $0))" } ?? "no error")"
                        )
                    }
                    try run.require(source.code == one.code, "\(one.name): \(source.code), not \(one.code)")
                }
            },
            ConnectorProperty(
                "K04a",
                "a session that is refused for now is an error that may be tried again",
                unless: { $0.faults.contains(.refuseSession) ? nil : "the test bed refuses no sessions" }
            ) { run in
                try await run.withRows { fixture, table in
                    try await fixture.inject(.refuseSession)
                    do {
                        _ = try await run.read(run.query(table), of: fixture)
                        throw ConformanceFailure("there was no error")
                    } catch let error as SourceError {
                        try run.require(error.isTransient, "the error is not transient: \(error)")
                    }
                    _ = try await run.read(run.query(table), of: fixture)
                }
            },
            ConnectorProperty(
                "K20a",
                "a read that breaks ends with an error, never early as if it were whole",
                unless: { $0.faults.contains(.cutRead) ? nil : "the test bed breaks no reads" }
            ) { run in
                try await run.withRows(SampleRows.many(500)) { fixture, table in
                    try await fixture.inject(.cutRead)
                    do {
                        let rows = try await run.read(run.query(table, batchRows: 2), of: fixture)
                        throw ConformanceFailure(
                            "the read ended without error after \(rows.count) rows of 500"
                        )
                    } catch let error as SourceError {
                        try run.require(error.isTransient, "the error is not transient: \(error)")
                    }
                    let rows = try await run.read(run.query(table), of: fixture)
                    try run.requireSame(
                        rows,
                        try await run.expected(fixture, table),
                        "the read after the fault"
                    )
                }
            },
            ConnectorProperty("K14", "a cancelled session ends soon and leaves nothing open") { run in
                try await run.withRows(SampleRows.many(2000)) { fixture, table in
                    try await run.cancel(fixture, run.query(table, batchRows: 5))
                }
            },
            ConnectorProperty("K14a", "a session closes when its body ends early or throws") { run in
                try await run.withRows { fixture, table in
                    let query = run.query(table, batchRows: 1)
                    try? await fixture.connector.withSession(for: fixture.source) { session in
                        for try await _ in try await session.rows(query, at: .snapshot) {
                            throw StepRefused()
                        }
                    }
                    try await fixture.connector.withSession(for: fixture.source) { session in
                        for try await _ in try await session.rows(query, at: .snapshot) { break }
                    }
                    try await run.requireClosed(fixture)
                }
            },
            ConnectorProperty("K16", "a slow reader is not run ahead of: the connector's queue has a bound") {
                run in
                let ahead = run.capabilities.rowsReadAhead
                try await run.withRows(SampleRows.many(ahead * 2 + 500)) { fixture, table in
                    guard let before = await fixture.rowsHandedOut() else {
                        throw PropertyExcused(
                            reason: "the test bed does not count the rows that a connector takes"
                        )
                    }
                    let query = run.query(table, batchRows: 10)
                    let taken = try await fixture.connector.withSession(for: fixture.source) { session in
                        for try await _ in try await session.rows(query, at: .snapshot) {
                            try await Task.sleep(for: .milliseconds(100))
                            return (await fixture.rowsHandedOut() ?? 0) - before
                        }
                        return 0
                    }
                    try run.require(taken > 0, "no row was counted")
                    try run.require(
                        taken <= ahead + 10,
                        "after 10 rows were read the connector had taken \(taken) from the source"
                    )
                }
            },
        ]
    }
}

extension ConformanceRun {
    /// The error that a broken connector gives, or nil.
    func failure(of broken: BrokenConnector<Bed.Fixture.Connector>) async -> (any Error)? {
        do {
            try await broken.connector.withSession(for: broken.source) { session in
                _ = try await session.describe(table.name)
                _ = try await session.signals()
            }
            return nil
        } catch {
            return error
        }
    }

    func requireClosed(_ fixture: Bed.Fixture) async throws {
        for _ in 0..<20 {
            guard let open = await fixture.openSessions(), open > 0 else { return }
            try await Task.sleep(for: .milliseconds(10))
        }
        throw ConformanceFailure(
            "\(await fixture.openSessions() ?? 0) sessions are open after they were left"
        )
    }

    /// Cancels a session whose reader is slow, and waits for its end.
    func cancel(_ fixture: Bed.Fixture, _ query: ReadQuery) async throws {
        let batches = BatchCount()
        let clock = ContinuousClock()
        let ended = try await withThrowingTaskGroup(of: ContinuousClock.Instant.self) { group in
            group.addTask {
                try? await fixture.connector.withSession(for: fixture.source) { session in
                    for try await _ in try await session.rows(query, at: .snapshot) {
                        batches.add(isLate: Task.isCancelled)
                        // The reader takes its time until it is cancelled, however busy the machine is.
                        for _ in 0..<5000 where !Task.isCancelled {
                            try? await Task.sleep(for: .milliseconds(2))
                        }
                    }
                }
                return clock.now
            }
            for _ in 0..<500 where batches.all == 0 {
                try await Task.sleep(for: .milliseconds(5))
            }
            let start = clock.now
            group.cancelAll()
            let end = try await group.next() ?? start
            return start.duration(to: end)
        }
        let bound = capabilities.cancellationBound
        try require(
            ended <= bound,
            "the session ended \(ended) after it was cancelled; the bound is \(bound)"
        )
        let late = batches.late
        try require(late <= 3, "\(late) batches came after the session was cancelled")
        try await requireClosed(fixture)
    }
}

/// Counts batches, and those that come too late.
private final class BatchCount: Sendable {
    private let state = Mutex<(all: Int, late: Int)>((0, 0))

    var all: Int { state.withLock { $0.all } }
    var late: Int { state.withLock { $0.late } }

    func add(isLate: Bool) {
        state.withLock { state in
            state.all += 1
            if isLate { state.late += 1 }
        }
    }
}
