/// One client's database server, as a pipeline names it.
public struct Source: Sendable, Hashable {
    /// The region the client belongs to; the first partition column of every lake table.
    public var region: String
    /// The client's id; the second partition column of every lake table.
    public var client: String
    /// The name of the connection, as the connector knows it.
    public var connection: String

    /// Makes a source.
    public init(region: String, client: String, connection: String) {
        self.region = region
        self.client = client
        self.connection = connection
    }
}

/// A table in a source: the database (MariaDB calls it schema too) and the table in it.
public struct TableName: Sendable, Hashable, CustomStringConvertible {
    /// The database that holds the table.
    public var database: String
    /// The table.
    public var table: String

    /// Makes a table name.
    public init(database: String, table: String) {
        self.database = database
        self.table = table
    }

    /// The two parts with a point between.
    public var description: String { "\(database).\(table)" }
}
