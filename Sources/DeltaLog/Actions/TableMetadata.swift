/// What a table is.
public struct TableMetadata: Sendable, Hashable {
    /// The table's id; stays the same for ever.
    public var id: String
    /// A name for people.
    public var name: String?
    /// A description for people.
    public var description: String?
    /// The schema as JSON.
    public var schemaString: String
    /// The partition columns in order.
    public var partitionColumns: [String]
    /// The table's properties.
    public var configuration: [String: String]
    /// When the table was made, in milliseconds since 1970-01-01T00:00:00Z.
    public var createdTime: Int64?

    /// Makes metadata.
    public init(
        id: String,
        name: String? = nil,
        description: String? = nil,
        schemaString: String,
        partitionColumns: [String] = [],
        configuration: [String: String] = [:],
        createdTime: Int64? = nil
    ) {
        self.id = id
        self.name = name
        self.description = description
        self.schemaString = schemaString
        self.partitionColumns = partitionColumns
        self.configuration = configuration
        self.createdTime = createdTime
    }
}
