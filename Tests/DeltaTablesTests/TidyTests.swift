import ColumnBatches
import DeltaLog
import DeltaTables
import ObjectStores
import Testing

@Suite("Tidying") struct TidyTests {
    static let partition: [String: String?] = ["region": "eu"]

    static func append(_ rows: Range<Int64>, to table: DeltaTable) async throws {
        _ = try await table.append(
            DeltaTableTests.batch(rows.map { ($0, Optional("text \($0)")) }),
            partition: partition
        )
    }

    static func makeTable(marksRows: Bool = false) async throws -> DeltaTable {
        let table = DeltaTable(store: MemoryObjectStore(), path: "t")
        _ = try await table.create(
            schema: DeltaTableTests.schema,
            configuration: marksRows ? ["delta.enableDeletionVectors": "true"] : [:]
        )
        return table
    }

    @Test("however many appends there are, files stay few and rows are written few times")
    func packs() async throws {
        let table = try await Self.makeTable()
        var rewritten = 0
        for index in Int64(0)..<120 {
            try await Self.append(index * 10..<(index * 10 + 10), to: table)
            let snapshot = try await table.snapshot()
            let report = try await table.tidy([Self.partition], of: snapshot)
            rewritten += report.removedFiles
            #expect(try await table.snapshot().fileCount <= 8)
        }
        #expect(rewritten <= 140)
        #expect(try await MaintenanceTests.ids(table) == Array(0..<1200))
    }

    @Test("a file of which many rows have left is written anew, one of few is not")
    func wornFiles() async throws {
        let table = try await Self.makeTable(marksRows: true)
        try await Self.append(0..<100, to: table)
        _ = try await table.delete(where: .less("id", .integer(20)))
        let first = try await table.tidy([Self.partition], of: try await table.snapshot())
        #expect(first.commits == 0)
        _ = try await table.delete(where: .less("id", .integer(30)))
        let second = try await table.tidy([Self.partition], of: try await table.snapshot())
        #expect(second.commits == 1 && second.addedFiles == 1)
        let files = try await table.snapshot().files
        #expect(files.allSatisfy { $0.deletionVector == nil })
        #expect(try await MaintenanceTests.ids(table) == Array(30..<100))
    }

    @Test("the budget bounds what is written, and the next call goes on")
    func budget() async throws {
        let table = try await Self.makeTable(marksRows: true)
        for index in Int64(0)..<4 { try await Self.append(index * 100..<(index * 100 + 100), to: table) }
        _ = try await table.delete(where: .compare("id", .greaterOrEqual, .integer(0)))
        #expect(try await table.snapshot().fileCount == 0)
        for index in Int64(0)..<4 { try await Self.append(index * 100..<(index * 100 + 100), to: table) }
        for index in Int64(0)..<4 {
            _ = try await table.delete(
                where: .and([
                    .compare("id", .greaterOrEqual, .integer(index * 100)),
                    .less("id", .integer(index * 100 + 50)),
                ])
            )
        }
        var options = TidyOptions()
        options.byteLimit = 1
        for left in [3, 2, 1, 0] {
            let snapshot = try await table.snapshot()
            #expect(try await table.tidy([Self.partition], of: snapshot, options: options).commits == 1)
            #expect(try await table.snapshot().files.count { $0.deletionVector != nil } == left)
        }
        #expect(try await MaintenanceTests.ids(table).count == 200)
    }
}
