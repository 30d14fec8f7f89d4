import ColumnBatches
import ConnectorTestKit
import ObjectStores
import SourceConnectors
import SyncLedgers
@testable import SyncPipelines
import Testing

@Suite("Quarantine") struct QuarantineTests {
    @Test("without the setting a row that cannot be represented ends the task")
    func withoutSetting() async throws {
        let bench = QuarantineBench(nil)
        try await bench.put(1...20, "first", bad: [7])
        let report = try await bench.run()
        #expect(report.tasks.map(\.outcome) == [.failed])
        #expect(report.tasks[0].error?.message.contains("amount") == true)
        #expect(try await bench.entries().isEmpty)
    }

    @Test("the other rows come, the row is set aside by its key, and nothing of its values is told")
    func setAside() async throws {
        let bench = QuarantineBench()
        try await bench.put(1...20, "first", bad: [7])
        let report = try await bench.run()
        #expect(report.succeeded && report.tasks[0].rowsQuarantined == 1, "\(report.text)")
        #expect(report.tasks[0].rowsRead == 20 && report.tasks[0].rowsInserted == 19)
        #expect(report.text.contains("1 rows cannot be represented") && report.text.contains("1 set aside"))
        #expect(Set(try await bench.labels().keys) == Set((1...20).filter { $0 != 7 }))
        let entry = try #require(try await bench.entries().first)
        #expect(entry.key == "{\"number\":7,\"section\":\"a\"}" && entry.column == "amount")
        #expect(entry.rule == "simulated" && entry.state == .open && !entry.lakeHasOlderVersion)
        #expect(entry.runID == report.runID && !entry.reason.contains("-1"))
        #expect(try await bench.pipeline.status(QuarantineBench.all).map(\.rowsQuarantined) == [1])
        let listed = try await bench.pipeline.quarantine(QuarantineBench.all)
        #expect(listed.entries.map(\.key) == [entry.key] && listed.json.contains("\"rule\" : \"simulated\""))
        #expect(listed.text.contains("1 rows of 1 tables are set aside"))
    }

    @Test("reading the same row again writes nothing")
    func readAgain() async throws {
        let bench = QuarantineBench()
        try await bench.put(1...20, "first", bad: [7])
        _ = try await bench.run()
        _ = try await bench.run()
        let before = try await bench.entries()
        let objects = try await bench.lake.list("tributary/quarantine", after: nil).map(\.path)
        let report = try await bench.run()
        #expect(report.succeeded && report.tasks[0].tableVersion == nil)
        #expect(try await bench.entries() == before)
        #expect(try await bench.lake.list("tributary/quarantine", after: nil).map(\.path) == objects)
    }

    @Test("a row that changes at the source comes in by itself", arguments: [false, true])
    func cured(compares: Bool) async throws {
        var bench = QuarantineBench()
        if compares { bench.template.mode = .compare }
        try await bench.put(1...20, "first", bad: [7, 8])
        _ = try await bench.run()
        try await bench.put([7], "second")
        let report = try await bench.run()
        #expect(report.succeeded, "\(report.text)")
        #expect(try await bench.labels()[7] == "second")
        #expect(try await bench.states() == [7: .cured, 8: .open])
    }

    @Test("what the lake has of the row stays as it was, and the entry says so", arguments: [false, true])
    func olderVersion(compares: Bool) async throws {
        var bench = QuarantineBench()
        if compares { bench.template.mode = .compare } else { bench.template.findDeletes = .everyRun }
        try await bench.put(1...20, "first")
        _ = try await bench.run()
        try await bench.put([7, 9, 30], "second", bad: [7, 30])
        let report = try await bench.run()
        #expect(report.succeeded && report.tasks[0].rowsDeleted == 0, "\(report.text)")
        let labels = try await bench.labels()
        #expect(labels[7] == "first" && labels[9] == "second" && labels.count == 20)
        #expect(try await bench.entries().map(\.lakeHasOlderVersion) == [false, true])
    }

    @Test("more rows than may be set aside end the task, by name, and nothing is written")
    func threshold() async throws {
        let bench = QuarantineBench(QuarantineSettings(maximumRows: 2))
        try await bench.put(1...20, "first", bad: [3, 4, 5])
        let report = try await bench.run()
        let error = try #require(report.tasks[0].error)
        #expect(error.code == "quarantine" && error.message.contains("\"number\":3"), "\(error.message)")
        #expect(error.message.contains("3 of 20 rows") && error.message.contains("maxRows 2"))
        #expect(try await bench.dataFiles().isEmpty)
        #expect(try await bench.entries().isEmpty)
        #expect(try await bench.labels().isEmpty)
    }

