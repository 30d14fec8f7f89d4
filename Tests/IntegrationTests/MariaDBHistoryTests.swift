#if MariaDB
import ColumnBatches
import ConnectorTestKit
import DeltaTables
import ObjectStores
import SourceConnectors
import SyncPipelines
import Testing

/// Deleted rows that the history of a system-versioned table tells, on a real server.
@Suite(
    "history of MariaDB",
    .serialized,
    .enabled(if: MariaDBServer.isInstalled, "mariadbd is not installed")
)
struct MariaDBHistoryTests {
    private static let server = Result { try MariaDBServer() }

    /// A table that was loaded and read once more, so that nothing but windows follows.
    private func loaded(
        _ count: Int = 9,
        _ change: (inout MariaDBHistoryBench) -> Void = { _ in }
    ) async throws -> MariaDBHistoryBench {
        var bench = try MariaDBHistoryBench(Self.server)
        change(&bench)
        try bench.execute(MariaDBHistoryBench.table)
        try bench.execute("INSERT INTO t (id, v) SELECT seq, seq FROM seq_1_to_\(count)")
        let prepared = try await bench.prepare()
        #expect(prepared.succeeded, "\(prepared.tables.compactMap(\.error))")
        #expect(try await bench.run().rowsInserted == count)
        #expect(try await bench.run().warnings.isEmpty)
        return bench
    }

    @Test("rows that are deleted and keys that are changed go; rows that are updated or come again stay")
    func told() async throws {
        let bench = try await loaded()
        try bench.execute(
            """
            DELETE FROM t WHERE id = 1;
            UPDATE t SET v = 20 WHERE id = 2;
            UPDATE t SET id = 30 WHERE id = 3;
            DELETE FROM t WHERE id = 4; INSERT INTO t (id, v) VALUES (4, 40);
            INSERT INTO t (id, v) VALUES (50, 50); DELETE FROM t WHERE id = 50;
            REPLACE INTO t (id, v) VALUES (5, 55);
            """
        )
        let report = try await bench.run()
        #expect(report.rowsDeleted == 2 && report.warnings.isEmpty && report.guarantee == "proven")
        #expect(try await bench.rows() == bench.sourceRows())
        #expect(try await bench.run().tableVersion == nil)
    }

    @Test("a key that only its collation takes for the new one goes")
    func collation() async throws {
        let bench = try MariaDBHistoryBench(Self.server)
        let keys = MariaDBHistoryBench.table.replacing(
            "id INT PRIMARY KEY",
            with: "n INT, id VARCHAR(9) COLLATE utf8mb4_general_ci, PRIMARY KEY (n, id)"
        )
        try bench.execute(keys + "INSERT INTO t (n, id, v) VALUES (1, 'a', 1), (1, 'b', 2), (2, 'c', 3);")
        #expect(try await bench.prepare().succeeded)
        _ = try await bench.run()
        _ = try await bench.run()
        try bench.execute("UPDATE t SET id = 'A' WHERE id = 'a'; DELETE FROM t WHERE id = 'b'")
        #expect(try await bench.run().warnings.isEmpty)
        #expect(try await bench.rows(["n", "id"]) == ["1 A", "2 c"])
    }

    @Test("rows that stop matching a filter go, and those of no matter to it are no deletions")
    func filtered() async throws {
        let bench = try await loaded { bench in
            bench.template.filters = [RowFilter("v", .less, [.integer(100)])]
        }
        try bench.execute(
            "UPDATE t SET v = 100 WHERE id = 1; INSERT INTO t (id, v) VALUES (70, 170); DELETE FROM t WHERE id = 70"
        )
        #expect(try await bench.run().rowsDeleted == 1)
        #expect(try await bench.rows() == (2...9).map { "\($0) \($0)" })
    }

    @Test("a deletion that is committed late holds the mark back, and is found")
    func late() async throws {
        let bench = try await loaded()
        let writer = try bench.client()
        try writer.execute("BEGIN; DELETE FROM t WHERE id = 1; UPDATE t SET id = 20 WHERE id = 2")
        try await Task.sleep(for: .milliseconds(1_500))
        try bench.execute("INSERT INTO t (id, v) VALUES (10, 10); DELETE FROM t WHERE id = 3")
        let held = try await bench.run()
        #expect(held.rowsInserted == 1 && held.rowsDeleted == 1 && held.markHeldBy != nil)
        #expect(held.guarantee == "proven")
        try writer.execute("COMMIT")
        let free = try await bench.run()
        #expect(free.rowsDeleted == 2 && free.rowsInserted == 1 && free.warnings.isEmpty)
        #expect(try await bench.rows() == bench.sourceRows())
    }

