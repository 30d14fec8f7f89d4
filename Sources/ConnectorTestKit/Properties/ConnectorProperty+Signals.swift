import SourceConnectors

extension ConnectorProperty {
    /// The clock, what is under way, snapshots and uncommitted reads.
    static var signals: [ConnectorProperty] {
        [
            ConnectorProperty(
                "K26a",
                "the clock and the cursors are on one scale: UTC, and not ahead of rows to come",
                unless: {
                    $0.unlessCursor ?? $0.unlessMutable
                        ?? ($0.tellsClock && $0.cursor == .instant
                            ? nil : "cursors are not set by a clock in UTC")
                }
            ) { run in
                try await run.withRows([]) { fixture, table in
                    for round in 0..<3 {
                        let before = try await run.signals(fixture, table).now
                        try await fixture.perform(
                            .put(nil, [TestRow(RowKey("c", Int64(round)), label: "now")])
                        )
                        let after = try await run.signals(fixture, table).now
                        let row = try await fixture.contents().first { $0.key == RowKey("c", Int64(round)) }
                        guard let cursor = row?.cursor else {
                            throw ConformanceFailure("the row has no cursor")
                        }
                        let slack: Int64 = run.capabilities.fractionalDigits >= 6 ? 0 : 1_000_000
                        try run.require(before <= after, "the clock went back from \(before) to \(after)")
                        try run.require(
                            cursor >= before - slack && cursor <= after,
                            "a row written between \(before) and \(after) has the cursor \(cursor)"
                        )
                        try await run.pass(1_000_000, fixture)
                    }
                }
            },
            ConnectorProperty(
                "K28a",
                "a snapshot stays as it is until it is ended",
                unless: { $0.unlessMutable ?? ($0.hasSnapshots ? nil : "the source has no snapshots") }
            ) { run in
                try await run.withRows { fixture, table in
                    let query = run.query(table)
                    try await fixture.connector.withSession(for: fixture.source) { session in
                        let before = try await ConformanceRun<Bed>.rows(query, in: session)
                        let row = TestRow(RowKey("s", 1), label: "later")
                        try await fixture.perform(.put(nil, [row]))
                        let again = try await ConformanceRun<Bed>.rows(query, in: session)
                        try run.requireSame(again, before, "the second read of the snapshot")
                        try await session.endSnapshot()
                        let after = try await ConformanceRun<Bed>.rows(query, in: session)
                        try await session.endSnapshot()
                        try run.require(
                            after.count == before.count + 1,
                            "a new snapshot has \(after.count) rows instead of \(before.count + 1)"
                        )
                    }
                }
            },
            ConnectorProperty(
                "K31a",
                "a snapshot shows nothing that is not committed",
                unless: \.unlessTransactional
            ) { run in
                try await run.withOpenTransaction { fixture, table, _ in
                    let rows = try await run.read(run.query(table), of: fixture)
                    try run.requireSame(rows, try await run.expected(fixture, table), "the snapshot")
                }
            },
            ConnectorProperty(
                "K23a",
                "an uncommitted read shows what open transactions have written",
                unless: {
                    $0.unlessTransactional
                        ?? ($0.readsUncommitted ? nil : "the connector cannot show uncommitted rows")
                }
            ) { run in
                try await run.withOpenTransaction { fixture, table, row in
                    let rows = try await run.read(run.query(table), of: fixture, at: .uncommitted)
                    try run.require(
                        rows.contains { table.row($0)?.key == row.key },
                        "the row \(row) of an open transaction is not shown"
                    )
                }
            },
            ConnectorProperty(
                "K29a",
                "the signals tell of a transaction that has written, or say that they cannot",
                unless: { $0.unlessTransactional ?? $0.unlessCursor }
            ) { run in
                try await run.withRows([]) { fixture, table in
                    let before = try await run.signals(fixture, table).now
                    try await fixture.perform(.begin(2))
                    try await fixture.perform(.put(2, [TestRow(RowKey("o", 1), label: "open")]))
                    try await run.pass(5_000_000, fixture)
                    let signals = try await run.signals(fixture, table)
                    try await fixture.perform(.rollback(2))
                    guard signals.limitations.isEmpty else { return }
                    // Some sources tell whole seconds; later than the write is what must not be.
                    guard let writer = signals.oldestWriter, writer <= before + 1_000_000 else {
                        throw ConformanceFailure(
                            "the oldest writer is \(String(describing: signals.oldestWriter))"
                        )
                    }
                }
            },
            ConnectorProperty(
                "K30a",
                "the signals tell of a statement that runs, or say that they cannot",
                unless: {
                    $0.unlessTransactional
                        ?? ($0.hasLongStatements ? nil : "the test bed has no long statements")
                }
            ) { run in
                try await run.withRows([]) { fixture, table in
                    try await fixture.perform(.begin(1))
                    try await fixture.perform(.beginLong(1, [TestRow(RowKey("l", 1), label: "long")]))
                    let began = try await run.signals(fixture, table).now
                    try await run.pass(5_000_000, fixture)
                    let signals = try await run.signals(fixture, table)
                    try await fixture.perform(.endLong(1))
                    try await fixture.perform(.rollback(1))
                    guard signals.limitations.isEmpty else { return }
                    guard let statement = signals.oldestStatement, statement <= began else {
                        throw ConformanceFailure(
                            "the oldest statement is \(String(describing: signals.oldestStatement)), not \(began)"
                        )
                    }
                }
            },
        ]
    }
}

extension ConformanceRun {
    /// The signals, asked for as a pipeline does: after the table is described.
    func signals(_ fixture: Bed.Fixture, _ table: TestTable) async throws -> MarkSignals {
        try await fixture.connector.withSession(for: fixture.source) { session in
            _ = try await session.describe(table.name)
            return try await session.signals()
        }
    }

    /// A source in which a transaction has written a row and is open.
    func withOpenTransaction(
        _ body: (Bed.Fixture, TestTable, TestRow) async throws -> Void
    ) async throws {
        try await withRows { fixture, table in
            let row = TestRow(RowKey("u", 1), label: "uncommitted")
            try await fixture.perform(.begin(2))
            try await fixture.perform(.put(2, [row]))
            try await body(fixture, table, row)
            try await fixture.perform(.rollback(2))
        }
    }
}
