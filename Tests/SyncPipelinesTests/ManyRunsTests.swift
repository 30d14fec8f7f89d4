import ColumnBatches
import DeltaLog
import DeltaTables
import Foundation
import ObjectStores
import SourceConnectors
import SyncLedgers
@testable import SyncPipelines
import Testing

/// What a task leaves in the lake, run after run: it must not grow with the number of runs.
///
/// `TRIBUTARY_MERGE_RUNS` says how many runs; 1,000 take some minutes. From 200 on the memory of the process counts as well, so
/// that the suite is to run alone then.
@Suite("Many runs") struct ManyRunsTests {
    /// What is kept beside the rows.
    struct State: Sendable {
        var transactions = 0
        var checkpointBytes = 0
        var logObjects = 0
        var tableFiles = 0
        var ledgerFiles = 0
        var historyFiles = 0
        var residentMiB = 0
    }

    private static var runs: Int {
        ProcessInfo.processInfo.environment["TRIBUTARY_MERGE_RUNS"].flatMap { Int($0) } ?? 60
    }

    private func state(_ store: any ObjectStore) async throws -> State {
        var state = State()
        let table = DeltaTable(store: store, path: "shop/orders")
        let snapshot = try await table.snapshot()
        state.transactions = snapshot.transactions.count
        state.tableFiles = snapshot.fileCount
        let log = try await store.list("shop/orders/_delta_log/", after: nil)
        state.logObjects = log.count
        state.checkpointBytes = log.filter { $0.path.contains(".checkpoint") }.map(\.size).max() ?? 0
        state.ledgerFiles = try await DeltaTable(store: store, path: "tributary/sync_log").snapshot()
            .fileCount
        state.historyFiles = try await DeltaTable(store: store, path: "tributary/run_history").snapshot()
            .fileCount
        if let text = try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8) {
            state.residentMiB = (Int(text.split(separator: " ")[1]) ?? 0) / 256
        }
        return state
    }

    /// Makes the files of a log as old as if the days had passed that so many runs take.
    private func age(_ log: URL) throws {
        let names = try FileManager.default.contentsOfDirectory(atPath: log.path)
        for name in names {
            try FileManager.default.setAttributes(
                [.modificationDate: Date().addingTimeInterval(-2 * 86_400)],
                ofItemAtPath: log.appending(path: name).path
            )
        }
    }

    @Test(
        "log, ledger, history and memory are after many runs what they were after few",
        arguments: [false, true]
    )
    func many(marks: Bool) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(
            path: "tributary-runs-\(UUID().uuidString)"
        )
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        var fleet = MemoryFleet(store: LocalObjectStore(root: folder.path))
        fleet.configuration.tables[0].deletionVectors = marks
        let selection = TaskSelection(regions: .all, client: "1")
        fleet.commit(
            "c1",
            (1...500).map { MemoryFleet.row($0, "first", at: MemoryFleet.start - 7200_000_000) }
        )
        #expect(try await fleet.pipeline.prepare(selection).succeeded)
        // Versions that nobody asks for any more go once their day is over, not after a month, and removed files are forgotten.
        let table = DeltaTable(store: fleet.store, path: "shop/orders")
        for name in ["delta.logRetentionDuration", "delta.deletedFileRetentionDuration"] {
            _ = try await table.alter([.set(name, "interval 0 days")])
        }
        #expect(try await fleet.pipeline.run(selection).succeeded)
        let runs = Self.runs
        var half: State?
        for run in 1...runs {
            fleet.tick(10)
            let time = fleet.now("c1") - 1
            let ids = (0..<5).map { Int64((run * 7 + $0 * 101) % 500 + 1) }
            fleet.commit("c1", Set(ids).map { MemoryFleet.row($0, "run \(run)", at: time) })
            fleet.tick(10)
            let report = try await fleet.pipeline.run(selection)
            #expect(report.succeeded && report.tasks[0].rowsUpdated == Set(ids).count, "\(report.text)")
            #expect(report.tasks[0].rowsRead <= 10)
            if run % 40 == 0 { try age(folder.appending(path: "shop/orders/_delta_log")) }
            if run == runs / 2 { half = try await state(fleet.store) }
        }
        let before = try #require(half)
        let after = try await state(fleet.store)
        #expect(after.transactions == before.transactions)
        #expect(after.tableFiles <= 24 && after.ledgerFiles <= 24 && after.historyFiles <= 24, "\(after)")
        #expect(after.checkpointBytes < before.checkpointBytes + 16_384, "\(before) \(after)")
        // Clean-up comes every hundred versions.
        #expect(after.logObjects <= 300, "\(after)")
        if runs >= 200 {
            #expect(after.residentMiB <= before.residentMiB + 32, "\(before) \(after)")
            print("many runs: \(runs), marks \(marks): after half \(before), after all \(after)")
        }
        #expect(try await fleet.lakeRows("1", "eu") == fleet.sourceRows("c1"))
    }
}
