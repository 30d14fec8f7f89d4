import ColumnBatches
import DeltaLog
import DeltaTables
import Foundation
import ObjectStores
import Testing

/// Work on tables that others wrote: they are added to, changed, arranged, altered, and made what they were.
@Suite(
    "Golden tables go on",
    .enabled(if: GoldenTable.folder != nil, "the golden tables are not beside the package")
)
struct GoldenWriteTests {
    /// Small tables whose files lie below them.
    static let cases = GoldenTable.named("rows").filter {
        ($0.rows ?? 0) <= 1500
            && !$0.case.hasPrefix("canonicalized")
    }

    static func copy(_ golden: GoldenTable) async throws -> DeltaTable {
        let (disk, memory) = (LocalObjectStore(root: golden.root), MemoryObjectStore())
        for object in try await disk.list("", after: nil) {
            try await memory.putIfAbsent(object.path, try await disk.read(object.path))
        }
        return DeltaTable(store: memory, path: "")
    }

    static func lines(_ table: DeltaTable) async throws -> [[UInt8]] {
        let snapshot = try await table.snapshot()
        return try await GoldenTableTests.lines(try table.rows(of: snapshot), try table.schema(of: snapshot))
    }

    @Test("tables of others are written to, or refused by the name of what they need", arguments: cases)
    func goOn(golden: GoldenTable) async throws {
        let table = try await Self.copy(golden)
        let before = try await table.snapshot()
        let schema = try table.schema(of: before)
        let first = try await Self.lines(table)
        do {
            try before.checkWritable()
        } catch {
            #expect(error.code == .unsupportedFeature)
            await #expect(throws: DeltaLogError.self) { _ = try await table.delete(where: .and([])) }
            #expect(try await table.snapshot().version == before.version)
            return
        }
        var batches = try table.rows(of: before).makeAsyncIterator()
        guard let some = try await batches.next() else { return }
        _ = try await table.append(rows: [some])
        let canonical = CanonicalRow(schema)
        let added = (0..<some.rowCount).map { Array(canonical.text(some, $0).utf8) }
        let all = (first + added).sorted { $0.lexicographicallyPrecedes($1) }
        #expect(try await Self.lines(table) == all)
        try await table.log.writeCheckpoint(try await table.snapshot())
        #expect(try await Self.lines(table) == all)
        try await change(table, schema, count: all.count)
        _ = try await table.optimise()
        #expect(try await Self.lines(table).count == all.count)
        let column = StructField(name: "added_by_test", type: .long, isNullable: true)
        _ = try await table.alter([.addColumn(column)])
        _ = try await table.restore(to: before.version)
        #expect(try await Self.lines(table) == first)
        #expect(try await table.check().problems.filter { !$0.file.contains(".crc") } == [])
    }

    /// Takes all values out of a column, which is one change for each row that had one.
    private func change(_ table: DeltaTable, _ schema: TableSchema, count: Int) async throws {
        let field = schema.dataFields.last {
            $0.isNullable && !$0.type.isNested && $0.type != .binary
        }
        guard let field else { return }
        let hasValue = Predicate.isNotNull(field.name)
        let (version, changed) = try await table.update(where: hasValue, set: [field.name: .null])
        let rows = try await Self.lines(table)
        #expect(rows.count == count)
        #expect(
            try await DeltaTableTests.rows(table).allSatisfy {
                $0[schema.fields.firstIndex(of: field) ?? 0] == .null
            }
        )
        guard changed > 0,
            try await table.snapshot().metadata.configuration["delta.enableChangeDataFeed"] == "true"
        else {
            return
        }
        var changes = 0
        for try await batch in try await table.changes(from: version, to: version) {
            changes += batch.rowCount
        }
        #expect(changes == 2 * changed)
    }
}
