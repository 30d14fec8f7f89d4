#if MariaDB
import ColumnBatches
import ConnectorTestKit
import DeltaTables
import SyncPipelines
import Testing

/// Random histories of a system-versioned table, whose writers commit late, against the lake that follows them.
@Suite(
    "random histories of MariaDB",
    .serialized,
    .enabled(if: MariaDBServer.isInstalled, "mariadbd is not installed")
)
struct MariaDBHistoryModelTests {
    private static let server = Result { try MariaDBServer() }

    /// Sessions that write; each has keys of its own, so that none waits for another.
    private final class Writers {
        let bench: MariaDBHistoryBench
        var random: SeededGenerator
        var clients: [MariaDBClient] = []
        var open: Set<Int> = []
        let holder: MariaDBClient
        let slow: MariaDBClient
        var waits = false
        var statements = 0

        static let sessions = 5

        init(_ bench: MariaDBHistoryBench, seed: UInt64) throws {
            self.bench = bench
            random = SeededGenerator(seed: seed)
            holder = try bench.client()
            slow = try bench.client()
            try slow.execute("SET SESSION innodb_lock_wait_timeout = 2")
            for _ in 0..<Self.sessions { clients.append(try bench.client()) }
        }

        func key(of session: Int) -> Int { Int.random(in: 0..<30, using: &random) * Self.sessions + session }

        func change(_ session: Int) throws {
            let (id, other) = (key(of: session), key(of: session))
            let value = Int.random(in: 0..<1_000, using: &random)
            let statement =
                switch Int.random(in: 0..<10, using: &random) {
                case 0...2: "INSERT IGNORE INTO t (id, v) VALUES (\(id), \(value)), (\(other), \(value))"
                case 3...4: "UPDATE t SET v = \(value) WHERE id IN (\(id), \(other))"
                case 5...6: "DELETE FROM t WHERE id IN (\(id), \(other))"
                case 7: "UPDATE IGNORE t SET id = \(other) WHERE id = \(id)"
                case 8: "REPLACE INTO t (id, v) VALUES (\(id), \(value))"
                default: "INSERT INTO t (id, v) VALUES (\(id), 0) ON DUPLICATE KEY UPDATE v = \(value)"
                }
            try clients[session].execute(statement)
            statements += 1
        }

        /// A statement that has its time now, and changes rows of the first session once it is let go.
        func wait() throws {
            try holder.execute("DO GET_LOCK('\(bench.database)', 10)")
            let lock = "(SELECT GET_LOCK('\(bench.database)', 60) AS l) AS g STRAIGHT_JOIN t"
            // Only rows that no transaction has locked: the scan of a range would wait for others.
            let keys = (0..<6).map { _ in "\(key(of: 0))" }.joined(separator: ", ")
            let rows = "g.l = 1 AND t.id IN (\(keys))"
            try slow.begin(
                Bool.random(using: &random)
                    ? "DELETE t FROM \(lock) WHERE \(rows)"
                    : "UPDATE \(lock) SET t.id = t.id + 1000 WHERE \(rows)"
            )
            let waiting =
                "SELECT COUNT(*) FROM information_schema.processlist WHERE state = 'User lock' AND info LIKE "
                + "'%\(bench.database)%' AND id <> CONNECTION_ID()"
            for _ in 0..<500 {
                if try holder.execute(waiting) == ["1"] { break }
            }
            waits = true
        }

        func letGo() throws {
            try holder.execute("DO RELEASE_LOCK('\(bench.database)')")
            try slow.execute("DO RELEASE_ALL_LOCKS()")
            waits = false
        }

        func step() throws {
            let session = Int.random(in: 0..<Self.sessions, using: &random)
            switch Int.random(in: 0..<20, using: &random) {
            // The first session is in no transaction: the statement that waits changes its rows.
            case 0...2 where session > 0 && !open.contains(session):
                try clients[session].execute("BEGIN")
                open.insert(session)
            case 3 where open.contains(session):
                try clients[session].execute("SAVEPOINT s")
                try change(session)
                try clients[session].execute("ROLLBACK TO SAVEPOINT s")
            case 4 where open.contains(session):
                try clients[session].execute(Bool.random(using: &random) ? "COMMIT" : "ROLLBACK")
                open.remove(session)
            case 5: if waits { try letGo() } else { try wait() }
            default: try change(session)
            }
        }

        func finish() throws {
            if waits { try letGo() }
            for session in open { try clients[session].execute("COMMIT") }
            open = []
        }
    }

    @Test("the lake has the rows of the source, and no run but the first compares all keys", arguments: 1...6)
    func random(seed: UInt64) async throws {
        var bench = try MariaDBHistoryBench(Self.server)
        bench.guardrails = Guardrails(deletedRows: 1_000, deletedShare: 1)
        if seed.isMultiple(of: 2) { bench.template.deletionVectors = true }
        if seed.isMultiple(of: 3) { bench.template.write = .history }
        try bench.execute(MariaDBHistoryBench.table)
        try bench.execute("INSERT INTO t (id, v) SELECT seq, seq FROM seq_1_to_60")
        #expect(try await bench.prepare().succeeded)
        let writers = try Writers(bench, seed: seed)
        var deleted = 0
        var marks: [Int64] = []
        func run() async throws {
            let report = try await bench.run()
            deleted += report.rowsDeleted
            if let mark = report.mark { marks.append(mark) }
            #expect(report.warnings.isEmpty)
        }
        for step in 0..<400 {
            if step % 16 == 8 { try await run() }
            try writers.step()
        }
        try writers.finish()
        try await run()
        let current: Bool = bench.template.write == .history
        let rows = try await bench.rows(where: current ? .equal("is_current", .boolean(true)) : nil)
        #expect(rows == (try bench.sourceRows()), "seed \(seed)")
        #expect(writers.statements > 200 && deleted > 20)
        #expect(marks == marks.sorted())
    }
}
#endif
