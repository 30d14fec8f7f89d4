import ColumnBatches
import DeltaLog
import DeltaTables
import MergePlanning
import StagedChanges
import SyncLedgers
@testable import SyncPipelines
import Testing

@Suite("Review") struct ReviewTests {
    static let everything = TaskSelection(regions: .all)
    static let first = TaskSelection(regions: .all, client: "1")
    static let early = MemoryFleet.start - 7200 * MemoryFleet.second

    private func fleet(cursor: CursorSetting = .automatic) async throws -> MemoryFleet {
        var fleet = MemoryFleet(cursor: cursor)
        fleet.configuration.tables[0].review = .required
        fleet.commit("c1", (0..<20).map { MemoryFleet.row($0, "first", at: Self.early) })
        fleet.commit("c2", (0..<5).map { MemoryFleet.row($0, "first", at: Self.early) })
        _ = try await fleet.pipeline.prepare(Self.everything)
        return fleet
    }

    private func loaded(cursor: CursorSetting = .automatic) async throws -> MemoryFleet {
        let fleet = try await fleet(cursor: cursor)
        _ = try await fleet.pipeline.run(Self.everything)
        _ = try await fleet.pipeline.approve(Self.everything, by: "anna")
        fleet.tick(100)
        return fleet
    }

    private func marks(_ fleet: MemoryFleet) async throws -> [String: Int64] {
        Dictionary(
            uniqueKeysWithValues: try await SyncLedger(store: fleet.store).entries().map {
                ($0.task.client, $0.mark)
            }
        )
    }

    private func note(_ fleet: MemoryFleet, _ id: Int64) async throws -> String? {
        let row = try await fleet.lakeRows("1", "eu").first { $0[0] == .integer(id) }
        if case .string(let text)? = row?[2] { return text }
        return nil
    }

    @Test("nothing comes into the lake before it is approved, and the mark moves with the changes")
    func approval() async throws {
        let fleet = try await fleet()
        let report = try await fleet.pipeline.run(Self.everything)
        #expect(report.succeeded && report.tasks.allSatisfy { $0.outcome == .staged })
        #expect(report.tasks.map(\.rowsStaged) == [20, 5])
        #expect(try await fleet.lakeRows("1", "eu").isEmpty)
        #expect(try await marks(fleet).isEmpty)
        let again = try await fleet.pipeline.run(Self.everything)
        #expect(again.tasks.map(\.changeSet) == report.tasks.map(\.changeSet))

        let decided = try await fleet.pipeline.approve(Self.first, by: "anna", note: "fine")
        #expect(decided.map(\.rowsInserted) == [20] && decided.allSatisfy { $0.error == nil })
        #expect(try await fleet.lakeRows("1", "eu") == fleet.sourceRows("c1"))
        #expect(try await fleet.lakeRows("2", "us").isEmpty)
        #expect(try await marks(fleet).keys.sorted() == ["1"])
        // The two tasks stage side by side: either may be the older.
        let sets = try await fleet.pipeline.changeSets(Self.everything, in: [.applied, .pending])
            .sorted { $0.task.client < $1.task.client }
        #expect(sets.map(\.state) == [.applied, .pending] && sets.first?.decidedBy == "anna")
        let idle = try await fleet.pipeline.run(Self.first)
        #expect(idle.tasks.first?.outcome == .unchanged)
    }

    @Test("the stage holds kind, before and after; the diff is typed")
    func stage() async throws {
        let fleet = try await loaded(cursor: .none)
        fleet.databases["c1"]?.update { state in
            state.tables[MemoryFleet.table]?.committed.removeAll { $0[0] == .integer(7) }
        }
        fleet.commit(
            "c1",
            [
                MemoryFleet.row(3, "changed", at: Self.early),
                MemoryFleet.row(50, "new", at: MemoryFleet.start),
            ]
        )
        _ = try await fleet.pipeline.run(Self.first)
        let set = try #require(try await fleet.pipeline.changeSets(Self.first).first)
        #expect([set.insertedCount, set.updatedCount, set.deletedCount] == [1, 1, 1])
        let table = DeltaTable(store: fleet.store, path: "tributary/stage/shop/orders")
        var rows: [String: [ColumnValue]] = [:]
        let columns = [
            "kind", "client_id", "change_set", "before_note", "after_note", "before_id", "after_id",
        ]
        for try await batch in try table.rows(of: try await table.snapshot(), columns: columns) {
            for row in 0..<batch.rowCount where batch.row(row)[2] == .string(set.id) {
                if case .string(let kind) = batch.row(row)[0] { rows[kind] = Array(batch.row(row)[3...]) }
            }
        }
        #expect(rows["insert"] == [.null, .string("new"), .null, .integer(50)])
        #expect(rows["update"] == [.string("first"), .string("changed"), .integer(3), .integer(3)])
        #expect(rows["delete"] == [.string("first"), .null, .integer(7), .null])
        let diff = try await fleet.pipeline.diff(set)
        #expect(diff.map(\.kind).sorted { $0.rawValue < $1.rawValue } == [.delete, .insert, .update])
        let update = try #require(diff.first { $0.kind == .update })
        #expect(update.text == "~ id=3  note string 'first' → 'changed'")
        _ = try await fleet.pipeline.approve(Self.first, by: "anna")
        #expect(try await fleet.lakeRows("1", "eu") == fleet.sourceRows("c1"))
    }

