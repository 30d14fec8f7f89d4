import DeltaLog

extension Roster {
    /// Reads a roster from text: `{"clients": [{"client_id": "17", "region": "eu", "connection": "eu-1"}]}`.
    ///
    /// - Throws: `SyncError` that names the place.
    public init(json: String, file: String = "the roster", configuration: SyncConfiguration) throws(SyncError)
    {
        let root = try ConfigurationNode(json: json, file: file)
        self.init(entries: try Self.entries(root, try root.members(["clients"]), configuration))
    }

    /// Reads a page of a service: clients, and where the next page is.
    static func page(
        json: String,
        file: String,
        configuration: SyncConfiguration
    ) throws(SyncError) -> (entries: [RosterEntry], next: String?) {
        do {
            let root = try ConfigurationNode(json: json, file: file)
            let members = try root.members(["clients", "next"])
            return (try entries(root, members, configuration), try members.present("next")?.text())
        } catch {
            var error = error
            error.step = "roster"
            if !error.message.contains(file) { error.message = "\(file): \(error.message)" }
            throw error
        }
    }

    private static func entries(
        _ root: ConfigurationNode,
        _ members: [String: ConfigurationNode],
        _ configuration: SyncConfiguration
    ) throws(SyncError) -> [RosterEntry] {
        var entries: [RosterEntry] = []
        var seen: Set<String> = []
        for node in try members.required("clients", of: root).elements() {
            let members = try node.members(["client_id", "region", "connection", "databases"])
            let id = try members.required("client_id", of: node)
            let client: String
            if case .number(let digits) = id.value, Int64(digits) != nil {
                client = digits
            } else {
                client = try id.text()
            }
            if configuration.clientIDType == .integer && Int64(client) == nil {
                throw id.failure("\"\(client)\" is no integer, which \"clientIDType\" asks for")
            }
            guard !client.isEmpty else { throw id.failure("is empty; write the client's id") }
            guard seen.insert(client).inserted else {
                throw id.failure("the client \"\(client)\" is there twice; leave one out")
            }
            let region = try members.required("region", of: node)
            guard !(try region.text()).isEmpty else {
                throw region.failure("is empty; write the client's region")
            }
            let connection = try members.required("connection", of: node).reference(
                "connection",
                among: configuration.connections.keys
            )
            entries.append(
                RosterEntry(
                    client: client,
                    region: try region.text(),
                    connection: connection,
                    databases: try members.present("databases")?.textsByName() ?? [:]
                )
            )
        }
        return entries
    }
}
