#if MariaDB
import Foundation
import MariaDBConnectors
import SourceConnectors

/// A throwaway server with its own data directory, reached by a Unix socket and a loopback port.
///
/// A shell beside it ends it, and removes its directory, when this process is gone. The operating system's zone of
/// the server is Europe/Paris: nothing that is read may depend on it.
final class MariaDBServer: Sendable {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    let directory: String
    let port: Int
    private let process: Process

    var socket: String { directory + "/s.sock" }

    /// The server that the tests share; each makes a database of its own.
    private static let shared = Result { try MariaDBServer() }

    static func running() throws -> MariaDBServer { try shared.get() }

    /// Whether this machine can run a server.
    static let isInstalled = ["mariadbd", "mariadb-install-db", "mariadb"].allSatisfy { find($0) != nil }

    static func find(_ program: String) -> String? {
        let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
        return (path.split(separator: ":").map(String.init) + ["/usr/sbin", "/usr/bin", "/usr/local/sbin"])
            .map { "\($0)/\(program)" }
            .first { FileManager.default.isExecutableFile(atPath: $0) }
    }

    init(options: [String] = []) throws {
        directory = FileManager.default.temporaryDirectory.path + "/tdb-\(UInt32.random(in: 0 ... .max))"
        port = freePort()
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        try """
        CREATE USER owner@localhost IDENTIFIED BY 'owner';
        GRANT ALL ON *.* TO owner@localhost WITH GRANT OPTION;
        CREATE USER owner@'127.0.0.1' IDENTIFIED BY 'owner';
        CREATE USER reader@localhost IDENTIFIED BY 'reader';
        GRANT SELECT, PROCESS ON *.* TO reader@localhost;
        CREATE USER guest@localhost IDENTIFIED BY 'guest';
        CREATE DATABASE open_shop;
        GRANT SELECT ON open_shop.* TO guest@localhost;
        """.write(toFile: directory + "/init.sql", atomically: true, encoding: .utf8)
        let user = NSUserName()
        // A server that starts deletes what looks like temporary tables, those of others too: each has its own folder.
        try FileManager.default.createDirectory(
            atPath: directory + "/tmp",
            withIntermediateDirectories: true
        )
        try Self.run("cp", ["-R", Self.emptyData.get(), directory + "/data"])
        process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.environment = ["TZ": "Europe/Paris", "OWNER": "\(ProcessInfo.processInfo.processIdentifier)"]
        process.arguments =
            [
                "-c",
                """
                "$@" & server=$!
                while kill -0 $OWNER 2>/dev/null && kill -0 $server 2>/dev/null; do sleep 0.5; done
                kill $server 2>/dev/null; wait $server; rm -rf "$0"
                """,
                directory, Self.find("mariadbd") ?? "mariadbd", "--no-defaults", "--user=\(user)",
                "--datadir=\(directory)/data", "--tmpdir=\(directory)/tmp", "--socket=\(directory)/s.sock",
                "--port=\(port)",
                "--bind-address=127.0.0.1", "--skip-name-resolve", "--init-file=\(directory)/init.sql",
                "--log-error=\(directory)/log", "--pid-file=\(directory)/pid",
                "--innodb-buffer-pool-size=32M",
                "--innodb-flush-log-at-trx-commit=0", "--innodb-doublewrite=0", "--innodb-fast-shutdown=2",
                "--performance-schema=OFF", "--max-allowed-packet=64M",
            ] + Self.storage + options
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        // However busy the machine is: what runs is waited for.
        var log = ""
        for _ in 0..<2400 where process.isRunning {
            if (try? execute("SELECT 1", database: "open_shop")) != nil { return }
            log = (try? String(contentsOfFile: directory + "/log", encoding: .utf8)) ?? log
            Thread.sleep(forTimeInterval: 0.05)
        }
        throw Failure(description: "the server did not start; its log ends with:\n\(log.suffix(2000))")
    }

    /// Options of the data directory.
    ///
    /// The kernel hands out few slots for asynchronous reads; servers side by side would use them up.
    private static let storage = [
        "--innodb-log-file-size=4M", "--innodb-data-file-path=ibdata1:4M:autoextend",
        "--innodb-use-native-aio=0",
    ]

