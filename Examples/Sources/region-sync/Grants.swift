import ArgumentParser
import Tributary

/// Prints what the accounts need.
struct Grants: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "grants",
        abstract:
            "Prints the statements that give each account what it needs, and nothing else; connects to nothing."
    )

    @OptionGroup var options: Options

    @Option(help: "Where the accounts log in from, such as \"10.1.%\"; localhost for sockets.")
    var from = "%"

    func run() async throws {
        let settings = try SyncConfiguration(contentsOf: options.config)
        let tasks = try settings.tasks(options.selection(), roster: try await options.roster(of: settings))
        for (name, connection) in settings.connections.sorted(by: { $0.key < $1.key })
        where connection.folder == nil {
            let tables = tasks.filter { $0.source.connection == name }.map(\.sourceTable)
            guard !tables.isEmpty else { continue }
            let grants = MariaDBGrants(
                user: connection.user,
                host: connection.socket == nil ? from : "localhost",
                tables: tables,
                requiresTLS: MariaDBConnection(connection, password: .none).mustBeEncrypted,
                requiresCertificate: connection.certificate != nil,
                snapshotLock: connection.snapshotLock
            )
            print("-- \(name): \(connection.socket ?? "\(connection.host ?? ""):\(connection.port)")")
            print(grants.statements.joined(separator: "\n"))
        }
    }
}
