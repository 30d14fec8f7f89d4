/// The clients whose databases are brought into the lake.
public struct Roster: Sendable, Hashable {
    /// The clients, in order.
    public var entries: [RosterEntry]
    /// That the clients are those of an earlier answer; nil when they are those of now.
    public var outage: RosterOutage?

    /// Makes a roster.
    public init(entries: [RosterEntry]) {
        self.entries = entries
    }

    /// The regions that have clients, in the order of their first client.
    public var regions: [String] {
        var regions: [String] = []
        for entry in entries where !regions.contains(entry.region) { regions.append(entry.region) }
        return regions
    }
}

/// One client.
public struct RosterEntry: Sendable, Hashable {
    /// The client's id.
    public var client: String
    /// The region.
    public var region: String
    /// The connection that leads to the client's server, a name of the configuration's `connections`.
    public var connection: String
    /// The client's databases by schema, where they are not named as the schema's template says.
    public var databases: [String: String]

    /// Makes a client.
    public init(client: String, region: String, connection: String, databases: [String: String] = [:]) {
        self.client = client
        self.region = region
        self.connection = connection
        self.databases = databases
    }
}
