import ColumnBatches
import ObjectStores
import SourceConnectors
import SyncLedgers
@testable import SyncPipelines
import Testing

/// A state of affairs, and the plan that it must give.
struct PlanScenario: Sendable, CustomTestStringConvertible {
    var name: String
    var cursor = CursorSetting.automatic
    var hasRun = true
    var change: @Sendable (inout MemoryFleet) -> Void = { _ in }

    var testDescription: String { name }
}

@Suite("SyncPlan") struct SyncPlanTests {
    static let everything = TaskSelection(regions: .all)
    static let early = MemoryFleet.start - 7200 * MemoryFleet.second

    static func fleet(_ scenario: PlanScenario) async throws -> MemoryFleet {
        var fleet = MemoryFleet(cursor: scenario.cursor)
        for (client, count) in [("c1", 400), ("c2", 5)] {
            fleet.commit(client, (0..<Int64(count)).map { MemoryFleet.row($0, "first", at: early) })
            fleet.databases[client]?.update {
                $0.tables[MemoryFleet.table]?.description.estimatedRows = count
            }
        }
        if scenario.hasRun {
            _ = try await fleet.pipeline.prepare(everything)
            _ = try await fleet.pipeline.run(everything)
            fleet.tick(100)
        }
        scenario.change(&fleet)
        return fleet
    }

    static func edit(_ fleet: MemoryFleet, _ client: String = "c1", _ body: (inout TableDescription) -> Void)
    {
        fleet.databases[client]?.update { state in
            guard var description = state.tables[MemoryFleet.table]?.description else { return }
            body(&description)
            state.tables[MemoryFleet.table]?.description = description
        }
    }

    static let scenarios = [
        PlanScenario(name: "nothing there", hasRun: false),
        PlanScenario(name: "increment"),
        PlanScenario(name: "comparison", cursor: .none),
        PlanScenario(name: "new column") { fleet in
            edit(fleet) {
                $0.columns.append(
                    ColumnDescription(name: "vat", type: .string, sourceType: "text", isNullable: true)
                )
            }
        },
        PlanScenario(name: "new filter") { fleet in
            fleet.configuration.tables[0].filters = [RowFilter("note", .equal, [.string("first")])]
        },
        PlanScenario(name: "many deletions", cursor: .none) { fleet in
            edit(fleet) { $0.estimatedRows = 100 }
        },
        PlanScenario(name: "no index on the cursor") { fleet in
            edit(fleet) { $0.cursorCandidates[0].isIndexed = false }
        },
        PlanScenario(name: "open transaction, no PROCESS") { fleet in
            fleet.databases["c1"]?.update {
                $0.signals.oldestWriter = $0.signals.now - 60 * MemoryFleet.second
                $0.signals.heldBy = "thread 17"
            }
            fleet.databases["c2"]?.update { $0.signals.limitations = ["the user lacks PROCESS"] }
        },
        PlanScenario(name: "missing table") { fleet in
            fleet.databases["c2"]?.update { $0.tables[MemoryFleet.table] = nil }
        },
        PlanScenario(name: "server down") { fleet in
            fleet.databases["c2"]?.update { $0.isDown = true }
        },
        PlanScenario(name: "types that no lake table holds") { fleet in
            edit(fleet, "c2") { $0.columns[2].type = .double }
        },
        PlanScenario(name: "no key") { fleet in
            edit(fleet, "c2") { $0.primaryKey = [] }
        },
    ]

    @Test("golden plans", arguments: scenarios)
    func golden(scenario: PlanScenario) async throws {
        let fleet = try await Self.fleet(scenario)
        let objects = try await fleet.store.list("", after: nil)
        let plan = try await fleet.pipeline.plan(Self.everything)
        let again = try await fleet.pipeline.plan(Self.everything)
        #expect(plan.id == again.id)
        let text = plan.text.replacing(plan.id, with: "ID").replacing(/\d+ bytes/, with: "N bytes")
        print("=== \(scenario.name)\n\(text)\n=== end")
        #expect(text == PlanGoldens.texts[scenario.name])
        let after = try await fleet.store.list("", after: nil).filter {
            !$0.path.hasPrefix("tributary/plans/")
        }
        #expect(after == objects)
    }

