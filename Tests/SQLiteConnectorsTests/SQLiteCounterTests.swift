#if SQLite
import ColumnBatches
import SourceConnectors
import SQLiteConnectors
import Testing

/// Keys that SQLite counts, as cursors.
@Suite("SQLite counters") struct SQLiteCounterTests {
    private static let table = SQLiteReadingTests.table()

    @Test("a key that is counted is a cursor, one whose numbers may come again is none")
    func candidates() async throws {
        try await SQLiteReadingTests.withFile(
            "CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT, v TEXT); CREATE TABLE s (id INTEGER PRIMARY KEY, v)"
        ) { session, _ in
            let counted = try #require(try await session.describe(Self.table)).cursorCandidates
            #expect(counted.map(\.column) == ["id"])
            #expect(counted.allSatisfy { $0.isCounter && $0.isServerSet && $0.isIndexed })
            let other = SQLiteReadingTests.table("s")
            #expect(try await session.describe(other)?.cursorCandidates.isEmpty == true)
            #expect(try await session.counter("id", of: other) == nil)
        }
    }

    @Test(
        "the counter is past every committed number, though its row is gone, and not past those of a writer"
    )
    func counter() async throws {
        try await SQLiteReadingTests.withFile(
            "CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT, v TEXT); PRAGMA journal_mode = WAL"
        ) { session, writer in
            #expect(try await session.counter("id", of: Self.table) == 1)
            try writer.run("INSERT INTO t (v) VALUES ('a'), ('b'), ('c'); DELETE FROM t WHERE id = 3")
            #expect(try await session.counter("id", of: Self.table) == 4)
            try writer.run("BEGIN; INSERT INTO t (v) VALUES ('d')")
            #expect(try await session.counter("id", of: Self.table) == 4)
            #expect(try await session.signals().oldestWriter != nil)
            try writer.run("COMMIT")
            #expect(try await session.counter("id", of: Self.table) == 5)
        }
    }

    @Test("a window of numbers begins with its bound")
    func window() async throws {
        try await SQLiteReadingTests.withFile(
            "CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT, v TEXT); INSERT INTO t (v) VALUES ('a'), ('b'), ('c')"
        ) { session, _ in
            let query = ReadQuery(
                table: Self.table,
                columns: [Field("id", .int64)],
                window: CursorWindow(column: "id", type: .int64, lowerBound: 2)
            )
            var numbers: [ColumnValue] = []
            for try await batch in try await session.rows(query, at: .snapshot) {
                numbers += batch.columns[0].values
            }
            #expect(Set(numbers) == [.integer(2), .integer(3)])
        }
    }
}
#endif
