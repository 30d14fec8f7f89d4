import ColumnBatches
import SourceConnectors
import SyncPipelines
import Testing
import Verification

@Suite("SyncPipeline.verify") struct SyncPipelineVerifyTests {
    private let all = TaskSelection(regions: .all)

    /// A fleet after a first run of a hundred rows for each client.
    private func synced() async throws -> MemoryFleet {
        let fleet = MemoryFleet()
        for client in ["c1", "c2"] {
            fleet.commit(
                client,
                (1...100).map { MemoryFleet.row($0, "n\($0)", at: MemoryFleet.start - 60_000_000) }
            )
        }
        _ = try await fleet.pipeline.prepare(all)
        fleet.tick(10)
        _ = try await fleet.pipeline.run(all)
        return fleet
    }

    @Test("what a run has brought is equal, and is not read again from the lake")
    func equal() async throws {
        let fleet = try await synced()
        let first = try await fleet.pipeline.verify(all)
        #expect(first.isEqual, "\(first.text)")
        #expect(first.tasks.map(\.sourceRows) == [100, 100])
        #expect(first.tasks.map(\.reusedDigests) == [false, false])
        let second = try await fleet.pipeline.verify(all)
        #expect(second.isEqual)
        #expect(second.tasks.map(\.reusedDigests) == [true, true])
        fleet.commit("c1", [MemoryFleet.row(200, "new", at: MemoryFleet.start + 20_000_000)])
        fleet.tick(60)
        let third = try await fleet.pipeline.verify(all)
        #expect(third.isEqual)
        #expect(third.tasks[0].counts == ["pending": 1])
        _ = try await fleet.pipeline.run(all)
        let fourth = try await fleet.pipeline.verify(all)
        #expect(fourth.tasks.map(\.reusedDigests) == [false, true])
        #expect(fourth.tasks[0].counts == [:])
    }

    /// One row of each kind that no cursor sees.
    private func damage(_ fleet: MemoryFleet) {
        let before = MemoryFleet.start - 60_000_000
        fleet.databases["c1"]?.update { state in
            state.tables[MemoryFleet.table]?.committed.removeAll {
                $0[0] == .integer(7) || $0[0] == .integer(8)
            }
        }
        fleet.commit(
            "c1",
            [
                MemoryFleet.row(5, "quiet", at: before), MemoryFleet.row(6, "old", at: before - 1),
                MemoryFleet.row(500, "late", at: before),
                [.integer(800), .decimal(800, scale: 2), .string("n8"), .timestamp(before)],
            ]
        )
    }

    @Test("what no cursor sees is found, named, and set right when asked to")
    func damaged() async throws {
        let fleet = try await synced()
        damage(fleet)
        fleet.tick(60)
        _ = try await fleet.pipeline.run(all)
        let found = try await fleet.pipeline.verify(all)
        #expect(!found.isEqual)
        let kinds = Dictionary(
            uniqueKeysWithValues: found.tasks[0].differences.map { ("\($0.kind.rawValue) \($0.key)", $0) }
        )
        #expect(
            Set(kinds.keys) == [
                "changed id=5", "backdated id=6", "gone id=7", "keyChanged id=800", "missing id=500",
            ]
        )
        #expect(kinds["keyChanged id=800"]?.formerKey == "id=8")
        #expect(kinds["changed id=5"]?.columns == ["note"])
        #expect(found.tasks[1].isEqual)

        var options = VerificationOptions()
        options.repairs = true
        let repaired = try await fleet.pipeline.verify(all, options: options)
        #expect(repaired.isEqual, "\(repaired.text)")
        #expect(repaired.tasks[0].repaired == 6)
        #expect(try await fleet.lakeRows("1", "eu") == fleet.sourceRows("c1"))
        let after = try await fleet.pipeline.verify(all)
        #expect(after.isEqual && after.tasks[0].counts == [:])
        let run = try await fleet.pipeline.run(all)
        #expect(run.tasks.allSatisfy { $0.tableVersion == nil })
    }

    @Test("a repair that would remove too many rows is refused, and nothing is changed")
    func guardrail() async throws {
        let fleet = try await synced()
        fleet.databases["c1"]?.update { state in
            state.tables[MemoryFleet.table]?.committed.removeFirst(60)
        }
        let before = try await fleet.lakeRows("1", "eu")
        var options = VerificationOptions()
        options.repairs = true
        let refused = try await fleet.pipeline.verify(all, options: options)
        #expect(refused.tasks[0].error?.code == "guardrail")
        #expect(refused.tasks[0].error?.message.contains("60 of 100") == true)
        #expect(refused.tasks[1].isEqual)
        #expect(try await fleet.lakeRows("1", "eu") == before)
        options.removableShare = 0.6
        #expect(try await fleet.pipeline.verify(all, options: options).isEqual)
    }

    @Test("rows that left the filter are told from rows that are gone")
    func leftFilter() async throws {
        var fleet = MemoryFleet()
        fleet.configuration.tables[0].filters = [RowFilter("note", .equal, [.string("keep")])]
        fleet.commit("c1", (1...20).map { MemoryFleet.row($0, "keep", at: MemoryFleet.start - 60_000_000) })
        _ = try await fleet.pipeline.prepare(all)
        fleet.tick(10)
        _ = try await fleet.pipeline.run(all)
        fleet.commit("c1", [MemoryFleet.row(3, "drop", at: MemoryFleet.start - 60_000_000)])
        fleet.databases["c1"]?.update { state in
            state.tables[MemoryFleet.table]?.committed.removeAll { $0[0] == .integer(4) }
        }
        let found = try await fleet.pipeline.verify(all)
        #expect(
            Set(found.tasks[0].differences.map { "\($0.kind.rawValue) \($0.key)" }) == [
                "leftFilter id=3", "gone id=4",
            ]
        )
    }

    @Test("more differences than may be read at once are read in passes, and counted where passes end")
    func passes() async throws {
        let fleet = try await synced()
        fleet.commit("c1", (1...100).map { MemoryFleet.row($0, "x", at: MemoryFleet.start - 60_000_000) })
        var options = VerificationOptions()
        options.rowsAtOnce = 20
        options.passes = 3
        let partial = try await fleet.pipeline.verify(all, options: options)
        #expect(partial.tasks[0].unreadBuckets > 0 && !partial.isEqual)
        let counted = partial.tasks[0].counts["changed"] ?? 0
        #expect(counted > 0 && counted < 100)
        options.passes = 100
        let whole = try await fleet.pipeline.verify(all, options: options)
        #expect(whole.tasks[0].counts == ["changed": 100])
        #expect(whole.tasks[0].differences.count == options.listedDifferences)
        options.repairs = true
        #expect(try await fleet.pipeline.verify(all, options: options).isEqual)
        #expect(try await fleet.lakeRows("1", "eu") == fleet.sourceRows("c1"))
    }
}
