import ColumnBatches
import DeltaLog
import ObjectStores
import Testing

@testable import DeltaTables

@Suite("Arranged tables and pruned pages") struct ArrangementTests {
    static let fields = [Field("x", .int64), Field("y", .int64), Field("s", .string)]

    /// A square of points, in no order, in several files.
    static func makeTable(side: Int64, files: Int64) async throws -> DeltaTable {
        let table = DeltaTable(store: MemoryObjectStore(), path: "t")
        _ = try await table.create(schema: TableSchema(fields: fields))
        let count = side * side
        for file in 0..<files {
            var columns = [ColumnBuilder(.int64), ColumnBuilder(.int64), ColumnBuilder(.string)]
            for number in stride(from: file, to: count, by: Int64.Stride(files)) {
                let point = number * 2_654_435_761 % count
                columns[0].append(.integer(point / side))
                columns[1].append(point % side == 0 ? .null : .integer(point % side))
                columns[2].append(.string("p\(point)"))
            }
            let batch = ColumnBatch(
                schema: BatchSchema(fields),
                columns: columns.indices.map { columns[$0].finish() }
            )
            _ = try await table.append(batch)
        }
        return table
    }

    @Test("a Z-order makes files narrow in each column, and is not made twice")
    func zOrder() async throws {
        let table = try await Self.makeTable(side: 64, files: 8)
        let rows = Set(try await DeltaTableTests.rows(table))
        let narrow: [Predicate] = [.less("x", .integer(8)), .greaterOrEqual("y", .integer(56))]
        func filesRead(_ predicate: Predicate) async throws -> Int {
            try table.rows(of: try await table.snapshot(), where: predicate).files.count
        }
        for predicate in narrow { #expect(try await filesRead(predicate) == 8) }
        var options = OptimiseOptions()
        options.order = .zOrder(["x", "y"])
        options.targetFileBytes = Int(try await table.snapshot().byteCount) / 16
        options.arrangedTargets = 100
        let report = try await table.optimise(options)
        #expect(report.commits == 1)
        #expect(report.removedFiles == 8)
        #expect(report.addedFiles == 16)
        #expect(Set(try await DeltaTableTests.rows(table)) == rows)
        // A grid of 4 by 4 files: a stripe through it meets a row or a column.
        for predicate in narrow { #expect(try await filesRead(predicate) == 4) }
        #expect(try await filesRead(.and(narrow)) == 1)
        let info = try #require(try await table.log.history(limit: 1)[0].info)
        #expect(info.operationParameters == ["zOrderBy": "x, y"])
        #expect(try await table.optimise(options).commits == 0)
        // What is marked as gone is written anew, and new files are arranged among themselves.
        _ = try await table.append(
            ColumnBatch(
                schema: BatchSchema(Self.fields),
                columns: [.nulls(.int64, count: 3), .nulls(.int64, count: 3), .nulls(.string, count: 3)]
            )
        )
        #expect(try await table.optimise(options).removedFiles == 1)
        options.order = .sorted(["y"])
        #expect(try await table.optimise(options).removedFiles == 17)
        await #expect(throws: DeltaTableError.self) {
            options.order = .sorted(["none"])
            _ = try await table.optimise(options)
        }
    }

    @Test("values that are far from evenly spread are arranged by their ranks")
    func ranks() {
        let values: [[ColumnValue]] = [
            [.integer(1_000_000), .integer(0)], [.integer(0), .integer(1)], [.integer(1), .integer(0)],
            [.null, .integer(5)], [.integer(0), .integer(0)],
        ]
        let fields = [Field("a", .int64), Field("b", .int64)]
        let batch = AlterationTests.batch(fields, values)
        #expect(RowOrder.sorted(["a", "b"]).positions(of: batch) == [3, 4, 1, 2, 0])
        let order = RowOrder.zOrder(["a", "b"]).positions(of: batch)
        #expect(Set(order) == [0, 1, 2, 3, 4])
        #expect(order.first == 4)
        #expect(RowOrder.zOrder(["b"]).positions(of: batch) == [0, 2, 4, 1, 3])
    }

    @Test(
        "pages that cannot hold a wanted row are not read, and the rows are the same",
        arguments: [
            (Predicate.equal("x", .integer(77)), 16_384), (.less("x", .integer(5)), 16_384),
            (.or([.equal("x", .integer(1)), .equal("x", .integer(179))]), 32_400 - 16_384 + 16_384),
            (.and([.equal("x", .integer(170)), .greater("y", .integer(3))]), 16_016),
            (.isIn("x", [.integer(2), .integer(3)]), 16_384), (.equal("s", .string("p7")), 32_400),
            (.and([.greater("x", .integer(20)), .less("x", .integer(10))]), 16_384), (.isNull("y"), 32_400),
            (.equal("x", .integer(500)), 0),
        ] as [(Predicate, Int)]
    )
    func pages(predicate: Predicate, most: Int) async throws {
        let table = try await Self.makeTable(side: 180, files: 1)
        var options = OptimiseOptions()
        options.order = .sorted(["x"])
        _ = try await table.optimise(options)
        _ = try await table.delete(where: .equal("s", .string("p400")))
        let snapshot = try await table.snapshot()
        let schema = try table.schema(of: snapshot)
        let reader = try await DataFileReader(snapshot.files[0], of: "t", schema: schema, in: table.store)
        let read = try await reader.pieces(for: predicate).reduce(0) { $0 + $1.rows.count }
        #expect(read <= most)
        var expected: Set<[ColumnValue]> = []
        for row in try await DeltaTableTests.rows(table) {
            let values = Dictionary(uniqueKeysWithValues: zip(["x", "y", "s"], row))
            if predicate.evaluate({ values[$0] ?? .null }) == true { expected.insert(row) }
        }
        var found: [[ColumnValue]] = []
        for try await batch in try table.rows(of: snapshot, where: predicate) {
            for row in 0..<batch.rowCount { found.append(batch.row(row)) }
        }
        #expect(Set(found) == expected)
        #expect(found.count == expected.count)
    }
}