    @Test("the share counts from a thousand rows on")
    func share() async throws {
        let bench = QuarantineBench(QuarantineSettings(maximumRows: 500, maximumShare: 0.01))
        try await bench.put(1...999, "first", bad: Set(1...20))
        #expect(try await bench.run().succeeded)
        let larger = QuarantineBench(QuarantineSettings(maximumRows: 500, maximumShare: 0.01))
        try await larger.put(1...1000, "first", bad: Set(1...11))
        let report = try await larger.run()
        #expect(report.tasks[0].error?.code == "quarantine")
        #expect(try await larger.entries().isEmpty)
        #expect(try await larger.dataFiles().isEmpty)
        #expect(try await larger.labels().isEmpty)
        let allowed = QuarantineBench(QuarantineSettings(maximumRows: 500, maximumShare: 0.01))
        try await allowed.put(1...1000, "first", bad: Set(1...10))
        #expect(try await allowed.run().succeeded)
    }

    @Test("a load in chunks sets rows aside with each chunk")
    func chunks() async throws {
        var bench = QuarantineBench()
        bench.configuration.limits.chunkRows = 8
        try await bench.put(1...60, "first", bad: [2, 31, 32, 60])
        let report = try await bench.run()
        #expect(report.succeeded && (report.tasks[0].load?.chunks ?? 0) > 2, "\(report.text)")
        #expect(report.tasks[0].rowsQuarantined == 4 && report.tasks[0].rowsRead == 60)
        #expect(try await bench.labels().count == 56)
        #expect(try await bench.states() == [2: .open, 31: .open, 32: .open, 60: .open])
    }

    @Test("a load in chunks knows the share once everything is read", arguments: [1200, 1050])
    func shareOfChunks(rows: Int64) async throws {
        var bench = QuarantineBench(QuarantineSettings(maximumRows: 500, maximumShare: 0.01))
        bench.configuration.limits.chunkRows = 50
        try await bench.put(1...rows, "first", bad: Set(1...11))
        let report = try await bench.run()
        #expect(report.tasks[0].error?.code == (rows == 1200 ? nil : "quarantine"), "\(report.text)")
        #expect((report.tasks[0].mark != nil) == (rows == 1200))
    }

    @Test("a row whose key cannot be represented ends the task")
    func key() async throws {
        let bench = QuarantineBench()
        try await bench.put(1...20, "first")
        bench.fixture.database.refuse(.integer(7), of: "number", in: bench.fixture.table.name)
        let report = try await bench.run()
        #expect(report.tasks[0].error?.message.contains("part of the key") == true, "\(report.text)")
    }

    @Test("everything that is read again closes entries of rows that are gone")
    func goneByComparison() async throws {
        var bench = QuarantineBench()
        bench.template.mode = .compare
        try await bench.put(1...20, "first", bad: [7, 8])
        _ = try await bench.run()
        try await bench.fixture.perform(.remove(nil, [RowKey("a", 7)]))
        #expect(try await bench.run().succeeded)
        #expect(try await bench.states() == [7: .gone, 8: .open])
    }

    @Test("another definition of the task loses no entry")
    func redefinition() async throws {
        var bench = QuarantineBench()
        try await bench.put(1...20, "first", bad: [7, 8])
        _ = try await bench.run()
        bench.template.values.durations = .text
        try await bench.correct(7)
        let plan = try await bench.pipeline.plan(QuarantineBench.all)
        let report = try await bench.pipeline.run(plan: plan.id)
        #expect(report.succeeded && report.tasks[0].rowsRead == 20, "\(report.text)")
        #expect(try await bench.states() == [7: .cured, 8: .open])
        #expect(try await bench.labels().count == 19)
    }

    @Test("a replay brings what was corrected without moving the cursor, and closes what is gone")
    func replay() async throws {
        let bench = QuarantineBench()
        try await bench.put(1...20, "first", bad: [7, 8, 9])
        _ = try await bench.run()
        try await bench.fixture.perform(.pass(8_000_000_000))
        _ = try await bench.run()
        try await bench.correct(7)
        try await bench.fixture.perform(.remove(nil, [RowKey("a", 8)]))
        _ = try await bench.run()
        #expect(try await bench.states() == [7: .open, 8: .open, 9: .open])
        let queries = bench.fixture.database.queries.count
        let report = try await bench.pipeline.replayQuarantine(QuarantineBench.all)
        #expect(report.succeeded && report.tasks[0].rowsRead == 2, "\(report.text)")
        #expect(report.tasks[0].rowsInserted == 1 && report.tasks[0].rowsQuarantined == 1)
        #expect(try await bench.states() == [7: .cured, 8: .gone, 9: .open])
        #expect(try await bench.labels()[7] == "first")
        let asked = bench.fixture.database.queries.dropFirst(queries)
        #expect(!asked.isEmpty && asked.allSatisfy { !$0.filters.isEmpty }, "rows are found by their keys")
        let after = try await bench.run()
        #expect(after.succeeded && after.tasks[0].tableVersion == nil, "the mark stayed")
        bench.fixture.database.refuse(nil, of: "amount", in: bench.fixture.table.name)
        #expect(try await bench.pipeline.replayQuarantine(QuarantineBench.all).succeeded)
        #expect(try await bench.states()[9] == .cured)
        #expect(try await bench.labels().count == 19)
        #expect(try await bench.pipeline.replayQuarantine(QuarantineBench.all).tasks.isEmpty)
    }

