import ConnectorTestKit
import SyncLedgers
@testable import SyncPipelines
import Testing

/// A process that stops before any of the calls to the store while rows are set aside, cured or replayed.
@Suite("Crashes while rows are set aside") struct QuarantineCrashTests {
    /// What runs when the process stops.
    enum Scenario: String, Sendable, CaseIterable {
        case increment, comparison, firstLoad, chunks, replay
    }

    private func bench(_ scenario: Scenario) async throws -> QuarantineBench {
        var bench = QuarantineBench()
        if scenario == .comparison { bench.template.mode = .compare }
        if scenario == .chunks {
            bench.configuration.limits.chunkRows = 8
            bench.configuration.limits.loadConnections = 1
        }
        try await bench.put(1...40, "first", bad: [3, 17, 33])
        #expect(try await bench.pipeline.prepare(QuarantineBench.all).succeeded)
        guard scenario != .firstLoad && scenario != .chunks else { return bench }
        #expect(try await bench.pipeline.run(QuarantineBench.all).succeeded)
        if scenario == .replay {
            try await bench.correct(3)
            try await bench.fixture.perform(.remove(nil, [RowKey("a", 17)]))
        } else {
            try await bench.put([3, 5, 6, 50], "second", bad: [5, 50])
        }
        return bench
    }

    private func work(_ scenario: Scenario, _ bench: QuarantineBench) async throws -> RunReport {
        scenario == .replay
            ? try await bench.pipeline.replayQuarantine(QuarantineBench.all)
            : try await bench.pipeline.run(QuarantineBench.all)
    }

    /// Each row of the source that lies behind the mark is in the lake, or has an open entry.
    private func expectNothingLost(_ bench: QuarantineBench, _ place: String) async throws {
        let tasks = try await bench.pipeline.status(QuarantineBench.all)
        guard let mark = tasks[0].mark else { return }
        let labels = try await bench.labels()
        let states = try await bench.states()
        for row in try await bench.fixture.contents() where row.cursor ?? .max < mark {
            let number = row.key.number
            #expect(
                labels[number] == row.label || states[number] == .open,
                "row \(number) is lost \(place): \(labels[number] ?? "none") \(states[number].map(\.rawValue) ?? "")"
            )
        }
    }

    @Test(
        "no row is in neither lake nor quarantine, and all is well after the next run and a replay",
        arguments: Scenario.allCases
    )
    func crashes(scenario: Scenario) async throws {
        let start = try await bench(scenario)
        let calm = try await start.copied()
        #expect(try await work(scenario, calm).succeeded)
        #expect(try await calm.pipeline.replayQuarantine(QuarantineBench.all).succeeded)
        let (labels, states) = (try await calm.labels(), try await calm.states().filter { $0.value == .open })
        #expect(labels.count >= 36 && !states.isEmpty)

        var point = 0
        var isFaulty = true
        while isFaulty {
            let after = try await start.copied()
            let store = FaultyObjectStore(after.lake)
            store.plan(.crash, at: point)
            var crashing = after
            crashing.lake = store
            _ = try? await work(scenario, crashing)
            isFaulty = store.wasFaulty
            let place = "after a stop before call \(point)"
            try await expectNothingLost(after, place)
            let next = try await after.pipeline.run(QuarantineBench.all)
            #expect(next.succeeded, "\(place): \(next.text)")
            try await expectNothingLost(after, place)
            #expect(try await after.pipeline.replayQuarantine(QuarantineBench.all).succeeded, "\(place)")
            #expect(try await after.labels() == labels, "\(place)")
            #expect(try await after.states().filter { $0.value == .open } == states, "\(place)")
            point += 1
        }
        #expect(point > 15)
    }
}
