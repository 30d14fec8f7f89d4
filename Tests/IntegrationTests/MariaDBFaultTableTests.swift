#if MariaDB
import ColumnBatches
import Foundation
@testable import MariaDBConnectors
import SourceConnectors
import Testing

/// Each kind of fault, as the server or the library reports it, and what is made of it.
@Suite("MariaDB fault table", .enabled(if: MariaDBServer.isInstalled, "mariadbd is not installed"))
struct MariaDBFaultTableTests {
    private let server: MariaDBServer
    private let database: String

    init() throws {
        server = try MariaDBServer.running()
        database = try server.makeDatabase()
    }

    @Test(
        "a number of the server or the library has a kind, and may be tried again or not",
        arguments: [
            (1045, .accessDenied, false), (1698, .accessDenied, false), (1044, .accessDenied, false),
            (1142, .accessDenied, false), (1143, .accessDenied, false), (1227, .accessDenied, false),
            (1049, .missing, false), (1146, .missing, false), (1054, .missing, false),
            (2002, .unreachable, true), (2003, .unreachable, true), (2005, .unreachable, true),
            (2006, .unreachable, true), (2013, .unreachable, true), (1040, .unreachable, true),
            (1203, .unreachable, true), (1053, .unreachable, true), (1129, .unreachable, false),
            (1158, .unreachable, true), (1161, .unreachable, true), (2026, .insecure, false),
            (5010, .insecure, false), (2059, .insecure, false), (1969, .interrupted, true),
            (1317, .interrupted, true), (1205, .interrupted, true), (1213, .interrupted, true),
            (1412, .interrupted, true), (1153, .server, false), (2020, .server, false),
            (1792, .server, false), (1064, .invalid, false), (9999, .server, false),
        ] as [(Int, SourceError.Code, Bool)]
    )
    func verdicts(number: Int, code: SourceError.Code, isTransient: Bool) {
        let source = Source(region: "eu", client: "7", connection: "test")
        let error = ServerFailure(number: number, text: "words").error(
            source: source,
            table: nil,
            isStopped: false
        )
        #expect(error.code == code && error.isTransient == isTransient)
        #expect(error.serverCode == number && error.message.hasPrefix("words; "))
        #expect(error.retryLimit == (number == 1317 ? 1 : nil))
        let stopped = ServerFailure(number: number, text: "words").error(
            source: source,
            table: nil,
            isStopped: true
        )
        #expect(stopped.code == .cancelled && !stopped.isTransient)
    }

    @Test("TLS that broke off may be tried again, TLS that was refused may not")
    func brokenHandshake() {
        let source = Source(region: "eu", client: "7", connection: "test")
        for (text, isTransient) in [
            ("TLS/SSL error: Connection reset by peer", true),
            ("TLS/SSL error: unexpected eof while reading", true),
            ("TLS/SSL error: certificate verify failed", false), ("TLS/SSL error: SSL is required", false),
        ] {
            let error = ServerFailure(number: 2026, text: text).error(
                source: source,
                table: nil,
                isStopped: false
            )
            #expect(error.isTransient == isTransient, "\(text)")
        }
    }

    @Test("a wrong password reaches the server once, however many sessions use the account")
    func oneAttempt() async throws {
        let user = "u\(UInt32.random(in: 0 ... .max))"
        let (connector, source) = server.connector {
            $0.user = user
            $0.password = .literal("hunter2")
        }
        let errors = await withTaskGroup(of: SourceError?.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    do {
                        _ = try await connector.withSession(for: source) { try await $0.signals() }
                        return nil
                    } catch {
                        return error as? SourceError
                    }
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(
            errors.count == 8 && errors.allSatisfy { $0?.code == .accessDenied && $0?.serverCode == 1045 }
        )
        #expect(try refusals(of: user) == 1)
        let other = Source(region: "us", client: "9", connection: "test")
        let error = await #expect(throws: SourceError.self) {
            _ = try await connector.withSession(for: other) { try await $0.signals() }
        }
        #expect(error?.source == other && error?.message.contains("not tried again") == true)
        #expect(try refusals(of: user) == 1)
    }