    @Test("a masked key is not told, and its rows are replayed all the same")
    func maskedKey() async throws {
        var bench = QuarantineBench()
        bench.template.mask = ["section": .hmac, "label": .hmac]
        bench.maskingKey = try MaskingKey(Array(String(repeating: "k", count: 32).utf8)) { _, text in
            Array(text.reversed()) + [1]
        }
        try await bench.put(1...20, "first", bad: [7, 8])
        let report = try await bench.run()
        #expect(report.succeeded && report.tasks[0].rowsQuarantined == 2, "\(report.text)")
        #expect(try await bench.entries().allSatisfy { !$0.key.contains("\"a\"") })
        try await bench.correct(7)
        #expect(try await bench.pipeline.replayQuarantine(QuarantineBench.all).succeeded)
        #expect(try await bench.states() == [7: .cured, 8: .open])
        #expect(try await bench.labels().count == 19)
    }

    @Test("rows that wait for people are set aside, and are not replayed past them")
    func review() async throws {
        var bench = QuarantineBench()
        bench.template.review = .required
        try await bench.put(1...20, "first", bad: [7])
        let report = try await bench.run()
        #expect(report.tasks[0].rowsStaged == 19 && report.tasks[0].rowsQuarantined == 1, "\(report.text)")
        let replay = try await bench.pipeline.replayQuarantine(QuarantineBench.all)
        #expect(replay.tasks[0].error?.code == "review", "\(replay.text)")
        #expect(try await bench.pipeline.status(QuarantineBench.all)[0].waitingChangeSet != nil)
    }

    @Test("another policy lets a row in by a replay, before the run that needs a plan for it")
    func otherPolicy() async throws {
        var bench = QuarantineBench()
        try await bench.put(1...20, "first", bad: [7])
        _ = try await bench.run()
        bench.template.values.durations = .text
        bench.fixture.database.refuse(nil, of: "amount", in: bench.fixture.table.name)
        #expect(try await bench.pipeline.run(QuarantineBench.all).tasks[0].error?.code == "needsPlan")
        #expect(try await bench.pipeline.replayQuarantine(QuarantineBench.all).succeeded)
        #expect(try await bench.states() == [7: .cured])
        #expect(try await bench.labels().count == 20)
        #expect(try await bench.pipeline.run(QuarantineBench.all).tasks[0].error?.code == "needsPlan")
    }

    @Test("verify says which rows are set aside, and a repair leaves them")
    func verify() async throws {
        let bench = QuarantineBench()
        try await bench.put(1...20, "first")
        _ = try await bench.run()
        try await bench.put([7, 30], "second", bad: [7, 30])
        _ = try await bench.run()
        try await bench.fixture.perform(.pass(8_000_000_000))
        _ = try await bench.run()
        let found = try await bench.pipeline.verify(QuarantineBench.all)
        #expect(found.tasks[0].counts == ["quarantined": 2], "\(found.text)")
        #expect(found.isEqual && found.text.contains("quarantined section=a, number=30"), "\(found.text)")
        var options = VerificationOptions()
        options.repairs = true
        let repaired = try await bench.pipeline.verify(QuarantineBench.all, options: options)
        #expect(repaired.tasks[0].repaired == 0 && repaired.tasks[0].error == nil, "\(repaired.text)")
        let labels = try await bench.labels()
        #expect(labels[7] == "first" && labels[30] == nil)
    }

    @Test("a repair that meets a row which cannot be represented sets it aside, and writes no hole")
    func repairSetsAside() async throws {
        let bench = QuarantineBench()
        try await bench.put(1...20, "first")
        _ = try await bench.run()
        try await bench.fixture.perform(.pass(8_000_000_000))
        _ = try await bench.run()
        // Without moving its cursor, so that no run sees it.
        let name = bench.fixture.table.name
        let row = try #require(bench.fixture.database.rows(of: name).first { $0[1] == .integer(7) })
        bench.fixture.database.write(
            [row[0...2] + [.integer(QuarantineBench.bad), row[4]]].map { Array($0) },
            into: name
        )
        var options = VerificationOptions()
        options.repairs = true
        let first = try await bench.pipeline.verify(QuarantineBench.all, options: options)
        #expect(first.tasks[0].counts == ["changed": 1] && first.tasks[0].repaired == 0, "\(first.text)")
        #expect(try await bench.states() == [7: .open])
        #expect(try await bench.pipeline.verify(QuarantineBench.all).tasks[0].counts == ["quarantined": 1])
    }
}
