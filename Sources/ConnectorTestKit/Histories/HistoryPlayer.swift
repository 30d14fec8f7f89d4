import IncrementalFilters
import ObjectStores
import SourceConnectors

/// Plays histories against a source and a driver, and says what went wrong.
struct HistoryPlayer<Bed: ConnectorTestBed>: Sendable {
    let bed: Bed
    let driver: any SyncDriver
    var table = TestTable()
    var usesCursor = true
    /// The rows of a chunk of a first load; nil leaves it to the driver.
    var chunkRows: Int?
    /// Whether the clock was set in the history: marks may then step back.
    var setsClock = false

    /// Plays a history; nil when all is well.
    func play(_ history: History) async throws -> String? {
        try await bed.withFixture(table) { fixture in
            try await play(HistoryTape(history), fixture)
        }
    }

    /// Plays a history and returns everything that happened, in order; the same for the same history.
    func trace(_ history: History) async throws -> [String] {
        let tape = HistoryTape(history)
        _ = try await bed.withFixture(table) { fixture in try await play(tape, fixture) }
        return tape.trace
    }

    private func play(_ tape: HistoryTape, _ fixture: Bed.Fixture) async throws -> String? {
        let memory = MemoryObjectStore()
        let store = FaultyObjectStore(memory, trace: { tape.note("store: \($0)") })
        let connector = InterleavedConnector(fixture.connector) { point in
            tape.note("session: \(point)")
            try await tape.playPause(fixture)
        }
        var setup = SyncSetup(connector: connector, source: fixture.source, table: table, lake: store)
        setup.usesCursor = usesCursor
        setup.chunkRows = chunkRows
        try await driver.prepare(setup)
        // Who judges meets no fault, and is no part of the history.
        var onlooker = setup
        onlooker.lake = memory
        var lastMark: Int64?
        while let event = tape.next() {
            switch event {
            case .source(let step): try await tape.perform(step, fixture)
            case .goOn: break
            case .crash(let operation): store.plan(.crash, at: operation)
            case .loseAnswer(let operation): store.plan(.loseAnswer, at: operation)
            case .run:
                if let problem = try await judgeRows(onlooker, fixture, "before a run") { return problem }
                let observation = try await run(setup, store, tape)
                if let problem = judge(observation, store) { return problem }
                store.recover()
                if let problem = try await judgeMark(onlooker, &lastMark) { return problem }
                if let problem = try await judgeRows(onlooker, fixture, "after a run") { return problem }
            }
        }
        store.recover()
        try await tape.close(fixture)
        if bed.capabilities.hasVirtualClock { try await tape.perform(.pass(60_000_000), fixture) }
        for _ in 0..<2 {
            let last = try await driver.run(setup.reading(by: fixture.connector))
            if !last.succeeded { return "the last run failed: \(last.error ?? "")" }
        }
        return try await difference(setup, fixture, tape)
    }

    private func run(
        _ setup: SyncSetup<InterleavedConnector<Bed.Fixture.Connector>>,
        _ store: FaultyObjectStore,
        _ tape: HistoryTape
    ) async throws -> SyncObservation {
        tape.note("run")
        do {
            return try await driver.run(setup)
        } catch  where store.wasFaulty {
            return SyncObservation(succeeded: false, error: "\(error)")
        }
    }

    private func judge(_ run: SyncObservation, _ store: FaultyObjectStore) -> String? {
        !run.succeeded && !store.wasFaulty ? "a run failed: \(run.error ?? "")" : nil
    }

    /// The mark that the lake holds goes back no further than the source's clock may seem to have gone.
    ///
    /// A clock that only the history moves never does. A server's is read over a network: where a reading lags by less
    /// than counts as a step, a mark goes back to a row in flight, and the next run reads that row again.
    private func judgeMark(_ setup: SyncSetup<some SourceConnector>, _ lastMark: inout Int64?) async throws
        -> String?
    {
        guard usesCursor, !setsClock, let mark = try await MarkReader(setup).inTable() else { return nil }
        defer { lastMark = mark }
        guard let lastMark, mark < lastMark - reachBack else { return nil }
        return "the mark went back from \(lastMark) to \(mark)"
    }

    /// How far a mark may go back, in microseconds.
    private var reachBack: Int64 {
        guard !bed.capabilities.hasVirtualClock && bed.capabilities.cursor != .counter else { return 0 }
        let policy = MarkPolicy()
        let reach = Int64((policy.driftTolerance + policy.clockTolerance) / .microseconds(1))
        return reach + bed.capabilities.cursorStep
    }

    /// The mark never lies beyond a committed row that was not read.
    private func judgeRows(
        _ setup: SyncSetup<some SourceConnector>,
        _ fixture: Bed.Fixture,
        _ when: String
    ) async throws -> String? {
        guard usesCursor, let mark = try await MarkReader(setup).inTable() else { return nil }
        let missing = try await MarkReader(setup).missingRow(below: mark, setup, driver, fixture)
        return missing.map { "\(when) the mark is \(mark), beyond the row \($0), which was not read" }
    }

    /// Lake against source: what a stranger would compare, cursors included.
    private func difference(
        _ setup: SyncSetup<some SourceConnector>,
        _ fixture: Bed.Fixture,
        _ tape: HistoryTape
    ) async throws -> String? {
        let lake = try await driver.lakeRows(setup).map { values in
            table.row(values)
        }
        let contents = try await fixture.contents()
        let model = Dictionary(
            contents.map { ($0.key, SourceModel.Row(label: $0.label, amount: $0.amount)) },
            uniquingKeysWith: { first, _ in first }
        )
        if model != tape.committed {
            return "the test bed itself: the source holds \(model), the history left \(tape.committed)"
        }
        return RowComparison(source: contents, lake: lake.compactMap(\.self)).problem
    }
}

/// Compares the rows of a source with those of a lake.
struct RowComparison {
    let source: [StoredRow]
    let lake: [StoredRow]

    /// The first difference, in words; nil when the rows are the same.
    var problem: String? {
        var inLake: [RowKey: StoredRow] = [:]
        for row in lake {
            if inLake[row.key] != nil { return "row \(row.key) is in the lake twice" }
            inLake[row.key] = row
        }
        for row in source.sorted(by: { $0.key < $1.key }) {
            guard let copy = inLake.removeValue(forKey: row.key) else {
                return "row \(row) is missing in the lake"
            }
            if copy != row { return "the lake has \(copy) where the source has \(row)" }
        }
        return inLake.values.min { $0.key < $1.key }.map { "the lake has \($0), which the source has not" }
    }
}