    @Test("another password is another try")
    func anotherPassword() async throws {
        let secrets = Secrets(["wrong", "reader"])
        let (connector, source) = server.connector { $0.password = .provider { secrets.next() } }
        await #expect(throws: SourceError.self) {
            _ = try await connector.withSession(for: source) { try await $0.signals() }
        }
        let signals = try await connector.withSession(for: source) { try await $0.signals() }
        #expect(signals.now > 0)
    }

    @Test("a table, a column and a privilege that are not there are named, and not asked for again")
    func missing() async throws {
        try server.execute("CREATE TABLE t (id INT PRIMARY KEY)", database: database)
        let none = try await failure(of: ReadQuery(table: name("none"), columns: [Field("id", .int32)]))
        #expect(none.code == .missing && none.serverCode == 1146 && !none.isTransient)
        let column = try await failure(of: ReadQuery(table: name("t"), columns: [Field("x", .int32)]))
        #expect(column.code == .missing && column.serverCode == 1054)
        let denied = try await failure(of: ReadQuery(table: name("t"), columns: [Field("id", .int32)])) {
            $0.user = "guest"
            $0.password = .literal("guest")
        }
        #expect(denied.code == .accessDenied && denied.serverCode == 1142 && !denied.isTransient)
    }

    @Test("a lock that is not released in time may be waited for again")
    func lockWait() async throws {
        try server.execute("CREATE TABLE t (id INT PRIMARY KEY)", database: database)
        let locker = try MariaDBClient(server, database: database)
        try locker.execute("LOCK TABLES t WRITE")
        let query = ReadQuery(table: name("t"), columns: [Field("id", .int32)])
        let error = try await failure(of: query) { $0.lockWaitTimeout = .seconds(1) }
        #expect(error.code == .interrupted && error.serverCode == 1205 && error.isTransient)
        try locker.execute("UNLOCK TABLES")
    }

    @Test("a definition that changes under a snapshot asks for a new snapshot")
    func changedDefinition() async throws {
        try server.execute(
            "CREATE TABLE t (id INT PRIMARY KEY); CREATE TABLE u (id INT PRIMARY KEY);",
            database: database
        )
        let (connector, source) = server.connector()
        let first = ReadQuery(table: name("u"), columns: [Field("id", .int32)])
        let second = ReadQuery(table: name("t"), columns: [Field("id", .int32)])
        let (server, database) = (server, database)
        try await connector.withSession(for: source) { session in
            for try await _ in try await session.rows(first, at: .snapshot) {}
            try server.execute("ALTER TABLE t ADD COLUMN a INT, FORCE, ALGORITHM=COPY", database: database)
            let error = await #expect(throws: SourceError.self) {
                for try await _ in try await session.rows(second, at: .snapshot) {}
            }
            #expect(error?.code == .interrupted && error?.serverCode == 1412 && error?.isTransient == true)
            try await session.endSnapshot()
            for try await _ in try await session.rows(second, at: .snapshot) {}
        }
    }

    @Test("a statement that somebody stops is tried once more at most")
    func killedQuery() async throws {
        try server.execute(
            "CREATE TABLE t (id INT PRIMARY KEY, s VARCHAR(400)); INSERT INTO t SELECT seq, REPEAT('x', 400) FROM seq_1_to_100000;",
            database: database
        )
        let (connector, source) = server.connector()
        let query = ReadQuery(
            table: name("t"),
            columns: [Field("id", .int32), Field("s", .string)],
            batchRows: 1_000
        )
        let (server, database) = (server, database)
        try await connector.withSession(for: source) { session in
            let error = await #expect(throws: SourceError.self) {
                var isKilled = false
                for try await _ in try await session.rows(query, at: .snapshot) where !isKilled {
                    isKilled = true
                    let ids = try server.execute(
                        "SELECT ID FROM information_schema.PROCESSLIST WHERE INFO LIKE '%tributary%\(database)%' AND ID <> CONNECTION_ID()"
                    )
                    for id in ids.split(separator: "\n") { try server.execute("KILL QUERY \(id)") }
                }
            }
            #expect(error?.serverCode == 1317 && error?.isTransient == true && error?.retryLimit == 1)
            var rows = 0
            for try await batch in try await session.rows(query, at: .snapshot) { rows += batch.rowCount }
            #expect(rows == 100_000)
        }
    }

    @Test("a statement that the server finds too large is refused for good")
    func largeStatement() async throws {
        try server.execute("CREATE TABLE t (id INT PRIMARY KEY, s LONGTEXT)", database: database)
        var query = ReadQuery(table: name("t"), columns: [Field("id", .int32)])
        query.filters = [RowFilter("s", .equal, [.string(String(repeating: "x", count: 66 << 20))])]
        let error = try await failure(of: query)
        #expect(error.isTransient == false || error.serverCode == 2006 || error.serverCode == 2013)
        #expect(!error.message.contains("xxx"))
    }

    @Test(
        "a host that accepts and says nothing is given up after the time to connect",
        .timeLimit(.minutes(3))
    )
    func silence() async throws {
        let listener = try SilentListener()
        defer { listener.close() }
        let (connector, source) = server.connector {
            $0.address = .tcp(host: "127.0.0.1", port: listener.port)
            $0.connectTimeout = .seconds(1)
        }
        let error = await #expect(throws: SourceError.self) {
            _ = try await connector.withSession(for: source) { try await $0.signals() }
        }
        #expect(error?.code == .unreachable && error?.isTransient == true)
    }

    @Test(
        "cancelling a task ends the wait for a host that says nothing, and the next session connects",
        .timeLimit(.minutes(3))
    )
    func cancelledConnect() async throws {
        let listener = try SilentListener()
        defer { listener.close() }
        let (connector, source) = server.connector {
            $0.address = .tcp(host: "127.0.0.1", port: listener.port)
            $0.connectTimeout = .seconds(120)
        }
        let tasks = (0..<3).map { _ in
            Task { _ = try await connector.withSession(for: source) { try await $0.signals() } }
        }
        try await Task.sleep(for: .milliseconds(500))
        for task in tasks { task.cancel() }
        for task in tasks {
            let error = await #expect(throws: SourceError.self) { try await task.value }
            #expect(error?.code == .cancelled)
        }
        let signals = try await server.connector().0.withSession(for: source) { try await $0.signals() }
        #expect(signals.now > 0)
    }

    private func name(_ table: String) -> TableName { TableName(database: database, table: table) }

    /// How often the server has refused a user, by its log.
    private func refusals(of user: String) throws -> Int {
        let log = try String(contentsOfFile: server.directory + "/log.err", encoding: .utf8)
        return log.split(separator: "\n").count { $0.contains("Access denied for user '\(user)'") }
    }

    private func failure(
        of query: ReadQuery,
        _ change: (inout MariaDBConnection) -> Void = { _ in }
    ) async throws -> SourceError {
        let (connector, source) = server.connector(change)
        return try #require(
            await #expect(throws: SourceError.self) {
                try await connector.withSession(for: source) { session in
                    for try await _ in try await session.rows(query, at: .snapshot) {}
                }
            }
        )
    }
}

/// Hands out one secret after the other, the last one again and again.
private final class Secrets: @unchecked Sendable {
    private let lock = NSLock()
    private var secrets: [String]

    init(_ secrets: [String]) { self.secrets = secrets }

    func next() -> String {
        lock.withLock { secrets.count > 1 ? secrets.removeFirst() : secrets[0] }
    }
}

/// A loopback port where connections are accepted by the operating system and never answered.
private final class SilentListener {
    let port: Int
    private let descriptor: Int32

    init() throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let (descriptor, length) = (descriptor, size)
        let status = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                bind(descriptor, address, length) == 0 && listen(descriptor, 4) == 0
                    && getsockname(descriptor, address, &size) == 0
            }
        }
        guard status else { throw MariaDBServer.Failure(description: "no port can be listened on") }
        port = Int(UInt16(bigEndian: address.sin_port))
    }

    func close() { _ = Foundation.close(descriptor) }
}
#endif
