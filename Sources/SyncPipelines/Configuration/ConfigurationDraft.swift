import ColumnBatches
import DeltaLog
public import SourceConnectors

/// A first configuration, made from what a database holds or from another tool's list of tables.
public struct ConfigurationDraft: Sendable, Hashable {
    /// One table of the draft.
    public struct Table: Sendable, Hashable {
        /// The table's name.
        public var name: String
        /// The cursor; nil for none.
        public var cursor: String?
        /// The columns that identify a row, where the source itself does not say.
        public var keys: [String]?
        /// Columns to leave out, because their types are not mapped.
        public var leftOut: [String] = []
        /// All other columns, where some are left out.
        public var columns: [String]?
    }

    /// The schema's name in the lake.
    public var schema: String
    /// The client's database, with `{client_id}` where its name has it.
    public var database: String
    /// The name of the connection.
    public var connection: String
    /// How the server is reached.
    public var settings: ConnectionSettings
    /// The tables, by name.
    public var tables: [Table] = []
    /// What people should know before they use it.
    public var notes: [String] = []

    /// Makes a draft without tables.
    public init(schema: String, database: String, connection: String, settings: ConnectionSettings) {
        self.schema = schema
        self.database = database
        self.connection = connection
        self.settings = settings
    }

    /// Adds a table as its source describes it.
    public mutating func add(_ description: TableDescription) {
        var table = Table(name: description.name.table)
        let cursor = description.cursorCandidates.first {
            $0.isServerSet && $0.isAutomatic && !$0.isCounter
        }
        table.cursor = cursor?.column
        if let cursor, !cursor.isIndexed {
            notes.append(
                "\(table.name): no index starts with \(cursor.column); each run would scan the table"
            )
        }
        if cursor == nil {
            notes.append(
                "\(table.name): no timestamp that the server sets; each run compares the whole table"
            )
        }
        if description.primaryKey.isEmpty && !description.uniqueKeys.contains(where: { !$0.isNullable }) {
            table.keys = []
            notes.append(
                "\(table.name): nothing identifies a row; name columns under \"keys\", or leave the table out"
            )
        }
        table.leftOut = description.columns.filter { $0.type == nil }.map(\.name)
        if !table.leftOut.isEmpty {
            table.columns = description.columns.filter { $0.type != nil && !$0.isHidden }.map(\.name)
            notes.append(
                "\(table.name): left out are \(table.leftOut.joined(separator: ", ")), whose types are not mapped"
            )
        }
        tables.append(table)
    }

    /// The draft as a configuration file.
    public var json: String {
        var connection: [String] = []
        if let socket = settings.socket { connection.append("\"socket\": \(Self.quoted(socket))") }
        if let host = settings.host {
            connection.append("\"host\": \(Self.quoted(host)), \"port\": \(settings.port)")
        }
        connection.append("\"user\": \(Self.quoted(settings.user))")
        switch settings.password {
        case .environment(let name): connection.append("\"password\": {\"env\": \(Self.quoted(name))}")
        case .file(let path): connection.append("\"password\": {\"file\": \(Self.quoted(path))}")
        case .provider(let name): connection.append("\"password\": {\"provider\": \(Self.quoted(name))}")
        case nil: break
        }
        let lines = tables.map { table in
            var parts = ["\"schema\": \(Self.quoted(schema))", "\"name\": \(Self.quoted(table.name))"]
            parts.append("\"cursor\": \(table.cursor.map(Self.quoted) ?? "null")")
            if let keys = table.keys, !keys.isEmpty {
                parts.append("\"keys\": [\(keys.map(Self.quoted).joined(separator: ", "))]")
            }
            if let columns = table.columns {
                parts.append("\"columns\": [\(columns.map(Self.quoted).joined(separator: ", "))]")
            }
            return "    {" + parts.joined(separator: ", ") + "}"
        }
        return """
            {
              "lake": "lake",
              "roster": "roster.json",
              "connections": {
                \(Self.quoted(self.connection)): {\(connection.joined(separator: ", "))}
              },
              "schemas": {\(Self.quoted(schema)): {"database": \(Self.quoted(database))}},
              "tables": [
            \(lines.joined(separator: ",\n"))
              ]
            }

            """
    }

    private static func quoted(_ text: String) -> String { JSONValue.string(text).text }
}

extension SyncPipeline {
    /// Adds the tables of a client's database to a draft, as the source describes them.
    ///
    /// - Parameters:
    ///   - draft: The draft.
    ///   - database: The database.
    ///   - source: Where it is.
    ///   - connector: How it is read; its `information_schema` lists the tables.
    /// - Returns: The draft with the tables, in the order of their names.
    /// - Throws: Errors of the source.
    public static func draft(
        _ draft: ConfigurationDraft,
        from database: String,
        at source: Source,
        with connector: Connector
    ) async throws -> ConfigurationDraft {
        let descriptions: [TableDescription] = try await connector.withSession(for: source) { session in
            let query = ReadQuery(
                table: TableName(database: "information_schema", table: "TABLES"),
                columns: [Field("TABLE_NAME", .string)],
                filters: [
                    RowFilter("TABLE_SCHEMA", .equal, [.string(database)]),
                    RowFilter("TABLE_TYPE", .equal, [.string("BASE TABLE")]),
                ]
            )
            var names: [String] = []
            for try await batch in try await session.rows(query, at: .uncommitted) {
                for case .string(let name) in (0..<batch.rowCount).map({ batch.columns[0][$0] }) {
                    names.append(name)
                }
            }
            var found: [TableDescription] = []
            for name in names.sorted() {
                if let table = try await session.describe(TableName(database: database, table: name)) {
                    found.append(table)
                }
            }
            return found
        }
        var draft = draft
        for description in descriptions { draft.add(description) }
        return draft
    }
}
