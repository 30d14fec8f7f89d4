import ColumnBatches
import Testing
import Verification

@Suite("DifferenceFinder") struct DifferenceFinderTests {
    static let schema = BatchSchema([
        Field("id", .int64), Field("city", .int64), Field("name", .string), Field("at", .timestamp),
    ])

    static func batch(_ rows: [[ColumnValue]]) -> ColumnBatch {
        let columns = schema.fields.indices.map { index in
            var builder = ColumnBuilder(schema.fields[index].type)
            for row in rows { builder.append(row[index]) }
            return builder.finish()
        }
        return ColumnBatch(schema: schema, columns: columns, rowCount: rows.count)
    }

    static func row(_ id: Int64, city: Int64 = 1, name: String = "a", at: Int64? = 10) -> [ColumnValue] {
        [.integer(id), .integer(city), .string(name), at.map { .timestamp($0) } ?? .null]
    }

    static func find(_ source: [[ColumnValue]], _ lake: [[ColumnValue]], cursor: String? = "at")
        -> [RowDifference]
    {
        var rules = DifferenceFinder.Rules(keys: ["id"], cursor: cursor, mark: 100)
        rules.cascadeColumns = ["city"]
        var finder = DifferenceFinder(rules: rules)
        finder.addSource(batch(source))
        finder.addLake(batch(lake))
        return finder.differences()
    }

    static let cases: [(DifferenceKind, [[ColumnValue]], [[ColumnValue]], [String])] = [
        (.missing, [row(1), row(2)], [row(1)], []),
        (.pending, [row(1), row(2, at: 100)], [row(1)], []),
        (.pending, [row(1, name: "b", at: 101)], [row(1)], ["name", "at"]),
        (.pending, [row(1, name: "b", at: nil)], [row(1, at: nil)], ["name"]),
        (.gone, [row(1)], [row(1), row(2)], []),
        (.stale, [row(1, name: "b", at: 20)], [row(1)], ["name", "at"]),
        (.backdated, [row(1, name: "b", at: 5)], [row(1)], ["name", "at"]),
        (.cascade, [row(1, city: 2)], [row(1)], ["city"]),
        (.changed, [row(1, city: 2, name: "b")], [row(1)], ["city", "name"]),
        (.changed, [row(1, name: "b")], [row(1)], ["name"]),
    ]

    @Test("each kind of difference is named", arguments: cases)
    func kinds(kind: DifferenceKind, source: [[ColumnValue]], lake: [[ColumnValue]], columns: [String]) {
        let found = Self.find(source, lake)
        #expect(found.map(\.kind) == [kind])
        #expect(found.first?.columns == columns)
    }

    @Test("a row that only changed its key is one difference, which knows both keys")
    func keyChanged() {
        let found = Self.find([Self.row(1), Self.row(9, name: "z")], [Self.row(1), Self.row(2, name: "z")])
        #expect(found.map(\.kind) == [.keyChanged])
        #expect(found.first?.key == [.integer(9)])
        #expect(found.first?.formerKey == [.integer(2)])
    }

    @Test("rows that are the same, in any order, are no difference")
    func same() {
        #expect(Self.find([Self.row(1), Self.row(2)], [Self.row(2), Self.row(1)]).isEmpty)
    }

    @Test("without a cursor nothing is pending")
    func withoutCursor() {
        let found = Self.find([Self.row(1, name: "b", at: 200)], [Self.row(1)], cursor: nil)
        #expect(found.map(\.kind) == [.changed])
    }
}