    /// The data directory of a server without any database, made once.
    ///
    /// A shell removes it when this process is gone.
    private static let emptyData = Result {
        let folder =
            FileManager.default.temporaryDirectory.path + "/tdb-empty-\(UInt32.random(in: 0 ... .max))"
        try FileManager.default.createDirectory(atPath: folder + "/tmp", withIntermediateDirectories: true)
        let watch = Process()
        watch.executableURL = URL(fileURLWithPath: "/bin/sh")
        watch.environment = ["OWNER": "\(ProcessInfo.processInfo.processIdentifier)"]
        watch.arguments = ["-c", #"while kill -0 $OWNER 2>/dev/null; do sleep 1; done; rm -rf "$0""#, folder]
        watch.standardOutput = FileHandle.nullDevice
        watch.standardError = FileHandle.nullDevice
        try watch.run()
        try run(
            "mariadb-install-db",
            [
                "--no-defaults", "--datadir=\(folder)/data", "--user=\(NSUserName())", "--skip-test-db",
                "--auth-root-authentication-method=normal", "--tmpdir=\(folder)/tmp",
            ] + storage
        )
        return folder + "/data"
    }

    /// A server that offers TLS, with a certificate that names localhost and not 127.0.0.1.
    static func withTLS() throws -> MariaDBServer {
        let folder = FileManager.default.temporaryDirectory.path + "/tdb-tls-\(UInt32.random(in: 0 ... .max))"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try run(
            "openssl",
            [
                "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
                "-addext", "subjectAltName=DNS:localhost", "-keyout", folder + "/key.pem", "-out",
                folder + "/ca.pem",
            ]
        )
        // The server's certificate is an authority as well, which vouches for a client's.
        try run(
            "openssl",
            [
                "req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=reader", "-keyout",
                folder + "/client-key.pem",
                "-out", folder + "/client.csr",
            ]
        )
        try run(
            "openssl",
            [
                "x509", "-req", "-in", folder + "/client.csr", "-CA", folder + "/ca.pem", "-CAkey",
                folder + "/key.pem", "-set_serial", "7", "-days", "2", "-out", folder + "/client.pem",
            ]
        )
        let plugins =
            loginPlugins.map {
                ["--plugin-dir=\($0)", "--plugin-load-add=auth_ed25519", "--plugin-maturity=unknown"]
            }
            ?? []
        let server = try MariaDBServer(
            options: [
                "--ssl-cert=\(folder)/ca.pem", "--ssl-key=\(folder)/key.pem", "--ssl-ca=\(folder)/ca.pem",
            ] + plugins
        )
        try FileManager.default.moveItem(atPath: folder, toPath: server.directory + "/tls")
        return server
    }

    /// The authority that vouches for the server of `withTLS`.
    var authority: String { directory + "/tls/ca.pem" }

    /// The folder of the server's login plugins, or nil where there is none with the ones that tests need.
    static let loginPlugins: String? = [
        ProcessInfo.processInfo.environment["TRIBUTARY_MARIADB_PLUGINS"], "/usr/lib/mysql/plugin",
        "/usr/lib/mariadb/plugin",
    ].compactMap(\.self).first { FileManager.default.fileExists(atPath: $0 + "/auth_ed25519.so") }

    /// Ends the server at once, as a crash would.
    func crash() throws {
        let pid = try String(contentsOfFile: directory + "/pid", encoding: .utf8)
        guard let number = Int32(pid.trimmingCharacters(in: .whitespacesAndNewlines)) else { return }
        kill(number, SIGKILL)
    }

    /// Makes an empty database for one test.
    func makeDatabase() throws -> String {
        let name = "t_\(UInt32.random(in: 0 ... .max))"
        try execute("CREATE DATABASE \(name) CHARACTER SET utf8mb4")
        return name
    }

    /// Runs statements as the owner of everything; sessions are in UTC and accept zero dates.
    @discardableResult
    func execute(_ statements: String, database: String = "") throws -> String {
        try Self.run(
            "mariadb",
            [
                "--no-defaults", "-uowner", "-powner", "-S", socket, "-N", "-B",
                "--default-character-set=utf8mb4", database,
            ].filter { !$0.isEmpty },
            input: "SET time_zone='+00:00', sql_mode='';\n" + statements
        )
    }

    /// Settings for a user whose password is its name.
    func connection(user: String = "reader") -> MariaDBConnection {
        MariaDBConnection(socket: socket, user: user, password: .literal(user))
    }

    /// A connector whose only connection is "test", and the source that uses it.
    func connector(_ change: (inout MariaDBConnection) -> Void = { _ in }) -> (MariaDBConnector, Source) {
        var settings = connection()
        change(&settings)
        return (
            MariaDBConnector(connections: ["test": settings]),
            Source(region: "eu", client: "7", connection: "test")
        )
    }

    @discardableResult
    static func run(_ program: String, _ arguments: [String], input: String? = nil) throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: find(program) ?? program)
        process.arguments = arguments
        let output = Pipe()
        let stdin = Pipe()
        process.standardOutput = output
        process.standardError = output
        process.standardInput = input == nil ? FileHandle.nullDevice : stdin
        try process.run()
        if let input {
            try stdin.fileHandleForWriting.write(contentsOf: Data(input.utf8))
            try stdin.fileHandleForWriting.close()
        }
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        let text = String(decoding: data, as: UTF8.self)
        guard process.terminationStatus == 0 else { throw Failure(description: "\(program): \(text)") }
        return text
    }
}

/// A free port, below those that systems give to clients: no connection takes it until the server does.
private func freePort() -> Int {
    while true {
        let port = UInt16.random(in: 20_000..<32_000)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        #if canImport(Darwin)
        let probe = socket(AF_INET, SOCK_STREAM, 0)
        #else
        let probe = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        #endif
        defer { close(probe) }
        let isFree = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(probe, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        if isFree { return Int(port) }
    }
}
#endif
