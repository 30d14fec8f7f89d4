import DeltaTables
import ObjectStores
import SourceConnectors
import SyncLedgers

extension ConnectorProperty {
    /// Marks, state, repetition and crashes.
    static var states: [ConnectorProperty] {
        [
            ConnectorProperty("K17", "state does not grow with the data or the runs", unless: \.unlessMutable)
            { run in
                try await run.withLake { setup, fixture in
                    for round in 0..<8 {
                        let rows = (0..<300).map { TestRow(RowKey("g\(round)", Int64($0)), label: "g") }
                        try await fixture.perform(.put(nil, rows))
                        try await run.pass(1_000_000, fixture)
                        _ = try await run.driver.run(setup)
                    }
                    let size = try await StateSize(setup).bytes()
                    try run.require(size <= 4096, "after 8 runs a commit carries \(size) bytes of state")
                }
            },
            ConnectorProperty(
                "K18",
                "marks never go back, and move on",
                unless: { $0.unlessCursor ?? $0.unlessMutable }
            ) { run in
                try await run.withLake { setup, fixture in
                    var marks: [Int64] = []
                    for round in 0..<5 {
                        try await fixture.perform(.put(nil, [TestRow(RowKey("m", Int64(round)), label: "m")]))
                        try await run.pass(5_000_000, fixture)
                        if let mark = try await run.driver.run(setup).mark { marks.append(mark) }
                    }
                    try run.require(marks == marks.sorted() && marks.count == 5, "marks were \(marks)")
                    try run.require(
                        !run.capabilities.tellsClock || marks.last ?? 0 > marks.first ?? 0,
                        "marks do not move: \(marks)"
                    )
                }
            },
            ConnectorProperty(
                "K25",
                "a clock that was set back is noticed: no row is lost below the old mark, and the mark is not called proven",
                unless: {
                    $0.unlessCursor ?? $0.unlessMutable
                        ?? ($0.hasVirtualClock ? nil : "the source's clock cannot be set")
                }
            ) { run in
                try await run.withLake { setup, fixture in
                    _ = try await run.driver.run(setup)
                    try await fixture.perform(.stepClock(-4 * 3_600_000_000))
                    let row = TestRow(RowKey("k", 1), label: "after the step")
                    try await fixture.perform(.put(nil, [row]))
                    // Time passes, so that the row lies before both the old mark and the clock.
                    try await run.pass(5_000_000, fixture)
                    let told = try await run.driver.run(setup)
                    try run.require(told.guarantee != "proven", "the mark is called proven")
                    try await run.requireInSync(setup, fixture)
                }
            },
            ConnectorProperty("K40", "a repeated run is a no-op", unless: \.unlessMutable) { run in
                // Sources that show no uncommitted rows may let only one transaction write at a time.
                let holdsBack =
                    run.capabilities.mutation == .transactions && run.capabilities.readsUncommitted
                try await run.withLake { setup, fixture in
                    // Rows of this very instant are at or past the mark, and so is what is younger than a transaction
                    // that goes on: each run reads them again, however quick the source's clock is.
                    if holdsBack {
                        try await fixture.perform(.begin(1))
                        try await fixture.perform(.put(1, [TestRow(RowKey("r", 0), label: "in flight")]))
                    }
                    try await fixture.perform(.put(nil, [TestRow(RowKey("r", 1), label: "again")]))
                    _ = try await run.driver.run(setup)
                    let rows = try await run.driver.lakeRows(setup)
                    for _ in 0..<3 {
                        let again = try await run.driver.run(setup)
                        try run.require(
                            again.succeeded && again.rowsChanged == 0,
                            "a repeated run changed \(again.rowsChanged) rows: \(again.error ?? "")"
                        )
                    }
                    try run.requireSame(
                        try await run.driver.lakeRows(setup),
                        rows,
                        "the lake after repeated runs"
                    )
                    if holdsBack { try await fixture.perform(.rollback(1)) }
                }
            },
            ConnectorProperty(
                "K19",
                "a run that stops at any operation of the store is made good by the next",
                unless: { $0.unlessCursor ?? $0.unlessMutable }
            ) { run in
                try await run.crashEverywhere([.crashAfter, .loseAnswer]) { _, _, _, _ in }
            },
            ConnectorProperty(
                "K19a",
                "a run whose source breaks at any call brings nothing by halves, and is made good by the next",
                unless: { $0.unlessCursor ?? $0.unlessMutable }
            ) { run in
                var call = 0
                while call < 200, try await run.breakSource(at: call) { call += 1 }
            },
            ConnectorProperty(
                "K41",
                "rows and mark are committed together: no mark is past rows that the lake lacks",
                unless: { $0.unlessCursor ?? $0.unlessMutable }
            ) { run in
                try await run.crashEverywhere([.crashAfter]) { setup, fixture, point, fault in
                    guard let mark = try await MarkReader(setup).inTable() else { return }
                    try await run.requireRows(
                        below: mark,
                        setup,
                        fixture,
                        "\(fault) at operation \(point): the mark"
                    )
                }
            },
            ConnectorProperty(
                "K42",
                "the ledger never runs ahead of the rows",
                unless: { $0.unlessCursor ?? $0.unlessMutable }
            ) { run in
                try await run.crashEverywhere([.crashAfter]) { setup, fixture, point, fault in
                    guard let mark = try await MarkReader(setup).inLedger() else { return }
                    try await run.requireRows(
                        below: mark,
                        setup,
                        fixture,
                        "\(fault) at operation \(point): the ledger"
                    )
                }
            },
            ConnectorProperty(
                "K46",
                "a late replay moves no row backwards",
                unless: { $0.unlessCursor ?? $0.unlessMutable }
            ) { run in
                try await run.replayLate()
            },
        ]
    }
}
