import ColumnBatches
import ConnectorTestKit
import SourceConnectors
@testable import SyncPipelines
import Testing

/// Random changes, run by run, in every way of writing and by both merge strategies, against a model of the lake.
@Suite("Write mode model") struct WriteModelTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var write: TableTemplate.Write
        var deletes: TableTemplate.Deletes
        var marks: Bool
        /// Whether the table has a cursor; without one it is compared.
        var hasCursor: Bool

        var testDescription: String {
            "\(write), gone rows \(deletes), \(marks ? "marked" : "rewritten"), \(hasCursor ? "cursor" : "compared")"
        }
    }

    static let cases: [Case] = [false, true].flatMap { marks in
        [true, false].flatMap { hasCursor in
            [
                Case(write: .upsert, deletes: .delete, marks: marks, hasCursor: hasCursor),
                Case(write: .upsert, deletes: .mark, marks: marks, hasCursor: hasCursor),
                Case(write: .upsert, deletes: .keep, marks: marks, hasCursor: hasCursor),
                Case(write: .history, deletes: .delete, marks: marks, hasCursor: hasCursor),
                Case(write: .history, deletes: .keep, marks: marks, hasCursor: hasCursor),
            ]
        } + [Case(write: .append, deletes: .keep, marks: marks, hasCursor: true)]
    }

    /// A row of the lake in the model.
    struct Row: Hashable {
        var id: Int64
        var note: String
        var time: Int64
        var from: Int64?
        var to: Int64?
        var deletedAt: Int64?
    }

    /// What the lake should hold.
    struct Model {
        let way: Case
        var rows: [Row] = []

        /// Takes what one run sees.
        mutating func run(_ source: [Int64: (note: String, time: Int64)], now: Int64) {
            for (id, row) in source { take(id, row.note, row.time, now) }
            for index in rows.indices where source[rows[index].id] == nil {
                switch (way.write, way.deletes) {
                case (.upsert, .mark) where rows[index].deletedAt == nil: rows[index].deletedAt = now
                case (.history, .delete) where rows[index].to == nil:
                    rows[index].to = max(now, (rows[index].from ?? 0) + 1)
                default: break
                }
            }
            if way.write == .upsert && way.deletes == .delete { rows.removeAll { source[$0.id] == nil } }
        }

        private mutating func take(_ id: Int64, _ note: String, _ time: Int64, _ now: Int64) {
            var row = Row(id: id, note: note, time: time)
            switch way.write {
            case .upsert:
                rows.removeAll { $0.id == id }
                rows.append(row)
            case .append:
                if !rows.contains(where: { $0.id == id && $0.time == time }) { rows.append(row) }
            case .history:
                let mine = rows.indices.filter { rows[$0].id == id }
                let open = mine.first { rows[$0].to == nil }
                if let open, rows[open].note == note, rows[open].time == time { return }
                let last = mine.map { rows[$0].to ?? (rows[$0].from ?? 0) + 1 }.max() ?? .min
                let natural = way.hasCursor ? time : now
                row.from = natural >= last ? natural : max(now, last)
                if let open { rows[open].to = row.from }
                rows.append(row)
            }
        }
    }

    @Test("what runs leave is what the model says", arguments: cases)
    func model(way: Case) async throws {
        for seed in UInt64(1)...2 {
            var generator = SeededGenerator(seed: seed)
            var fleet = MemoryFleet(cursor: way.hasCursor ? .automatic : .none)
            fleet.configuration.tables[0].write = way.write
            fleet.configuration.tables[0].deletes = way.deletes
            fleet.configuration.tables[0].deletionVectors = way.marks
            if way.hasCursor && way.deletes != .keep { fleet.configuration.tables[0].findDeletes = .everyRun }
            let selection = TaskSelection(regions: .all, client: "1")
            #expect(try await fleet.pipeline.prepare(selection).succeeded)
            var source: [Int64: (note: String, time: Int64)] = [:]
            var model = Model(way: way)
            for step in 0..<12 {
                for _ in 0..<Int.random(in: 0...30, using: &generator) {
                    let id = Int64.random(in: 1...60, using: &generator)
                    if Int.random(in: 0..<4, using: &generator) == 0 {
                        source[id] = nil
                        fleet.remove("c1", [id])
                        continue
                    }
                    // Where the whole table is compared, a row may change with its time left as it is, or set back.
                    var time = fleet.now("c1") - 1
                    if !way.hasCursor, let old = source[id], Int.random(in: 0..<3, using: &generator) == 0 {
                        time = old.time - Int64.random(in: 0...1, using: &generator)
                    }
                    let note = "n\(step) \(Int.random(in: 0..<3, using: &generator))"
                    source[id] = (note, time)
                    fleet.commit("c1", [MemoryFleet.row(id, note, at: time)])
                    fleet.tick(1)
                }
                fleet.tick(10)
                for _ in 0..<Int.random(in: 1...2, using: &generator) {
                    let report = try await fleet.pipeline.run(selection)
                    #expect(report.succeeded, "\(report.text)")
                }
                model.run(source, now: fleet.now("c1"))
            }
            try await expectSame(fleet, model)
            let verified = try await fleet.pipeline.verify(selection)
            #expect(verified.isEqual, "\(verified.text)")
        }
    }

    private func expectSame(_ fleet: MemoryFleet, _ model: Model) async throws {
        var names = ["id", "note", "update_timestamp"]
        if model.way.write == .history {
            names += [WriteColumns.validFrom, WriteColumns.validTo, WriteColumns.isCurrent]
        }
        let marks = model.way.write == .upsert && model.way.deletes == .mark
        if marks { names.append(WriteColumns.deletedAt) }
        func time(_ value: Int64?) -> ColumnValue { value.map { .timestamp($0) } ?? .null }
        let wanted = model.rows.map { row -> [ColumnValue] in
            var values: [ColumnValue] = [.integer(row.id), .string(row.note), .timestamp(row.time)]
            if model.way.write == .history {
                values += [time(row.from), time(row.to), .boolean(row.to == nil)]
            }
            if marks { values.append(time(row.deletedAt)) }
            return values
        }
        let found = try await fleet.values("1", "eu", names)
        #expect(found == wanted.sorted { "\($0)" < "\($1)" })
    }
}
