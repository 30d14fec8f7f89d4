import ColumnBatches
import ConnectorTestKit
import SourceConnectors
@testable import SyncPipelines
import Testing

/// Tables in which nothing has changed: they are asked once, and what matters is found all the same.
@Suite("A table without a change") struct QuietTableTests {
    /// A source whose rows are in the lake, and whose clock has passed the mark.
    private func bench() async throws -> QuarantineBench {
        let bench = QuarantineBench(nil)
        try await bench.put(1...20, "first")
        #expect(try await bench.run().succeeded)
        try await bench.fixture.perform(.pass(8_000_000_000))
        // The rows were written before the first mark's tolerance had passed: this run leaves them behind.
        try await bench.put(21...21, "second")
        #expect(try await bench.run().succeeded)
        return bench
    }

    /// Runs once, and says how many queries the source was sent.
    private func run(_ bench: QuarantineBench) async throws -> (report: TaskReport, queries: Int) {
        let before = bench.fixture.database.queries.count
        let report = try await bench.pipeline.run(QuarantineBench.all)
        #expect(report.succeeded, "\(report.text)")
        return (report.tasks[0], bench.fixture.database.queries.count - before)
    }

    @Test("no row of it is read, its mark is the clock's, and nothing is committed")
    func unchanged() async throws {
        let bench = try await bench()
        for _ in 0..<3 {
            try await bench.fixture.perform(.pass(60_000_000))
            let (report, queries) = try await run(bench)
            #expect(queries == 0 && report.outcome == .unchanged && report.tableVersion == nil)
            #expect(report.guarantee == "proven")
            let lag = bench.fixture.database.now - (report.mark ?? 0)
            #expect((0...1_000_000).contains(lag), "the mark is \(lag) µs behind")
        }
    }

    @Test("a row that is written is found by the next run, whatever was open in the one before")
    func found() async throws {
        let bench = try await bench()
        let late = TestRow(RowKey("a", 50), label: "late", amount: 50)
        try await bench.fixture.perform(.begin(1))
        try await bench.fixture.perform(.put(1, [late]))
        try await bench.fixture.perform(.pass(60_000_000))
        let (report, queries) = try await run(bench)
        #expect(queries > 0 && report.markHeldBy != nil, "what is open is looked at")
        try await bench.fixture.perform(.commit(1))
        let (next, _) = try await run(bench)
        #expect(next.rowsInserted == 1)
        #expect(try await bench.labels()[50] == "late")
    }

    @Test("a row that an open transaction removes, and that comes back, is not taken for gone")
    func removed() async throws {
        let bench = try await bench()
        let row = TestRow(RowKey("a", 60), label: "sixty", amount: 60)
        try await bench.fixture.perform(.put(nil, [row]))
        try await bench.fixture.perform(.begin(1))
        try await bench.fixture.perform(.remove(1, [RowKey("a", 60)]))
        #expect(try await run(bench).queries > 0)
        try await bench.fixture.perform(.rollback(1))
        _ = try await run(bench)
        #expect(try await bench.labels()[60] == "sixty")
    }

    @Test("rows without a cursor value are read each time")
    func withoutCursor() async throws {
        let bench = try await bench()
        let row = TestRow(RowKey("a", 70), label: "no cursor", amount: 70, hasCursor: false)
        try await bench.fixture.perform(.put(nil, [row]))
        try await bench.fixture.perform(.pass(60_000_000))
        #expect(try await run(bench).report.rowsInserted == 1)
        #expect(try await run(bench).report.rowsRead == 1)
    }

    @Test("a clock that was set back is noticed")
    func setBack() async throws {
        let bench = try await bench()
        try await bench.fixture.perform(.stepClock(-600_000_000))
        let (report, queries) = try await run(bench)
        #expect(queries > 0 && report.rowsRead >= 20, "everything is read again")
        #expect(report.guarantee != "proven")
    }

    @Test("a search for deleted rows runs whatever the window brings")
    func deletes() async throws {
        var bench = try await bench()
        bench.template.findDeletes = .everyRun
        try await bench.fixture.perform(.remove(nil, [RowKey("a", 5)]))
        try await bench.fixture.perform(.pass(60_000_000))
        #expect(try await run(bench).report.rowsDeleted == 1)
        #expect(try await bench.labels()[5] == nil)
    }
}
