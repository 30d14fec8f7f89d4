import ColumnBatches
import DeltaLog
import DeltaTables
import ObjectStores
import Testing

@Suite("Statistics of structures") struct NestedStatisticsTests {
    static let schema = TableSchema(
        fields: [
            Field("id", .int64),
            Field(
                "o",
                .structure([
                    Field("a", .int32), Field("b", .string),
                    Field("deep", .structure([Field("day", .date)])),
                    Field("l", .list(element: Field("element", .int32))),
                ])
            ),
        ]
    )

    static func row(_ id: Int64) -> [ColumnValue] {
        let deep: ColumnValue = id % 4 == 0 ? .null : .structure([.date(Int32(id))])
        return [
            .integer(id),
            id % 5 == 0
                ? .null : .structure([.integer(id), .string("b \(id)"), deep, .list([.integer(id)])]),
        ]
    }

    /// Three files of ten rows.
    static func makeTable(_ settings: [String: String] = [:]) async throws -> DeltaTable {
        let table = DeltaTable(store: MemoryObjectStore(), path: "t")
        _ = try await table.create(schema: schema, configuration: settings)
        for start in stride(from: 0, to: 30 as Int64, by: 10) {
            _ = try await table.append(
                rows: [AlterationTests.batch(schema.fields, (start..<(start + 10)).map { row($0) })]
            )
        }
        return table
    }

    static func ids(_ table: DeltaTable, _ predicate: Predicate) async throws -> (ids: [Int64], files: Int) {
        let rows = try table.rows(of: try await table.snapshot(), columns: ["id"], where: predicate)
        var ids: [Int64] = []
        for try await batch in rows {
            for row in 0..<batch.rowCount {
                if case .integer(let id) = batch.columns[0][row] { ids.append(id) }
            }
        }
        return (ids.sorted(), rows.files.count)
    }

    static func statistics(_ table: DeltaTable) async throws -> [FileStatistics] {
        try await table.snapshot().files.compactMap { $0.stats.flatMap { FileStatistics(json: $0) } }
    }

    @Test("leaves of structures have bounds and counts in the objects of the structures; lists have none")
    func written() async throws {
        let table = try await Self.makeTable()
        let first = try #require(
            try await Self.statistics(table).first { $0.minValues["id"] == .number("0") }
        )
        #expect(Set(first.leaves.keys) == [["o", "a"], ["o", "b"], ["o", "deep", "day"]])
        let leaf = try #require(first.leaves[["o", "a"]])
        #expect(leaf.min == .number("1") && leaf.max == .number("9") && leaf.nullCount == 2)
        let deep = try #require(first.leaves[["o", "deep", "day"]])
        #expect(deep.min == .string("1970-01-02") && deep.max == .string("1970-01-10") && deep.nullCount == 4)
        #expect(first.json.contains(#""o":{"a":1,"b":"b 1","deep":{"day":"1970-01-02"}}"#))
        #expect(FileStatistics(json: first.json) == first)
    }

    static let predicates: [(Predicate, [Int64], Int)] = [
        (.greater("o.a", .integer(27)), [28, 29], 1),
        (.equal("o.b", .string("b 14")), [14], 2),
        (.less("o.deep.day", .date(3)), [1, 2], 1),
        (.not(.greaterOrEqual("o.a", .integer(12))), [1, 2, 3, 4, 6, 7, 8, 9, 11], 2),
        (.isNull("o.a"), [0, 5, 10, 15, 20, 25], 3),
        (.and([.isIn("o.a", [.integer(3), .integer(99)]), .isNotNull("o.deep.day")]), [3], 1),
        (.greater("o.a", .integer(100)), [], 0),
    ]

    @Test(
        "predicates on leaves pass files over, before and after rows were written anew",
        arguments: predicates
    )
    func pruning(predicate: Predicate, ids: [Int64], files: Int) async throws {
        for settings in [[:], ["delta.enableDeletionVectors": "true"], AlterationTests.mapped] {
            let table = try await Self.makeTable(settings)
            #expect(try await Self.ids(table, predicate) == (ids, files))
            let gone = ids.first ?? 0
            _ = try await table.delete(where: .equal("id", .integer(gone)))
            #expect(try await Self.ids(table, predicate) == (ids.filter { $0 != gone }, files))
        }
    }

    @Test("rows are found by a leaf and changed, and their files keep their statistics")
    func edits() async throws {
        let table = try await Self.makeTable()
        let edited = try await table.update(where: .greater("o.a", .integer(27)), set: ["id": .integer(100)])
        #expect(edited.rowCount == 2)
        #expect(try await Self.statistics(table).allSatisfy { $0.leaves[["o", "a"]]?.max != nil })
        _ = try await table.optimise()
        let all = try await Self.statistics(table)
        #expect(all.map { $0.leaves[["o", "a"]]?.max } == [.number("29")])
        #expect(try await Self.ids(table, .greater("o.a", .integer(27))) == ([100, 100], 1))
    }

    @Test("leaves go by their names of the present, and by those in files")
    func renamed() async throws {
        let table = try await Self.makeTable(AlterationTests.mapped)
        _ = try await table.alter([.renameColumn(["o", "a"], to: "number")])
        #expect(try await Self.ids(table, .greater("o.number", .integer(27))) == ([28, 29], 1))
        let schema = try table.schema(of: try await table.snapshot())
        let predicate = try Predicate(sql: "O.Number > 27 AND o.deep.day IS NOT NULL", of: schema)
        #expect(try await Self.ids(table, predicate) == ([29], 1))
        await #expect { _ = try await Self.ids(table, .greater("o.a", .integer(1))) } throws: {
            ($0 as? DeltaTableError)?.column == "o.a"
        }
    }

    @Test(
        "leaves have statistics as the table's properties say",
        arguments: [
            ("o.a, id", [["o", "a"]]), ("o.deep", [["o", "deep", "day"]]), ("id", []),
            ("`o`", [["o", "a"], ["o", "b"], ["o", "deep", "day"]]),
        ]
    )
    func chosen(columns: String, leaves: [[String]]) async throws {
        let table = try await Self.makeTable(["delta.dataSkippingStatsColumns": columns])
        #expect(try await Set(Self.statistics(table)[0].leaves.keys) == Set(leaves))
    }

    @Test("a column whose name has a point is itself, not a part of another")
    func points() async throws {
        let table = DeltaTable(store: MemoryObjectStore(), path: "t")
        let fields = [
            Field("id", .int64), Field("o.a", .int32), Field("o", .structure([Field("a", .int32)])),
        ]
        _ = try await table.create(schema: TableSchema(fields: fields))
        let rows: [[ColumnValue]] = (0..<4).map { [.integer($0), .integer($0), .structure([.integer(-$0)])] }
        _ = try await table.append(rows: [AlterationTests.batch(fields, rows)])
        #expect(try await Self.ids(table, .greater("o.a", .integer(1))) == ([2, 3], 1))
    }
}