    @Test(
        "five patched rows survive the overlap and a backfill; one that changes at its source goes stale, alone"
    )
    func patches() async throws {
        let fleet = try await loaded()
        let time = MemoryFleet.start + 50 * MemoryFleet.second
        fleet.commit("c1", (0..<6).map { MemoryFleet.row($0, "typo \($0)", at: time) })
        _ = try await fleet.pipeline.run(Self.first)
        let set = try #require(try await fleet.pipeline.changeSets(Self.first).first)
        let diff = try await fleet.pipeline.diff(set)
        for row in diff.filter({ $0.key[0].after != "5" }) {
            let id = try #require(row.key[0].after)
            let rule = try PatchRule(
                json: """
                    {"id": "fix-\(id)", "table": "shop.orders", "region": "eu", "client": "1",
                     "row": {"key": {"id": \(id)}, "digest": "\(row.sourceDigest ?? "")"}, "set": {"note": "fixed \(id)"}}
                    """
            )
            try await fleet.pipeline.propose(rule, by: "anna")
        }
        let shown = try await fleet.pipeline.diff(set)
        #expect(shown.count { $0.columns.contains { $0.patched != nil } } == 5)
        #expect(try await note(fleet, 1) == "first")
        _ = try await fleet.pipeline.approve(Self.first, by: "anna")
        for id in 0..<5 { #expect(try await note(fleet, Int64(id)) == "fixed \(id)") }
        #expect(try await note(fleet, 5) == "typo 5")

        // A verification takes patched rows for right, and its repair leaves them.
        var options = VerificationOptions()
        options.repairs = true
        let proof = try await fleet.pipeline.verify(Self.first, options: options)
        #expect(proof.tasks.first?.error == nil && proof.tasks.first?.differing == 0)
        #expect(try await note(fleet, 4) == "fixed 4")

        // The overlap is read again, and then everything: a table without cursor is another definition.
        let overlap = try await fleet.pipeline.run(Self.first)
        #expect(overlap.tasks.first?.outcome == .unchanged && overlap.tasks.first?.warnings.isEmpty == true)
        var backfill = fleet
        backfill.configuration.tables[0].cursor = .none
        let plan = try await backfill.pipeline.plan(Self.first)
        let whole = try await backfill.pipeline.run(plan: plan.id)
        #expect(whole.tasks.first?.outcome == .unchanged && whole.tasks.first?.rowsRead == 20)
        #expect(try await note(fleet, 2) == "fixed 2")

        fleet.tick(100)
        fleet.commit("c1", [MemoryFleet.row(2, "rewritten", at: time + 60 * MemoryFleet.second)])
        let stale = try await fleet.pipeline.run(Self.first)
        #expect(stale.tasks.first?.warnings.contains { $0.contains("fix-2 is stale") } == true)
        let rules = try await fleet.pipeline.patchRules()
        #expect(rules.filter { $0.state == .stale }.map(\.id) == ["fix-2"])
        #expect(rules.count { $0.state == .approved } == 4)
        #expect(try await note(fleet, 2) == "fixed 2")
        _ = try await fleet.pipeline.approve(Self.first, by: "anna")
        #expect(try await note(fleet, 2) == "rewritten")
        #expect(try await note(fleet, 3) == "fixed 3")
    }

    @Test("a rejection leaves lake and mark, and the same changes do not come back")
    func rejection() async throws {
        let fleet = try await loaded()
        let before = try await marks(fleet)
        fleet.commit("c1", [MemoryFleet.row(1, "wrong", at: MemoryFleet.start + 50 * MemoryFleet.second)])
        _ = try await fleet.pipeline.run(Self.first)
        _ = try await fleet.pipeline.reject(Self.first, by: "anna", note: "not ours")
        #expect(try await marks(fleet) == before)
        let again = try await fleet.pipeline.run(Self.first)
        #expect(again.tasks.first?.outcome == .unchanged)
        #expect(again.tasks.first?.warnings.contains { $0.contains("not ours") } == true)
        #expect(try await fleet.pipeline.changeSets(Self.first).isEmpty)
        #expect(try await marks(fleet) == before)
        fleet.tick(100)
        fleet.commit("c1", [MemoryFleet.row(2, "more", at: MemoryFleet.start + 150 * MemoryFleet.second)])
        let more = try await fleet.pipeline.run(Self.first)
        #expect(more.tasks.first?.rowsStaged == 2)
        #expect(try await note(fleet, 1) == "first")
    }

    @Test("a set that the lake has moved on from is refused; a later run takes the place of an earlier one")
    func superseded() async throws {
        let fleet = try await loaded()
        fleet.commit("c1", [MemoryFleet.row(1, "one", at: MemoryFleet.start + 50 * MemoryFleet.second)])
        _ = try await fleet.pipeline.run(Self.first)
        let old = try #require(try await fleet.pipeline.changeSets(Self.first).first)
        var open = fleet
        open.configuration.tables[0].review = .none
        _ = try await open.pipeline.run(Self.first)
        let refused = try await fleet.pipeline.approve(Self.first, by: "anna")
        #expect(refused.first?.error?.contains("staleChangeSet") == true)
        fleet.tick(100)
        fleet.commit("c1", [MemoryFleet.row(2, "two", at: MemoryFleet.start + 150 * MemoryFleet.second)])
        _ = try await fleet.pipeline.run(Self.first)
        let sets = try await fleet.pipeline.changeSets(Self.first, in: [.superseded, .pending])
        #expect(sets.map(\.state) == [.superseded, .pending] && sets.first?.id == old.id)
        _ = try await fleet.pipeline.approve(Self.first, by: "anna")
        #expect(try await fleet.lakeRows("1", "eu") == fleet.sourceRows("c1"))
    }

    @Test("a reviewer in the program decides as changes come")
    func reviewer() async throws {
        let fleet = try await fleet()
        var pipeline = fleet.pipeline
        pipeline.reviewer = .deciding { set, rows in
            var count = 0
            try await rows { batch in
                count += batch.kinds.count
                return true
            }
            guard set.client == "1" else { return .reject(reason: "only \(count) rows") }
            var rule = PatchRule(schema: "shop", table: "orders", id: "shout")
            rule.target = .matching([PatchCondition("id", .less, [.integer(3)])])
            rule.set = ["note": .upper(.column("note"))]
            return .approve(rules: [rule])
        }
        let report = try await pipeline.run(Self.everything)
        #expect(report.tasks.map(\.outcome) == [.loaded, .unchanged])
        #expect(report.tasks[1].warnings.contains { $0.contains("only 5 rows") })
        #expect(try await note(fleet, 2) == "FIRST")
        #expect(try await note(fleet, 3) == "first")
        fleet.tick(100)
        fleet.commit("c1", [MemoryFleet.row(0, "later", at: MemoryFleet.start + 50 * MemoryFleet.second)])
        _ = try await pipeline.run(Self.first)
        #expect(try await note(fleet, 0) == "LATER")
    }

    @Test("many rows are staged and applied in slices, with the mark in the last commit")
    func slices() async throws {
        var fleet = try await fleet()
        fleet.configuration.limits.changeBytesPerTask = 1 << 20
        fleet.databases["c1"]?.update { state in
            state.tables[MemoryFleet.table]?.committed = (0..<30_000).map {
                MemoryFleet.row($0, "a longer text for row \($0)", at: Self.early)
            }
        }
        let report = try await fleet.pipeline.run(Self.first)
        #expect(report.tasks.first?.rowsStaged == 30_000)
        let decided = try await fleet.pipeline.approve(Self.first, by: "anna")
        #expect(decided.first?.error == nil && decided.first?.rowsInserted == 30_000)
        #expect(try await fleet.lakeRows("1", "eu").count == 30_000)
        #expect(try await fleet.pipeline.run(Self.first).tasks.first?.outcome == .unchanged)
    }
}
