#if MariaDB
import ColumnBatches
import Foundation
@testable import MariaDBConnectors
import SourceConnectors
import Testing

@Suite("MariaDB faults", .enabled(if: MariaDBServer.isInstalled, "mariadbd is not installed"))
struct MariaDBFaultTests {
    private let server: MariaDBServer
    private let database: String

    init() throws {
        server = try MariaDBServer.running()
        database = try server.makeDatabase()
    }

    private var query: ReadQuery {
        ReadQuery(
            table: TableName(database: database, table: "t"),
            columns: [Field("id", .int32), Field("s", .string)],
            batchRows: 1_000
        )
    }

    private func makeRows() throws {
        try server.execute(
            "CREATE TABLE t (id INT PRIMARY KEY, s VARCHAR(400)); "
                + "INSERT INTO t SELECT seq, REPEAT('x', 400) FROM seq_1_to_100000;",
            database: database
        )
    }

    private func failure(
        _ change: (inout MariaDBConnection) -> Void
    ) async throws -> SourceError {
        let (connector, source) = server.connector(change)
        return try #require(
            await #expect(throws: SourceError.self) {
                _ = try await connector.withSession(for: source) { try await $0.signals() }
            }
        )
    }

    @Test("a wrong password is refused for good, and is not told")
    func wrongPassword() async throws {
        let error = try await failure { $0.password = .literal("hunter2") }
        #expect(error.code == .accessDenied)
        #expect(error.serverCode == 1045)
        #expect(!error.isTransient)
        #expect(error.source?.client == "7")
        #expect(!error.description.contains("hunter2"))
    }

    @Test("a password shows nowhere")
    func passwordIsHidden() {
        var text = ""
        dump(server.connector { $0.password = .literal("hunter2") }.0, to: &text)
        #expect(!text.contains("hunter2"))
        #expect("\(MariaDBPassword.literal("hunter2"))" == "<password>")
    }

    @Test("a server that is not there may be there later")
    func serverDown() async throws {
        let socket = try await failure { $0.address = .socket(path: server.directory + "/none.sock") }
        #expect(socket.code == .unreachable && socket.isTransient)
        let port = try await failure { $0.address = .tcp(host: "127.0.0.1", port: 1) }
        #expect(port.code == .unreachable && port.isTransient)
        let none = try await failure { $0.address = .tcp(host: "127.0.0.1", port: 70_000) }
        #expect(none.code == .invalid && !none.isTransient)
    }

    @Test("a connection by the loopback interface is plain unless TLS is required")
    func loopback() async throws {
        let (connector, source) = server.connector {
            $0.address = .tcp(host: "127.0.0.1", port: server.port)
            $0.user = "owner"
            $0.password = .literal("owner")
        }
        let signals = try await connector.withSession(for: source) { try await $0.signals() }
        #expect(signals.now > 0)
        let error = try await failure {
            $0.address = .tcp(host: "127.0.0.1", port: server.port)
            $0.user = "owner"
            $0.password = .literal("owner")
            $0.tls = .required()
        }
        #expect(error.code == .insecure && !error.isTransient)
    }

    @Test("an unknown connection and a missing password are named")
    func unknownConnection() async throws {
        let (connector, _) = server.connector()
        let source = Source(region: "eu", client: "7", connection: "other")
        let error = await #expect(throws: SourceError.self) {
            try await connector.withSession(for: source) { _ in }
        }
        #expect(error?.code == .invalid)
        #expect(error?.message.contains("other") == true)
        let missing = try await failure { $0.password = .environment("TRIBUTARY_TEST_UNSET") }
        #expect(missing.code == .invalid)
        #expect(missing.message.contains("TRIBUTARY_TEST_UNSET"))
    }

    @Test(
        "a connection killed while rows stream ends with an error that may be retried, not with fewer rows",
        arguments: RowPath.allCases
    )
    func killedWhileStreaming(path: RowPath) async throws {
        try makeRows()
        let (connector, source) = server.connector { $0.rowPath = path }
        let query = query
        var seen = 0
        let error = await #expect(throws: SourceError.self) {
            seen = try await connector.withSession(for: source) { session in
                var rows = 0
                for try await batch in try await session.rows(query, at: .snapshot) {
                    if rows == 0 { try killReaders(of: query.table.table) }
                    rows += batch.rowCount
                }
                return rows
            }
        }
        #expect(error?.code == .unreachable)
        #expect(error?.isTransient == true)
        #expect(seen == 0)
    }

    @Test("the loss of a snapshot is told to the next read of it")
    func lostSnapshot() async throws {
        try makeRows()
        let (connector, source) = server.connector()
        let query = query
        try await connector.withSession(for: source) { session in
            for try await _ in try await session.rows(query, at: .snapshot) {
                try killReaders(of: query.table.table)
                break
            }
            await #expect(throws: SourceError.self) { _ = try await session.rows(query, at: .snapshot) }
            let error = await #expect(throws: SourceError.self) {
                _ = try await session.rows(query, at: .snapshot)
            }
            #expect(error?.code == .interrupted && error?.isTransient == true)
            try await session.endSnapshot()
            var rows = 0
            for try await batch in try await session.rows(query, at: .snapshot) { rows += batch.rowCount }
            #expect(rows == 100_000)
        }
    }

    @Test(
        "a statement that takes longer than allowed is broken off and may be retried in the same session",
        arguments: RowPath.allCases
    )
    func statementTime(path: RowPath) async throws {
        try makeRows()
        let (connector, source) = server.connector {
            $0.maximumStatementTime = .seconds(1)
            $0.rowPath = path
        }
        let query = query
        try await connector.withSession(for: source) { session in
            let error = await #expect(throws: SourceError.self) {
                for try await _ in try await session.rows(query, at: .snapshot) {
                    try await Task.sleep(for: .milliseconds(50))
                }
            }
            #expect(error?.code == .interrupted && error?.isTransient == true)
            #expect(error?.serverCode == 1969)
            var few = query
            few.filters = [RowFilter("id", .lessOrEqual, [.integer(1_000)])]
            var rows = 0
            for try await batch in try await session.rows(few, at: .snapshot) { rows += batch.rowCount }
            #expect(rows == 1_000)
        }
    }

    @Test("cancelling a task ends a statement that waits, here and at the server")
    func cancellation() async throws {
        try makeRows()
        let locker = try MariaDBClient(server, database: database)
        try locker.execute("LOCK TABLES t WRITE")
        let (connector, source) = server.connector { $0.lockWaitTimeout = .seconds(60) }
        let query = query
        let task = Task {
            try await connector.withSession(for: source) { session in
                for try await _ in try await session.rows(query, at: .snapshot) {}
            }
        }
        let count =
            "SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE INFO LIKE '%tributary%\(database)%' AND ID <> CONNECTION_ID()"
        #expect(try await becomes("1\n", count))
        let begin = ContinuousClock.now
        task.cancel()
        let error = await #expect(throws: SourceError.self) { try await task.value }
        #expect(error?.code == .cancelled)
        #expect(ContinuousClock.now - begin < .seconds(30))
        #expect(try await becomes("0\n", count))
        try locker.execute("UNLOCK TABLES")
    }

    @Test("a cancelled task reads no further batch")
    func cancellationBetweenBatches() async throws {
        try makeRows()
        let (connector, source) = server.connector()
        let query = query
        let task = Task {
            try await connector.withSession(for: source) { session in
                for try await _ in try await session.rows(query, at: .snapshot) {
                    withUnsafeCurrentTask { $0?.cancel() }
                }
            }
        }
        let error = await #expect(throws: SourceError.self) { try await task.value }
        #expect(error?.code == .cancelled)
    }

    @Test("the body and what it calls run on one thread of their own")
    func oneThread() async throws {
        let (connector, source) = server.connector()
        let threads = try await connector.withSession(for: source) { session in
            var threads = [threadNumber()]
            _ = try await session.signals()
            threads.append(threadNumber())
            threads.append(await nested())
            await Task.yield()
            threads.append(threadNumber())
            return threads
        }
        #expect(Set(threads).count == 1)
        let others = try await connector.withSession(for: source) { _ in await nested() }
        #expect(others != 0)
    }

    @Test("the body leaves the main actor and comes back")
    @MainActor
    func leavesTheMainActor() async throws {
        let (connector, source) = server.connector()
        let main = threadNumber()
        let threads = try await connector.withSession(for: source) { session in
            _ = try await session.signals()
            return [threadNumber(), await nested()]
        }
        #expect(Set(threads).count == 1 && threads[0] != main)
        #expect(threadNumber() != threads[0])
    }

    private func becomes(_ output: String, _ statement: String) async throws -> Bool {
        for _ in 0..<100 {
            if try server.execute(statement) == output { return true }
            try await Task.sleep(for: .milliseconds(20))
        }
        return false
    }

    private func nested() async -> UInt { threadNumber() }

    private func killReaders(of table: String) throws {
        let ids = try server.execute(
            "SELECT ID FROM information_schema.PROCESSLIST WHERE INFO LIKE '%tributary%\(database)%' AND ID <> CONNECTION_ID()"
        )
        for id in ids.split(separator: "\n") { try server.execute("KILL \(id)") }
    }
}

private func threadNumber() -> UInt { UInt(bitPattern: ObjectIdentifier(Thread.current).hashValue) }
#endif