    @Test("a deletion in flight holds the first mark back", arguments: [false, true])
    func lateAtFirst(inChunks: Bool) async throws {
        var bench = try MariaDBHistoryBench(Self.server)
        if inChunks {
            bench.limits.chunkRows = 3
            bench.limits.loadConnections = 1
        }
        try bench.execute(MariaDBHistoryBench.table)
        try bench.execute("INSERT INTO t (id, v) SELECT seq, seq FROM seq_1_to_50")
        try bench.execute("ANALYZE TABLE t")
        #expect(try await bench.prepare().succeeded)
        let writer = try bench.client()
        try writer.execute("BEGIN; DELETE FROM t WHERE id = 1")
        try await Task.sleep(for: .milliseconds(1_500))
        let first = try await bench.run()
        #expect(first.rowsInserted == 50 && (first.load != nil) == inChunks)
        try writer.execute("COMMIT")
        let second = try await bench.run()
        #expect(second.rowsDeleted == 1 && second.warnings.isEmpty)
        #expect(try await bench.rows() == bench.sourceRows())
    }

    @Test("a row goes that a statement deletes which is older than the row, and so leaves no version")
    func traceless() async throws {
        let bench = try await loaded()
        let slow = try bench.client()
        let holder = try bench.client()
        try holder.execute("DO GET_LOCK('slow', 10)")
        try slow.begin(
            "DELETE t FROM t JOIN (SELECT GET_LOCK('slow', 60) AS l) AS g ON g.l = 1 WHERE t.id IN (60, 61)"
        )
        try await Task.sleep(for: .milliseconds(300))
        try bench.execute("INSERT INTO t (id, v) VALUES (60, 60), (61, 61), (62, 62)")
        let held = try await bench.run()
        #expect(held.rowsInserted == 3 && held.markHeldBy != nil)
        try holder.execute("DO RELEASE_LOCK('slow')")
        try slow.execute("DO RELEASE_ALL_LOCKS()")
        #expect(
            try holder.execute("SELECT COUNT(*) FROM t FOR SYSTEM_TIME ALL WHERE id IN (60, 61)") == ["0"]
        )
        let after = try await bench.run()
        #expect(after.rowsDeleted == 2 && after.warnings.isEmpty)
        #expect(try await bench.rows() == bench.sourceRows())
    }

    @Test("rows of a child table that a foreign key deletes go")
    func cascade() async throws {
        let bench = try MariaDBHistoryBench(Self.server)
        let keys = MariaDBHistoryBench.table.replacing(
            "v INT,",
            with: "v INT, FOREIGN KEY (v) REFERENCES parent (id) ON DELETE CASCADE,"
        )
        try bench.execute(
            "CREATE TABLE parent (id INT PRIMARY KEY) ENGINE=InnoDB; INSERT INTO parent VALUES (1), (2);"
        )
        try bench.execute(keys + "INSERT INTO t (id, v) VALUES (1, 1), (2, 1), (3, 2);")
        #expect(try await bench.prepare().succeeded)
        _ = try await bench.run()
        _ = try await bench.run()
        try bench.execute("DELETE FROM parent WHERE id = 1")
        #expect(try await bench.run().rowsDeleted == 2)
        #expect(try await bench.rows() == ["3 2"])
    }

    @Test("rows that are gone are marked, or their versions closed, as the table is written")
    func waysOfWriting() async throws {
        let marked = try await loaded { $0.template.deletes = .mark }
        try marked.execute("DELETE FROM t WHERE id <= 2; UPDATE t SET v = 30 WHERE id = 3")
        _ = try await marked.run()
        #expect(try await marked.rows().count == 9)
        #expect(
            try await marked.rows(["id"], where: .not(.isNull("_deleted_at"))) == ["1", "2"]
        )
        try marked.execute("INSERT INTO t (id, v) VALUES (1, 11)")
        _ = try await marked.run()
        #expect(try await marked.rows(["id"], where: .not(.isNull("_deleted_at"))) == ["2"])

        let versions = try await loaded { $0.template.write = .history }
        try versions.execute("DELETE FROM t WHERE id <= 2; UPDATE t SET v = 30 WHERE id = 3")
        _ = try await versions.run()
        #expect(try await versions.rows().count == 10)
        #expect(
            try await versions.rows(where: .equal("is_current", .boolean(true))) == versions.sourceRows()
        )
    }

    @Test("a run stops that would delete more than the guardrails allow", arguments: [false, true])
    func guardrail(marks: Bool) async throws {
        let bench = try await loaded(50) { bench in
            bench.guardrails = Guardrails(deletedRows: 5, deletedShare: 0.2)
            if marks { bench.template.deletes = .mark }
        }
        try bench.execute("DELETE FROM t WHERE id <= 31")
        let report = try await bench.pipeline().run(MariaDBHistoryBench.all)
        let failure = report.tasks.first?.error
        #expect(failure?.code == "guardrail")
        #expect(failure?.message.contains("would delete 62 % of client 7 (31 of 50 rows)") == true)
        #expect(try await bench.rows().count == 50)
        // What never was in the lake counts for nothing.
        try bench.execute(
            """
            INSERT INTO t (id, v) SELECT seq, seq FROM seq_1_to_31;
            INSERT INTO t (id, v) SELECT seq, seq FROM seq_100_to_200; DELETE FROM t WHERE id >= 100 OR id = 1;
            """
        )
        #expect(try await bench.run().rowsDeleted == 1)
    }

    @Test(
        "where the history may not be whole all keys are compared, and the report says why",
        arguments: [
            ("DELETE HISTORY FROM t", "is gone"),
            (unversioned + readded, "made anew"),
            (
                "DROP TABLE t; " + MariaDBHistoryBench.table + "INSERT INTO t (id, v) VALUES (3, 4)",
                "made anew"
            ),
        ]
    )
    func gaps(statements: String, reason: String) async throws {
        let bench = try await loaded()
        try bench.execute("DELETE FROM t WHERE id = 1")
        #expect(try await bench.run().rowsDeleted == 1)
        // A version that ended before the mark is the witness.
        #expect(try await bench.run().warnings.isEmpty)
        try await Task.sleep(for: .milliseconds(1_100))
        try bench.execute("DELETE FROM t WHERE id = 2; " + statements)
        let report = try await bench.run()
        #expect(report.warnings.contains { $0.contains(reason) && $0.contains("all keys are compared") })
        #expect(try await bench.rows() == bench.sourceRows())
        try bench.execute("DELETE FROM t WHERE id = 3")
        let next = try await bench.run()
        #expect(next.rowsDeleted == 1 && next.warnings.isEmpty)
    }

    private static let unversioned = """
        SET system_versioning_alter_history = KEEP;
        ALTER TABLE t DROP SYSTEM VERSIONING, DROP COLUMN since, DROP COLUMN until;
        """
    private static let readded = """
        ALTER TABLE t ADD COLUMN since TIMESTAMP(6) GENERATED ALWAYS AS ROW START,
            ADD COLUMN until TIMESTAMP(6) GENERATED ALWAYS AS ROW END, ADD PERIOD FOR SYSTEM_TIME (since, until),
            ADD SYSTEM VERSIONING; ALTER TABLE t ADD KEY (since), ADD KEY (until);
        """

    @Test("a history that is followed from a later run on is compared with once")
    func switchedOn() async throws {
        var bench = try await loaded { $0.template.findDeletes = .never }
        try bench.execute("DELETE FROM t WHERE id = 1")
        #expect(try await bench.run().rowsDeleted == 0)
        bench.template.findDeletes = .history
        let first = try await bench.run()
        #expect(first.rowsDeleted == 1 && first.warnings.contains { $0.contains("from now on") })
        let second = try await bench.run()
        #expect(second.warnings.isEmpty && second.tableVersion == nil)
    }

    @Test("columns that the server hides are a cursor for those who name them, and no column for others")
    func hiddenColumns() async throws {
        var bench = try MariaDBHistoryBench(Self.server)
        bench.template.cursor = .column("row_start")
        try bench.execute(
            """
            CREATE TABLE t (id INT PRIMARY KEY, v INT) ENGINE=InnoDB WITH SYSTEM VERSIONING;
            INSERT INTO t VALUES (1, 1), (2, 2), (3, 3);
            """
        )
        let prepared = try await bench.prepare()
        #expect(prepared.succeeded && prepared.tables[0].changes == "cursor row_start")
        #expect(try await bench.run().rowsInserted == 3)
        try bench.execute("DELETE FROM t WHERE id = 1; UPDATE t SET v = 20 WHERE id = 2")
        let report = try await bench.run()
        // No index can be made on them.
        #expect(report.rowsDeleted == 1 && report.rowsUpdated == 1 && report.guarantee == "digestOnly")
        #expect(try await bench.rows() == bench.sourceRows())
        let plan = try await bench.pipeline().plan(MariaDBHistoryBench.all)
        #expect(plan.tasks[0].lints.contains { $0.code == "history.notIndexed" })

        var other = bench
        other.template = TableTemplate(schema: "shop", name: "t", cursor: .none)
        let lake = MemoryObjectStore()
        #expect(try await other.pipeline(lake).prepare(MariaDBHistoryBench.all).succeeded)
        _ = try await other.run(lake)
        let table = DeltaTable(store: lake, path: "shop/t")
        let names = try table.schema(of: try await table.snapshot()).dataFields.map(\.name)
        #expect(names == ["id", "v"])
    }

    @Test(
        "where there is no history by time the error says so, and what to write",
        arguments: [
            ("CREATE TABLE t (id INT PRIMARY KEY, since TIMESTAMP(6)) ENGINE=InnoDB", "keeps no history"),
            (
                """
                CREATE TABLE t (id INT PRIMARY KEY, since TIMESTAMP(6) NULL,
                    a BIGINT UNSIGNED GENERATED ALWAYS AS ROW START, b BIGINT UNSIGNED GENERATED ALWAYS AS ROW END,
                    PERIOD FOR SYSTEM_TIME (a, b)) ENGINE=InnoDB WITH SYSTEM VERSIONING
                """, "keeps no history"
            ),
            (
                "CREATE TABLE t (id INT PRIMARY KEY, since TIMESTAMP(6) NULL) ENGINE=InnoDB WITH SYSTEM VERSIONING",
                "\"row_start\""
            ),
        ]
    )
    func refused(table: String, message: String) async throws {
        let bench = try MariaDBHistoryBench(Self.server)
        try bench.execute(table)
        let error = try await bench.prepare().tables.first?.error ?? ""
        #expect(
            error.contains("\"findDeletes\"") && error.contains(message) && error.contains("\"everyRun\"")
        )
    }

    @Test("history in partitions is read, and the plan says what dropping one takes away")
    func partitions() async throws {
        let bench = try MariaDBHistoryBench(Self.server)
        let parts = MariaDBHistoryBench.table.replacing(
            "WITH SYSTEM VERSIONING;",
            with: "WITH SYSTEM VERSIONING PARTITION BY SYSTEM_TIME INTERVAL 1 HOUR PARTITIONS 3;"
        )
        try bench.execute(parts + "INSERT INTO t (id, v) VALUES (1, 1), (2, 2);")
        #expect(try await bench.prepare().succeeded)
        _ = try await bench.run()
        try bench.execute("DELETE FROM t WHERE id = 1")
        #expect(try await bench.run().rowsDeleted == 1)
        let plan = try await bench.pipeline().plan(MariaDBHistoryBench.all)
        #expect(plan.tasks[0].lints.contains { $0.code == "history.partitions" })
        #expect(
            !plan.tasks[0].lints.contains { $0.code == "history.notIndexed" || $0.code == "deletes.unseen" }
        )
    }

    @Test("a run that stops before any call to the store leaves what the next one makes whole")
    func crashes() async throws {
        let bench = try await loaded()
        try bench.execute(
            "DELETE FROM t WHERE id = 1; UPDATE t SET id = 30 WHERE id = 3; UPDATE t SET v = 0 WHERE id = 5"
        )
        let wanted = try bench.sourceRows()
        var point = 0
        var isFaulty = true
        while isFaulty {
            let lake = MemoryObjectStore()
            for object in await bench.lake.list("", after: nil) {
                try await lake.putIfAbsent(object.path, try await bench.lake.read(object.path))
            }
            let store = FaultyObjectStore(lake)
            store.plan(.crash, at: point)
            _ = try? await bench.pipeline(store).run(MariaDBHistoryBench.all)
            isFaulty = store.wasFaulty
            let after = try await bench.run(lake)
            #expect(after.warnings.isEmpty, "after a stop before call \(point)")
            #expect(try await bench.rows(in: lake) == wanted, "after a stop before call \(point)")
            point += 1
        }
        #expect(point > 10)
    }
}
#endif