    @Test("an edit that makes another task needs its plan, which holds once")
    func destructiveEdit() async throws {
        let scenario = try #require(Self.scenarios.first { $0.name == "new filter" })
        let fleet = try await Self.fleet(scenario)
        let refused = try await fleet.pipeline.run(Self.everything)
        #expect(refused.tasks.allSatisfy { $0.error?.code == "needsPlan" })
        #expect(refused.tasks.first?.error?.message.contains("filters none → note = 'first'") == true)
        let version = try await fleet.version()
        let plan = try await fleet.pipeline.plan(Self.everything)
        #expect(plan.isDestructive && plan.isClear)
        #expect(try await fleet.version() == version)
        let report = try await fleet.pipeline.run(plan: plan.id)
        #expect(report.succeeded)
        await #expect { try await fleet.pipeline.run(plan: plan.id) } throws: { error in
            (error as? SyncError)?.code == .stalePlan
        }
        await #expect { try await fleet.pipeline.run(plan: "0123456789abcdef") } throws: { error in
            (error as? SyncError)?.code == .stalePlan
        }
        let plain = try await fleet.pipeline.run(Self.everything)
        #expect(plain.succeeded)
    }

    @Test("a plan that creates tables does so when it is run")
    func creation() async throws {
        let scenario = try #require(Self.scenarios.first { $0.name == "nothing there" })
        let fleet = try await Self.fleet(scenario)
        let plan = try await fleet.pipeline.plan(Self.everything)
        let report = try await fleet.pipeline.run(plan: plan.id)
        #expect(report.succeeded)
        try await fleet.expectEqual()
        let read = report.tasks.reduce(0) { $0 + $1.rowsRead }
        let expected = plan.tasks.compactMap(\.expectedRows).reduce(0, +)
        #expect(expected <= read * 2 && read <= expected * 2)
        let written = report.tasks.reduce(0) { $0 + $1.bytesWritten }
        #expect(written > 0)
    }

    @Test("bytes are those that were measured, or none")
    func bytes() async throws {
        var fleet = MemoryFleet()
        for name in ["c1", "c2"] {
            fleet.commit(
                name,
                (0..<3000).map { MemoryFleet.row($0, "note \($0)", at: MemoryFleet.start - 1) }
            )
            fleet.databases[name]?.update { $0.tables[MemoryFleet.table]?.description.estimatedRows = 3000 }
        }
        let roster = fleet.roster
        fleet.roster.entries.removeLast()
        let first = try await fleet.pipeline.plan(Self.everything)
        #expect(first.tasks.map(\.expectedBytes) == [nil] && !first.text.contains("bytes"))
        _ = try await fleet.pipeline.prepare(Self.everything)
        _ = try await fleet.pipeline.run(Self.everything)
        fleet.roster = roster
        let second = try await fleet.pipeline.plan(Self.everything)
        #expect(second.text.contains("bytes for the 1 task of which that is measured"))
        let load = try await fleet.pipeline.run(TaskSelection(regions: .all, client: "2")).tasks[0]
        let expected = try #require(second.tasks.first { $0.client == "2" }?.expectedBytes)
        #expect(expected <= load.bytesWritten * 2 && load.bytesWritten <= expected * 2)
        fleet.tick(10)
        fleet.commit("c1", [MemoryFleet.row(5, "changed", at: MemoryFleet.start + 1)])
        let change = try await fleet.pipeline.run(TaskSelection(regions: .all, client: "1")).tasks[0]
        let third = try await fleet.pipeline.plan(Self.everything)
        #expect(third.tasks.first { $0.client == "1" }?.expectedBytes == change.bytesWritten)
    }

    @Test("more deletions than the guardrails allow stop the task, unless a plan showed them")
    func deletions() async throws {
        var scenario = PlanScenario(name: "deletions")
        scenario.cursor = .none
        let fleet = try await Self.fleet(scenario)
        fleet.databases["c1"]?.update { state in
            state.tables[MemoryFleet.table]?.committed.removeLast(300)
            state.tables[MemoryFleet.table]?.description.estimatedRows = 110
        }
        let refused = try await fleet.pipeline.run(Self.everything)
        #expect(refused.tasks.first?.error?.code == "guardrail")
        #expect(refused.tasks.first?.error?.message.contains("300 of 400 rows") == true)
        #expect(try await fleet.lakeRows("1", "eu").count == 400)
        let plan = try await fleet.pipeline.plan(Self.everything)
        #expect(plan.tasks.first?.predictedDeletes == 290)
        #expect(try await fleet.pipeline.run(plan: plan.id).succeeded)
        try await fleet.expectEqual()
    }

    @Test("a plan survives its JSON, and a mark that moved makes it stale")
    func stale() async throws {
        let fleet = try await Self.fleet(PlanScenario(name: "plain"))
        let plan = try await fleet.pipeline.plan(Self.everything)
        #expect(plan.json.contains(#""action" : "increment""#))
        fleet.commit("c1", [MemoryFleet.row(1, "changed", at: MemoryFleet.start + 50 * MemoryFleet.second)])
        _ = try await fleet.pipeline.run(Self.everything)
        await #expect { try await fleet.pipeline.run(plan: plan.id) } throws: { error in
            "\(error)".contains("eu/1/shop.orders")
        }
    }
}
