#if MariaDB
import Foundation

/// A session of the command line client that stays open, to hold transactions and locks while a test looks.
final class MariaDBClient {
    private let process = Process()
    private let input = Pipe()
    private let output = Pipe()
    private var pending: [UInt8] = []

    init(_ server: MariaDBServer, database: String) throws {
        process.executableURL = URL(fileURLWithPath: MariaDBServer.find("mariadb") ?? "mariadb")
        process.arguments = [
            "--no-defaults", "-uowner", "-powner", "-S", server.socket, "-N", "-B", "-n", "--unbuffered",
            "--force", database,
        ]
        process.standardInput = input
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        try execute("SET time_zone='+00:00'")
    }

    deinit {
        try? input.fileHandleForWriting.close()
        process.terminate()
        process.waitUntilExit()
    }

    /// Runs statements and returns the lines that they print.
    @discardableResult
    func execute(_ statements: String) throws -> [String] {
        try begin(statements + ";\nSELECT '@end@'")
        var lines: [String] = []
        while true {
            let line = try nextLine()
            if line == "@end@" { return lines }
            lines.append(line)
        }
    }

    /// Sends statements without waiting for them.
    func begin(_ statements: String) throws {
        try input.fileHandleForWriting.write(contentsOf: Data((statements + ";\n").utf8))
    }

    private func nextLine() throws -> String {
        while true {
            if let end = pending.firstIndex(of: 10) {
                let line = String(decoding: pending[..<end], as: UTF8.self)
                pending.removeFirst(end + 1)
                return line
            }
            let data = output.fileHandleForReading.availableData
            guard !data.isEmpty else { throw MariaDBServer.Failure(description: "the client has ended") }
            pending.append(contentsOf: data)
        }
    }
}
#endif
