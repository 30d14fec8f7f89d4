import DeltaLog
import SourceConnectors

/// What the tables of a configuration, or of a schema, have in common.
struct TableDefaults {
    /// What a table may inherit.
    static let keys = [
        "cursor", "keys", "columns", "filters", "columnMap", "fill", "mode", "values", "columnValues",
        "review", "deletionVectors", "schedule", "mask", "write", "deletes", "findDeletes", "bronze",
        "lineage", "drift", "quarantine",
    ]

    var members: [String: ConfigurationNode] = [:]
    var values: ValuePolicy
}

extension TableTemplate {
    /// Reads a table; what it does not say comes from its schema's defaults.
    init(
        _ node: ConfigurationNode,
        schemas: [String: SchemaSettings],
        defaults: [String: TableDefaults]
    ) throws(SyncError) {
        var members = try node.members(["schema", "name"] + TableDefaults.keys)
        let schema = try members.required("schema", of: node).reference("schema", among: schemas.keys)
        let name = try members.required("name", of: node)
        self.init(schema: schema, name: try name.text())
        guard !self.name.isEmpty, !self.name.contains("/"), !self.name.hasPrefix(".") else {
            throw name.failure("\"\(self.name)\" is no name of a table; write the one that the source has")
        }
        let common = defaults[schema] ?? TableDefaults(values: ValuePolicy())
        members.merge(common.members) { own, _ in own }
        if let cursor = members["cursor"] { self.cursor = try CursorSetting(cursor) }
        keys = try members.present("keys").map { node throws(SyncError) in try node.columnNames() }
        columns = try members.present("columns").map { node throws(SyncError) in try node.columnNames() }
        fill = try members.present("fill").map { node throws(SyncError) in try node.columnNames() }
        if let node = members.present("filters") { filters = try RowFilter.list(node) }
        if let node = members.present("columnMap") { columnMap = try node.textsByName() }
        if let node = members.present("mode") { mode = try node.choice(Mode.self) }
        if let node = members.present("review") { review = try node.choice(Review.self) }
        if let node = members.present("deletionVectors") { deletionVectors = try node.boolean() }
        if let node = members.present("write") { write = try node.choice(Write.self) }
        if let node = members.present("deletes") { deletes = try node.choice(Deletes.self) }
        if let node = members.present("findDeletes") { findDeletes = try DeleteSearch(node) }
        if let node = members.present("mask") { mask = try ColumnMask.all(node, in: self) }
        bronze = try members.present("bronze").flatMap { node throws(SyncError) in
            try BronzeSettings.optional(node)
        }
        quarantine = try members.present("quarantine").flatMap { node throws(SyncError) in
            try QuarantineSettings.optional(node)
        }
        if let node = members.present("lineage") { try readLineage(node) }
        if let node = members.present("drift") { drift = try DriftRules(node) }
        if let (member, message) = contradiction {
            throw (members.present(member) ?? node).failure(message)
        }
        schedule = try members.present("schedule").map { node throws(SyncError) in try Schedule(node) }
        values = common.values
        if let node = members.present("values") { values = try ValuePolicy(node, over: common.values) }
        if let node = members.present("columnValues") {
            for (column, member) in try node.members() {
                columnValues[column] = try ValuePolicy(member, over: values)
            }
        }
        if let keys, let fill, let key = keys.first(where: { fill.contains($0) }), let node = members["fill"]
        {
            throw node.failure(
                "\"\(key)\" is a key, which is never set on a row that is there; leave it out of \"fill\""
            )
        }
    }
}

extension CursorSetting {
    init(_ node: ConfigurationNode) throws(SyncError) {
        guard !node.isNull else {
            self = .none
            return
        }
        if case .object = node.value {
            self = .expression(try CursorExpression(node))
            return
        }
        if case .array = node.value {
            let names = try node.columnNames()
            guard names.count > 1 else {
                throw node.failure("is an array of one column; write the column as a string: \"\(names[0])\"")
            }
            self = .columns(names)
            return
        }
        let name = try node.text()
        guard !name.isEmpty else {
            throw node.failure("is empty; write a column, null for none, or leave it out for the best one")
        }
        self = .column(name)
    }
}

extension ConfigurationNode {
    /// Names of columns: at least one, and none twice.
    func columnNames() throws(SyncError) -> [String] {
        let names = try texts()
        guard !names.isEmpty else { throw failure("names no column; write one, or leave the key out") }
        var seen: Set<String> = []
        for (index, name) in names.enumerated() where !seen.insert(name.lowercased()).inserted || name.isEmpty
        {
            throw failure("\"\(name)\" is there twice, or empty; leave out element \(index)")
        }
        return names
    }
}

extension SchemaSettings {
    init(name: String, _ settings: [String: ConfigurationNode], of node: ConfigurationNode) throws(SyncError)
    {
        let template = try settings.required("database", of: node)
        self.init(database: try template.text())
        if name == "tributary" || name.contains("/") || name.isEmpty {
            throw node.failure(
                "a schema cannot be called \"\(name)\": its tables would lie in another folder's place; call it otherwise"
            )
        }
        for part in database.split(separator: "{", omittingEmptySubsequences: false).dropFirst() {
            let placeholder = String(part.prefix { $0 != "}" })
            guard !["client_id", "region"].contains(placeholder) else { continue }
            let hint = ConfigurationNode.hint(for: placeholder, among: ["client_id", "region"])
            throw template.failure("there is no placeholder \"{\(placeholder)}\"; \(hint)")
        }
        if database.isEmpty {
            throw template.failure("is empty; write a database, such as \"shop_{client_id}\"")
        }
    }
}
