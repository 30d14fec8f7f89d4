import ArgumentParser
import Foundation
import Tributary

/// Writes a first configuration.
struct Init: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init",
        abstract:
            "Writes a first configuration from a live database, or from another tool's list of watermarks.",
        discussion: "Writes sync.json and roster.json into a folder, and overwrites nothing."
    )

    @Option(help: "The database to look at.")
    var fromDatabase: String?

    @Option(help: "A JSON list of tables with their watermark columns.")
    var fromWatermarks: String?

    @Option(help: "The server's host.")
    var host: String?

    @Option(help: "The server's port.")
    var port = 3306

    @Option(help: "The server's unix socket, instead of a host.")
    var socket: String?

    @Option(help: "The user.")
    var user: String

    @Option(help: "The environment variable that holds the password.")
    var passwordEnv: String?

    @Option(
        help:
            "The client's id; where it is part of the database's name, other clients' databases are found by it."
    )
    var client: String

    @Option(help: "The client's region.")
    var region: String

    @Option(help: "The schema's name in the lake.")
    var schema = "shop"

    @Option(help: "The folder to write to.")
    var folder = "."

    func run() async throws {
        guard (host == nil) != (socket == nil) else {
            throw ValidationError("give either --host or --socket")
        }
        guard let database = fromDatabase else { throw ValidationError("give --from-database") }
        let settings = ConnectionSettings(
            host: host,
            port: port,
            socket: socket,
            user: user,
            password: passwordEnv.map { .environment($0) }
        )
        let template =
            client.isEmpty ? database : database.replacingOccurrences(of: client, with: "{client_id}")
        var draft = ConfigurationDraft(
            schema: schema,
            database: template,
            connection: region,
            settings: settings
        )
        if let fromWatermarks {
            let list = try WatermarkImport(json: try String(contentsOfFile: fromWatermarks, encoding: .utf8))
            draft.tables = list.tables
            draft.notes = list.notes
        } else {
            let connector = MariaDBConnector(connections: [region: try MariaDBConnection(settings)])
            draft = try await SyncPipeline.draft(
                draft,
                from: database,
                at: Source(region: region, client: client, connection: region),
                with: connector
            )
        }
        try write(draft.json, to: "sync.json")
        try write(
            "{\"clients\": [{\"client_id\": \"\(client)\", \"region\": \"\(region)\", \"connection\": \"\(region)\"}]}\n",
            to: "roster.json"
        )
        for note in draft.notes { print("note: \(note)") }
        print(
            "\(draft.tables.count) tables; look at \(folder)/sync.json, then: region-sync plan --config \(folder)/sync.json --region all"
        )
    }

    private func write(_ text: String, to name: String) throws {
        let file = folder + "/" + name
        guard !FileManager.default.fileExists(atPath: file) else {
            throw ValidationError("\(file) is there already; move it away, or give another --folder")
        }
        try text.write(toFile: file, atomically: true, encoding: .utf8)
    }
}
