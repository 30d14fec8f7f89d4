import SourceConnectors
import SyncLedgers

/// What a job brings: tables, schemas, connections, limits.
///
/// Read it from a JSON file with `init(contentsOf:)`, or make it in Swift.
public struct SyncConfiguration: Sendable, Hashable {
    /// The type of the client ids in the lake.
    public enum ClientIDType: String, Sendable, Hashable, CaseIterable {
        /// Text.
        case string
        /// 64-bit integers.
        case integer
    }

    /// The folder of the lake.
    public var lake: String
    /// The file of the roster; nil when the roster comes from elsewhere.
    public var rosterFile: String?
    /// The service that gives the roster; nil when the roster comes from elsewhere.
    public var rosterService: HTTPRosterSettings?
    /// The type of the client ids; fixed once a lake table exists.
    public var clientIDType: ClientIDType
    /// Where the key of masks is; nil where no column is masked by it.
    public var maskKey: SecretReference?
    /// Whom to tell of runs; nil for nobody.
    public var notify: NotificationSettings?
    /// How servers are reached, by name.
    public var connections: [String: ConnectionSettings]
    /// The schemas, by name.
    public var schemas: [String: SchemaSettings]
    /// The tables.
    public var tables: [TableTemplate]
    /// What single clients have otherwise, by client id and `schema.table`.
    public var clients: [String: [String: ClientOverride]]
    /// How many tasks run, and how often they are tried.
    public var limits: Limits
    /// What a run may do without a plan.
    public var guardrails: Guardrails

    /// Makes a configuration.
    public init(
        lake: String,
        rosterFile: String? = nil,
        clientIDType: ClientIDType = .string,
        connections: [String: ConnectionSettings] = [:],
        schemas: [String: SchemaSettings],
        tables: [TableTemplate],
        clients: [String: [String: ClientOverride]] = [:],
        limits: Limits = Limits(),
        guardrails: Guardrails = Guardrails()
    ) {
        self.lake = lake
        self.rosterFile = rosterFile
        self.clientIDType = clientIDType
        self.connections = connections
        self.schemas = schemas
        self.tables = tables
        self.clients = clients
        self.limits = limits
        self.guardrails = guardrails
    }

    /// The database of a client's schema.
    public func database(forSchema schema: String, client: RosterEntry) -> String {
        if let own = client.databases[schema] { return own }
        return (schemas[schema]?.database ?? schema)
            .replacing("{client_id}", with: client.client)
            .replacing("{region}", with: client.region)
    }

    /// The template of a table with a client's own settings, or nil when the client goes without it.
    public func template(_ table: TableTemplate, for client: RosterEntry) -> TableTemplate? {
        guard let own = override(table, for: client) else { return table }
        return own.skip ? nil : own.applied(to: table)
    }

    /// What a client has otherwise in a table, or nil.
    private func override(_ table: TableTemplate, for client: RosterEntry) -> ClientOverride? {
        let overrides = clients[client.client] ?? [:]
        return overrides[table.qualifiedName] ?? overrides[table.name]
    }

    /// The tasks of a selection, table by table.
    ///
    /// - Throws: `SyncError` when the selection names a region, a client or a table that is not there.
    public func tasks(_ selection: TaskSelection, roster: Roster) throws(SyncError) -> [SyncTask] {
        if case .only(let region) = selection.regions, !roster.regions.contains(region) {
            throw SyncError(
                .unknownRegion,
                step: "configuration",
                message:
                    "no client is in the region \"\(region)\"; the roster has \(roster.regions.joined(separator: ", "))"
            )
        }
        let clients = roster.entries.filter { entry in
            selection.regions.contains(entry.region)
                && (selection.client == nil || selection.client == entry.client)
        }
        guard !clients.isEmpty else {
            throw Self.empty("no client \"\(selection.client ?? "")\" is in the region \(selection.regions)")
        }
        let tables = tables.filter {
            selection.table == nil || selection.table == $0.name || selection.table == $0.qualifiedName
        }
        guard !tables.isEmpty else {
            throw Self.empty(
                "no table \"\(selection.table ?? "")\" is configured; there are "
                    + self.tables.map(\.qualifiedName).joined(separator: ", ")
            )
        }
        var tasks: [SyncTask] = []
        for table in tables {
            for client in clients {
                guard let template = template(table, for: client) else { continue }
                let identity = TaskIdentity(
                    region: client.region,
                    client: client.client,
                    schema: table.schema,
                    table: table.name
                )
                tasks.append(
                    SyncTask(
                        identity: identity,
                        source: Source(
                            region: client.region,
                            client: client.client,
                            connection: client.connection
                        ),
                        sourceTable: TableName(
                            database: database(forSchema: table.schema, client: client),
                            table: override(table, for: client)?.sourceTable ?? table.name
                        ),
                        template: template
                    )
                )
            }
        }
        return tasks
    }

    private static func empty(_ message: String) -> SyncError {
        SyncError(.emptySelection, step: "configuration", message: message)
    }
}

/// A schema: tables that each client has in one database.
public struct SchemaSettings: Sendable, Hashable {
    /// The name of a client's database, with `{client_id}` and `{region}` for its own.
    public var database: String

    /// Makes settings.
    public init(database: String) {
        self.database = database
    }
}
