import ColumnBatches
import DeltaLog
import DeltaTables
import MergePlanning
import ObjectStores
import ParquetFiles
import Testing

/// Random merges against a table in memory, in every way of writing and with every kind of key.
@Suite("Merge model") struct MergeModelTests {
    /// What a table of the model looks like.
    struct Shape: Sendable, CustomTestStringConvertible {
        var marksRows: Bool
        var keys: [Field]
        var bloom = false

        var testDescription: String {
            (marksRows ? "marked" : "rewritten") + keys.map { " \($0.type)" }.joined()
                + (bloom ? " bloom" : "")
        }

        var schema: TableSchema {
            TableSchema(
                fields: [Field("region", .string)] + keys + [
                    Field("text", .string), Field("u", .timestamp),
                ],
                partitionColumns: ["region"]
            )
        }

        /// The key of a number.
        func key(_ number: Int64) -> [ColumnValue] {
            keys.map { field in
                switch field.type {
                case .string: .string("key \(number % 7) \(number)")
                case .date: .date(Int32(number))
                case .int32: .integer(number / 10)
                case .decimal: .decimal(Int128(number), scale: 2)
                case .boolean: .boolean(number.isMultiple(of: 2))
                case .double: .double(Double(number) / 3)
                default: .integer(number * 3 - 500)
                }
            }
        }

        var options: DataFileOptions {
            var options = DataFileOptions()
            options.parquet.rowGroupRows = 64
            options.parquet.pageRows = 16
            options.targetFileBytes = 6000
            if bloom { options.parquet[column: keys[0].name].bloomFilter = .init() }
            return options
        }
    }

    static let shapes: [Shape] = [false, true].flatMap { marks in
        [
            Shape(marksRows: marks, keys: [Field("id", .int64)]),
            Shape(marksRows: marks, keys: [Field("id", .string)], bloom: true),
            Shape(marksRows: marks, keys: [Field("day", .date)], bloom: true),
            Shape(marksRows: marks, keys: [Field("part", .int32), Field("id", .int64)]),
            Shape(marksRows: marks, keys: [Field("name", .string), Field("even", .boolean)]),
            Shape(marksRows: marks, keys: [Field("price", .decimal(precision: 12, scale: 2))]),
            Shape(marksRows: marks, keys: [Field("x", .double)]),
        ]
    }

    struct Row: Equatable {
        var text: String?
        var version: Int64
    }

    final class Model {
        let shape: Shape
        let table: DeltaTable
        var rows: [Int64: Row] = [:]
        var generator: SplitMix
        var version: Int64 = 0

        init(_ shape: Shape, seed: UInt64) async throws {
            self.shape = shape
            generator = SplitMix(state: seed)
            table = DeltaTable(store: MemoryObjectStore(), path: "t")
            let settings = shape.marksRows ? ["delta.enableDeletionVectors": "true"] : [:]
            _ = try await table.create(schema: shape.schema, configuration: settings)
        }

        func batch(_ rows: [(Int64, Row)]) -> ColumnBatch {
            let fields = shape.schema.dataFields
            var builders = fields.map { ColumnBuilder($0.type) }
            for (number, row) in rows {
                let values =
                    shape.key(number) + [row.text.map { .string($0) } ?? .null, .timestamp(row.version)]
                for index in builders.indices { builders[index].append(values[index]) }
            }
            return ColumnBatch(
                schema: BatchSchema(fields),
                columns: builders.indices.map { builders[$0].finish() },
                rowCount: rows.count
            )
        }

