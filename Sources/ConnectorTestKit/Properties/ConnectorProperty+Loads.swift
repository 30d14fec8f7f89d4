import ColumnBatches
import ObjectStores
import SourceConnectors
import Synchronization

extension ConnectorProperty {
    /// First loads: ranges of a key, readers beside each other, chunks that are committed one by one.
    static var loads: [ConnectorProperty] {
        [
            ConnectorProperty(
                "K11a",
                "the ranges of a key hold each row once, and together all",
                unless: { $0.unlessCutting ?? $0.unlessMutable }
            ) { run in
                try await run.withRows(SampleRows.many(40) + SampleRows.few) { fixture, table in
                    let wanted = try await run.expected(fixture, table)
                    for rows in [1, 7, 52, 1_000] {
                        let read = try await run.readRanges(of: rows, table, fixture)
                        try run.requireSame(read, wanted, "the read in ranges of \(rows)")
                    }
                }
            },
            ConnectorProperty(
                "K11b",
                "readers beside each other see one state where they say so",
                unless: { $0.unlessCutting ?? $0.unlessMutable }
            ) { run in
                try await run.withRows { fixture, table in
                    let wanted = try await run.expected(fixture, table)
                    let seen = try await run.readBesideEachOther(3, table, fixture)
                    for (rows, agreement) in seen where agreement.isOneInstant {
                        try run.requireSame(rows, wanted, "the read of a reader (\(agreement.description))")
                    }
                    try run.require(
                        seen.count == 3 && Set(seen.map(\.1)).count == 1,
                        "readers say different things of their snapshots: \(seen.map(\.1))"
                    )
                }
            },
            ConnectorProperty(
                "K19b",
                "a first load in chunks that stops at any operation of the store goes on, and brings no row twice",
                unless: { $0.unlessCursor ?? $0.unlessMutable ?? $0.unlessCutting }
            ) { run in
                for fault in [FaultyObjectStore.Fault.crashAfter, .loseAnswer] {
                    var point = 0
                    while point < 400, try await run.breakLoad(fault, at: point) {
                        point += run.effort.crashStride
                    }
                }
            },
        ]
    }
}

extension ConnectorCapabilities {
    /// Why ranges of keys do not apply.
    var unlessCutting: String? { cutsKeys ? nil : "the connector reads no ranges of a key" }
}

extension ConformanceRun {
    /// All rows, read range by range.
    fileprivate func readRanges(of rows: Int, _ table: TestTable, _ fixture: Bed.Fixture) async throws
        -> [[ColumnValue]]
    {
        try await fixture.connector.withSession(for: fixture.source) { session in
            guard let session = session as? any RangedSession else {
                throw ConformanceFailure("the session is no RangedSession")
            }
            return try await Self.rows(table, in: session, rangesOf: rows, query(table, batchRows: 5))
        }
    }

    private static func rows(
        _ table: TestTable,
        in session: some RangedSession,
        rangesOf rows: Int,
        _ query: ReadQuery
    ) async throws -> [[ColumnValue]] {
        guard let bounds = try await session.bounds(of: table.name, by: table.keys, every: rows) else {
            throw ConformanceFailure("the key cannot be cut")
        }
        var read: [[ColumnValue]] = []
        var after: KeyBound?
        for through in bounds {
            var query = query
            query.range = KeyRange(key: table.keys, after: after, through: through)
            query.order = table.keys
            read += try await Self.rows(query, in: session)
            after = through
        }
        try await session.endSnapshot()
        return read
    }

    /// What readers see of a table that is written to once they have opened their snapshots, and what they say of those.
    fileprivate func readBesideEachOther(_ count: Int, _ table: TestTable, _ fixture: Bed.Fixture)
        async throws
        -> [([[ColumnValue]], SnapshotAgreement)]
    {
        let query = query(table)
        return try await fixture.connector.withSession(for: fixture.source) { session in
            guard let session = session as? any RangedSession else {
                throw ConformanceFailure("the session is no RangedSession")
            }
            return try await Self.read(query, by: count, in: session, fixture)
        }
    }

    private static func read(
        _ query: ReadQuery,
        by count: Int,
        in session: some RangedSession,
        _ fixture: Bed.Fixture
    ) async throws -> [([[ColumnValue]], SnapshotAgreement)] {
        let seen = Mutex<[([[ColumnValue]], SnapshotAgreement)]>([])
        try await session.withReaders(count, of: query.table, feel: { _ in }) { number, reader, agreement in
            if number == 0 {
                let row = TestRow(RowKey("late", 1), label: "written by now")
                try await fixture.perform(.put(nil, [row]))
            }
            let rows = try await Self.rows(query, in: reader)
            seen.withLock { $0.append((rows, agreement)) }
        }
        return seen.withLock { $0 }
    }

    /// Lets a first load meet a fault, changes rows, and runs again; false when the load did not meet the fault.
    fileprivate func breakLoad(_ fault: FaultyObjectStore.Fault, at point: Int) async throws -> Bool {
        try await withRows(SampleRows.many(12)) { fixture, table in
            let lake = MemoryObjectStore()
            let store = FaultyObjectStore(lake)
            try await pass(10_000_000, fixture)
            var calm = setup(fixture, table, lake)
            calm.chunkRows = 2
            try await driver.prepare(calm)
            store.plan(fault, at: point)
            var faulty = setup(fixture, table, store)
            faulty.chunkRows = 2
            _ = try? await driver.run(faulty)
            let wasFaulty = store.wasFaulty
            let isComplete = try await MarkReader(calm).inTable() != nil
            let before = try await driver.lakeRows(calm).count
            let what = "after a \(fault) at operation \(point)"
            try await fixture.perform(
                .put(
                    nil,
                    [TestRow(RowKey("m", 1), label: "changed"), TestRow(RowKey("m", 11), label: "changed")]
                )
            )
            try await fixture.perform(.put(nil, [TestRow(RowKey("z", 1), label: "new")]))
            try await pass(10_000_000, fixture)
            let resumed = try await driver.run(calm)
            try require(resumed.succeeded, "\(what) the next run failed: \(resumed.error ?? "")")
            if !isComplete && before > 0 {
                try require(
                    resumed.rowsRead + before <= 13,
                    "\(what) \(before) rows were in the lake, and \(resumed.rowsRead) were read again"
                )
            }
            _ = try await driver.run(calm)
            do {
                try await requireInSync(calm, fixture)
            } catch let failure as ConformanceFailure {
                throw ConformanceFailure("\(what): \(failure.message)")
            }
            return wasFaulty
        }
    }
}
