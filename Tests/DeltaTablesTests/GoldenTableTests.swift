import ColumnBatches
import DeltaLog
import DeltaTables
import ObjectStores
import Testing

@Suite(
    "Golden tables",
    .enabled(if: GoldenTable.folder != nil, "the golden tables are not beside the package")
)
struct GoldenTableTests {
    static func lines(_ batches: some AsyncSequence<ColumnBatch, any Error>, _ schema: TableSchema)
        async throws
        -> [[UInt8]]
    {
        let canonical = CanonicalRow(schema)
        var lines: [[UInt8]] = []
        for try await batch in batches {
            let shown = batch.selecting(batch.schema.names.filter { $0 != "_commit_timestamp" })
            for row in 0..<shown.rowCount { lines.append(Array(canonical.text(shown, row).utf8)) }
        }
        return lines.sorted { $0.lexicographicallyPrecedes($1) }
    }

    static func digest(_ lines: [[UInt8]]) -> String {
        SHA256.hex(Array(lines.joined(separator: [UInt8(ascii: "\n")])))
    }

    static func table(_ golden: GoldenTable) -> DeltaTable {
        DeltaTable(store: LocalObjectStore(root: golden.root), path: "")
    }

    static func checkLog(_ golden: GoldenTable, _ snapshot: Snapshot) {
        #expect(snapshot.version.number == golden.version)
        #expect(snapshot.fileCount == golden.activeFiles)
        var paths = snapshot.files.map { file -> [UInt8] in
            var path = file.decodedPath
            if path.hasPrefix("file:") { path = String(path.dropFirst(5)) }
            return Array(path.utf8)
        }
        paths.sort { $0.lexicographicallyPrecedes($1) }
        if let expected = golden.activePathsSha256 { #expect(digest(paths) == expected) }
        for (name, version) in golden.txns ?? [:] { #expect(snapshot.transactionVersion(name) == version) }
        for (name, text) in golden.domains ?? [:] { #expect(snapshot.domains[name]?.configuration == text) }
    }

    @Test("the newest version has the expected rows", arguments: GoldenTable.named("rows"))
    func rows(golden: GoldenTable) async throws {
        let table = Self.table(golden)
        let snapshot = try await table.snapshot()
        Self.checkLog(golden, snapshot)
        let lines = try await Self.lines(try table.rows(of: snapshot), try table.schema(of: snapshot))
        #expect(lines.count == golden.rows)
        #expect(Self.digest(lines) == golden.sha256)
    }

    @Test(
        "every version has the expected rows",
        arguments: GoldenTable.named("rows").filter { $0.versions?.isEmpty == false }
    )
    func versions(golden: GoldenTable) async throws {
        let table = Self.table(golden)
        for expected in golden.versions ?? [] {
            let snapshot = try await table.snapshot(at: TableVersion(expected.version))
            let lines = try await Self.lines(try table.rows(of: snapshot), try table.schema(of: snapshot))
            #expect(lines.count == expected.rows, "version \(expected.version)")
            #expect(Self.digest(lines) == expected.sha256, "version \(expected.version)")
        }
    }

    @Test("the change feed has the expected rows", arguments: GoldenTable.all.filter { $0.cdf != nil })
    func changes(golden: GoldenTable) async throws {
        let expected = try #require(golden.cdf)
        let table = Self.table(golden)
        let feed = try await table.changes(from: TableVersion(expected.start), to: TableVersion(expected.end))
        let lines = try await Self.lines(feed, try table.schema(of: try await table.snapshot()))
        #expect(lines.count == expected.rows)
        #expect(Self.digest(lines) == expected.sha256)
    }

    @Test(
        "a log without its files opens, and asking for rows is an error",
        arguments: GoldenTable.named("log-only")
    )
    func logOnly(golden: GoldenTable) async throws {
        let table = Self.table(golden)
        let snapshot = try await table.snapshot()
        Self.checkLog(golden, snapshot)
        let schema = try? table.schema(of: snapshot)
        if golden.activeFiles == 0 {
            #expect(try await Self.lines(try table.rows(of: snapshot), try #require(schema)).isEmpty)
            return
        }
        await #expect(throws: DeltaTableError.self) {
            _ = try await Self.lines(try table.rows(of: snapshot), try table.schema(of: snapshot))
        }
    }

    @Test("a table that cannot be read is refused with a reason", arguments: GoldenTable.named("reject"))
    func reject(golden: GoldenTable) async throws {
        let table = Self.table(golden)
        await #expect(throws: DeltaLogError.self) { _ = try await table.snapshot() }
    }

    @Test("any other table ends as rows or as a typed error", arguments: GoldenTable.named("either"))
    func either(golden: GoldenTable) async throws {
        let table = Self.table(golden)
        do {
            let snapshot = try await table.snapshot()
            _ = try await Self.lines(try table.rows(of: snapshot), try table.schema(of: snapshot))
        } catch {
            #expect(error is DeltaLogError || error is DeltaTableError)
        }
    }
}