        /// Changes of random rows around a random place; those that were there already are left as they are at times.
        func step(fill: Bool, deletes: Bool, versioned: Bool) async throws {
            version += 1
            var changes = ChangeSet(keys: shape.keys.map(\.name), version: versioned ? "u" : nil)
            let start = Int64.random(in: 0..<800, using: &generator)
            let widths: [Int64] = [10, 100, 900]
            let width: Int64 = widths.randomElement(using: &generator) ?? 10
            var wanted: [Int64: Row] = [:]
            for _ in 0..<Int.random(in: 0...40, using: &generator) {
                let number = start + Int64.random(in: 0..<width, using: &generator)
                if let present = rows[number], Int.random(in: 0..<3, using: &generator) == 0 {
                    wanted[number] = present
                } else {
                    // At times the version stays although the row is another one.
                    let isQuiet = rows[number] != nil && Int.random(in: 0..<4, using: &generator) == 0
                    var row = Row(text: "text \(version) \(number)", version: version)
                    if Int.random(in: 0..<5, using: &generator) == 0 { row.text = nil }
                    if isQuiet, let present = rows[number] { row.version = present.version }
                    wanted[number] = row
                }
            }
            let all = wanted.sorted { $0.key < $1.key }
            let half = all.count / 2
            try changes.append(batch(Array(all[half...])))
            try changes.append(batch(Array(all[..<half])))
            var gone: [Int64] = []
            if deletes {
                gone = rows.keys.filter { wanted[$0] == nil }.sorted().filter { _ in
                    Int.random(in: 0..<12, using: &generator) == 0
                }
                let keys = batch(gone.map { ($0, Row(version: 0)) })
                let encoder = RowKeyEncoder(shape.keys.compactMap { keys.column($0.name) })
                var words: [UInt64] = []
                for row in 0..<keys.rowCount where encoder.encode(row: row, into: &words) == nil {
                    changes.delete(words)
                }
            }
            let filled: Set<String>? = fill ? ["text"] : nil
            var counts = (inserted: 0, updated: 0, unchanged: 0)
            for (number, row) in wanted {
                guard let present = rows[number] else {
                    counts.inserted += 1
                    rows[number] = row
                    continue
                }
                let next = fill ? Row(text: row.text, version: present.version) : row
                if next == present { counts.unchanged += 1 } else { counts.updated += 1 }
                rows[number] = next
            }
            for number in gone { rows[number] = nil }

            let snapshot = try await table.snapshot()
            let planner = try MergePlanner(
                table: table,
                snapshot: snapshot,
                partition: ["region": "a"],
                filledColumns: filled
            )
            let plan = try await planner.plan(for: changes)
            #expect(plan.insertedCount == counts.inserted && plan.updatedCount == counts.updated)
            #expect(plan.unchangedCount == counts.unchanged && plan.deletedCount == gone.count)
            try await checkImages(plan, snapshot)
            guard !plan.isEmpty else { return }
            let edit = try await plan.write(to: table, snapshot: snapshot, options: shape.options)
            _ = try await table.apply(edit, to: snapshot)
        }

        private func checkImages(_ plan: MergePlan, _ snapshot: Snapshot) async throws {
            var counts: [ChangeKind: Int] = [:]
            try await plan.forEachImage(of: table, snapshot: snapshot) { images in
                counts[images.kind, default: 0] += images.count
            }
            #expect((counts[.insert] ?? 0) == plan.insertedCount)
            #expect((counts[.update] ?? 0) == plan.updatedCount)
            #expect((counts[.delete] ?? 0) == plan.deletedCount)
        }

        /// The table's rows as the model has them; every key is there once.
        func check() async throws {
            var numbers: [[ColumnValue]: Int64] = [:]
            for number in rows.keys { numbers[shape.key(number)] = number }
            var found: [Int64: Row] = [:]
            let names = shape.schema.dataFields.map(\.name)
            for try await batch in try table.rows(of: try await table.snapshot(), columns: names) {
                for index in 0..<batch.rowCount {
                    let values = batch.row(index)
                    let number = try #require(numbers[Array(values.prefix(shape.keys.count))])
                    var row = Row(version: 0)
                    if case .string(let text) = values[values.count - 2] { row.text = text }
                    if case .timestamp(let time) = values[values.count - 1] { row.version = time }
                    #expect(found.updateValue(row, forKey: number) == nil)
                }
            }
            #expect(found == rows)
            #expect(try await table.check(readsRows: true).problems.isEmpty)
        }
    }

    struct SplitMix: RandomNumberGenerator {
        var state: UInt64
        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var mixed = state
            mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
            mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
            return mixed ^ (mixed >> 31)
        }
    }

    @Test("random merges leave what a table in memory holds", arguments: shapes)
    func merges(shape: Shape) async throws {
        for seed in UInt64(1)...2 {
            let model = try await Model(shape, seed: seed)
            // A first load in key order, in several files of several row groups.
            let first = (0..<700).map { (Int64($0), Row(text: "first \($0)", version: 0)) }
            let snapshot = try await model.table.snapshot()
            let writer = model.table.makeWriter(
                schema: shape.schema,
                partition: ["region": "a"],
                options: shape.options
            )
            for start in stride(from: 0, to: first.count, by: 100) {
                try await writer.append(model.batch(Array(first[start..<(start + 100)])))
            }
            let load = TableEdit(
                operation: "WRITE",
                added: try await writer.finish(),
                readSet: ReadSet(partitions: .nothing)
            )
            _ = try await model.table.apply(load, to: snapshot)
            for (number, row) in first { model.rows[number] = row }
            for step in 0..<9 {
                try await model.step(
                    fill: step.isMultiple(of: 4),
                    deletes: step.isMultiple(of: 3),
                    versioned: !step.isMultiple(of: 5)
                )
                if step == 5 {
                    _ = try await model.table.alter([
                        .set("delta.enableDeletionVectors", "\(!shape.marksRows)")
                    ])
                }
                let snapshot = try await model.table.snapshot()
                var little = TidyOptions()
                little.filesToPack = 3
                if step == 3 || step == 7 {
                    _ = try await model.table.tidy([["region": "a"]], of: snapshot, options: little)
                }
                if step == 6 { _ = try await model.table.optimise() }
            }
            try await model.check()
        }
    }
}
