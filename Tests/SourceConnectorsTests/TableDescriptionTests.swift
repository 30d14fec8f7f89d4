import ColumnBatches
import SourceConnectors
import Testing

@Suite("TableDescription")
struct TableDescriptionTests {
    @Test("finds a column by its exact name")
    func findsColumns() {
        let column = ColumnDescription(name: "Id", type: .int64, sourceType: "bigint(20)", isNullable: false)
        let table = TableDescription(name: TableName(database: "shop", table: "orders"), columns: [column])
        #expect(table.column("Id") == column)
        #expect(table.column("id") == nil)
    }

    @Test("a query reads everything unless told otherwise, in batches of a bounded size")
    func queryDefaults() {
        let query = ReadQuery(table: TableName(database: "shop", table: "orders"), columns: [])
        #expect(query.window == nil && query.filters.isEmpty && query.order.isEmpty)
        #expect(query.batchRows == 16_384)
        #expect(CursorWindow(column: "u", type: .timestamp, lowerBound: 0).includesNulls)
    }
}
