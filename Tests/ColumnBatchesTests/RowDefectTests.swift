import ColumnBatches
import Testing

@Suite("RowDefect") struct RowDefectTests {
    private static func batch(_ rows: Int, defects: [Int]) -> ColumnBatch {
        let columns = [
            Column.repeating(.integer(1), type: .int64, count: rows), .nulls(.string, count: rows),
        ]
        return ColumnBatch(
            schema: BatchSchema([Field("id", .int64), Field("text", .string)]),
            columns: columns,
            defects: defects.map { RowDefect(row: $0, column: "text", rule: "rule", reason: "reason") }
        )
    }

    @Test("defects go with their rows to where those are")
    func rows() {
        let batch = Self.batch(10, defects: [2, 7, 7])
        #expect(batch.rows([7, 1, 2]).defects.map(\.row) == [0, 0, 2])
        #expect(batch.rows([0, 1]).defects.isEmpty)
        #expect(batch.rows(Array(0..<10)).defects == batch.defects)
        #expect(batch.slice(5..<10).defects.map(\.row) == [2, 2])
        #expect(batch.selecting(["id"]).defects == batch.defects)
    }
}
