import ColumnBatches
import DeltaLog
import DeltaTables
import ObjectStores
import SourceConnectors
import SyncLedgers

/// Reads the marks that a lake holds, without the driver that wrote them.
struct MarkReader {
    private let table: DeltaTable
    private let ledger: SyncLedger

    init(_ setup: SyncSetup<some SourceConnector>) {
        table = LakeReader(setup).table
        ledger = SyncLedger(store: setup.lake)
    }

    /// The mark in the log of the table.
    func inTable() async throws -> Int64? {
        guard try await table.exists() else { return nil }
        let transactions = try await table.snapshot().transactions
        return transactions.values.filter { $0.appID.hasSuffix("/mark") }.map(\.version).max()
    }

    /// A committed row of the source whose cursor is below a mark and that is not in the lake as the source has it.
    ///
    /// No later run reads such a row: windows begin at the mark.
    func missingRow(
        below mark: Int64,
        _ setup: SyncSetup<some SourceConnector>,
        _ driver: some SyncDriver,
        _ fixture: some SourceFixture
    ) async throws -> StoredRow? {
        let lake = Set(try await driver.lakeRows(setup))
        return try await fixture.contents().first { row in
            guard let cursor = row.cursor, cursor < mark else { return false }
            return !lake.contains(setup.table.values(of: row))
        }
    }

    /// The mark in the ledger.
    func inLedger() async throws -> Int64? {
        try await ledger.entries().map(\.mark).max()
    }
}

/// How much state the lake keeps for a task, beside rows and their files.
struct StateSize {
    private let store: any ObjectStore
    private let path: String

    init(_ setup: SyncSetup<some SourceConnector>) {
        store = setup.lake
        path = LakeReader(setup).table.path
    }

    /// The bytes of the newest commit that are neither files nor the schema, and all application transactions.
    func bytes() async throws -> Int {
        let commits = try await store.list(path + "/_delta_log/", after: nil).filter {
            $0.path.hasSuffix(".json")
        }
        guard let newest = commits.last else { return 0 }
        let lines = try await store.read(newest.path).split(separator: 10).filter { line in
            !line.starts(with: "{\"add\"".utf8) && !line.starts(with: "{\"remove\"".utf8)
                && !line.starts(with: "{\"metaData\"".utf8)
        }
        let transactions = try await DeltaTable(store: store, path: path).snapshot().transactions
        return lines.reduce(0) { $0 + $1.count } + transactions.keys.reduce(0) { $0 + $1.utf8.count }
    }
}

extension ConformanceRun {
    /// A source with some rows and an empty lake.
    func withLake<Result: Sendable>(
        _ body: (SyncSetup<Bed.Fixture.Connector>, Bed.Fixture) async throws -> Result
    ) async throws -> Result {
        try await withRows { fixture, table in
            let setup = setup(fixture, table, MemoryObjectStore())
            try await pass(10_000_000, fixture)
            try await driver.prepare(setup)
            return try await body(setup, fixture)
        }
    }

    /// Every committed row whose cursor is below a mark is in the lake as the source has it, or newer.
    func requireRows(
        below mark: Int64,
        _ setup: SyncSetup<some SourceConnector>,
        _ fixture: Bed.Fixture,
        _ what: String
    ) async throws {
        if let row = try await MarkReader(setup).missingRow(below: mark, setup, driver, fixture) {
            throw ConformanceFailure("\(what) is \(mark), but the row \(row) is not in the lake")
        }
    }

    /// Lets a run meet a fault at each operation of the store in turn, looks at what it left, and runs once more.
    ///
    /// To crash after an operation is to crash before the next one.
    func crashEverywhere(
        _ faults: [FaultyObjectStore.Fault],
        _ look: (SyncSetup<Bed.Fixture.Connector>, Bed.Fixture, Int, FaultyObjectStore.Fault) async throws ->
            Void
    ) async throws {
        for fault in faults {
            var point = 0
            while point < 400, try await crash(fault, at: point, look) {
                point += effort.crashStride
            }
        }
    }

    /// Whether the run met the fault.
    private func crash(
        _ fault: FaultyObjectStore.Fault,
        at point: Int,
        _ look: (SyncSetup<Bed.Fixture.Connector>, Bed.Fixture, Int, FaultyObjectStore.Fault) async throws ->
            Void
    ) async throws -> Bool {
        try await withRows { fixture, table in
            let lake = MemoryObjectStore()
            let store = FaultyObjectStore(lake)
            try await pass(10_000_000, fixture)
            let calm = setup(fixture, table, lake)
            try await driver.prepare(calm)
            _ = try await driver.run(calm)
            let changes = [
                TestRow(RowKey("a", 2), label: "changed"), TestRow(RowKey("x", 1), label: "new"),
                TestRow(RowKey("x", 2), label: "new"),
            ]
            try await fixture.perform(.put(nil, changes))
            try await pass(10_000_000, fixture)
            store.plan(fault, at: point)
            _ = try? await driver.run(setup(fixture, table, store))
            let wasFaulty = store.wasFaulty
            try await look(calm, fixture, point, fault)
            _ = try await driver.run(calm)
            do {
                try await requireInSync(calm, fixture)
            } catch let failure as ConformanceFailure {
                throw ConformanceFailure("after a \(fault) at operation \(point): \(failure.message)")
            }
            return wasFaulty
        }
    }

    /// Lets the source break at a call of a run, looks at what the run left, and runs once more; false when the run has
    /// no such call.
    func breakSource(at call: Int) async throws -> Bool {
        try await withLake { setup, fixture in
            _ = try await driver.run(setup)
            let changes = [
                TestRow(RowKey("a", 2), label: "changed"), TestRow(RowKey("x", 1), label: "new"),
                TestRow(RowKey("x", 2), label: "new"), TestRow(RowKey("y", 1), label: "new"),
            ]
            try await fixture.perform(.put(nil, changes))
            try await pass(10_000_000, fixture)
            let calls = CallCounter(before: call)
            let connector = InterleavedConnector(fixture.connector) { point in
                guard calls.isNow() else { return }
                throw SourceError(.unreachable, isTransient: true, message: "planned fault: \(point)")
            }
            let told = try? await driver.run(setup.reading(by: connector))
            guard !calls.isAhead else { return false }
            let what = "after the source broke at call \(call)"
            try require(told?.succeeded != true, "\(what) the run says that it succeeded")
            if let mark = try await MarkReader(setup).inTable() {
                try await requireRows(below: mark, setup, fixture, "\(what) the mark")
            }
            let next = try await driver.run(setup)
            try require(next.succeeded, "\(what) the next run failed: \(next.error ?? "")")
            do {
                try await requireInSync(setup, fixture)
            } catch let failure as ConformanceFailure {
                throw ConformanceFailure("\(what): \(failure.message)")
            }
            return true
        }
    }

    /// A run that has read everything is overtaken by another one before it commits.
    func replayLate() async throws {
        try await withRows { fixture, table in
            let lake = MemoryObjectStore()
            let calm = setup(fixture, table, lake)
            try await pass(10_000_000, fixture)
            try await driver.prepare(calm)
            _ = try await driver.run(calm)
            try await fixture.perform(.put(nil, [TestRow(RowKey("a", 2), label: "first")]))
            try await pass(10_000_000, fixture)
            let isOvertaken = Once()
            let store = FaultyObjectStore(
                lake,
                before: { operation in
                    guard operation.path.contains("/_delta_log/"), operation.kind == .put,
                        !operation.path.hasPrefix("tributary/"), isOvertaken.begin()
                    else { return }
                    try await fixture.perform(.put(nil, [TestRow(RowKey("a", 2), label: "second")]))
                    try await self.pass(10_000_000, fixture)
                    _ = try await self.driver.run(calm)
                }
            )
            _ = try? await driver.run(setup(fixture, table, store))
            try require(!isOvertaken.begin(), "the run committed nothing that could be overtaken")
            try await requireInSync(calm, fixture)
        }
    }
}
