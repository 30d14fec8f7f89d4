import SourceConnectors

extension ClientOverride {
    /// Reads what one client has otherwise, table by table.
    static func all(_ node: ConfigurationNode, tables: [TableTemplate]) throws(SyncError) -> [String:
        ClientOverride]
    {
        var overrides: [String: ClientOverride] = [:]
        guard let list = try node.members(["tables"]).present("tables") else { return overrides }
        let names = tables.map(\.qualifiedName)
        for (name, member) in try list.members() {
            guard names.contains(name) || tables.contains(where: { $0.name == name }) else {
                throw member.failure(
                    "no table \"\(name)\" is configured; \(ConfigurationNode.hint(for: name, among: names))"
                )
            }
            overrides[name] = try ClientOverride(member)
        }
        return overrides
    }

    private init(_ node: ConfigurationNode) throws(SyncError) {
        let members = try node.members([
            "columnMap", "filters", "skip", "table", "cursor", "keys", "columns", "mode", "review",
            "schedule",
        ])
        self.init()
        if let node = members.present("columnMap") { columnMap = try node.textsByName() }
        if let node = members.present("filters") { filters = try RowFilter.list(node) }
        if let node = members.present("skip") { skip = try node.boolean() }
        if let node = members.present("table") {
            sourceTable = try node.text()
            if sourceTable?.isEmpty == true {
                throw node.failure("is empty; write the client's name of the table")
            }
        }
        if let node = members["cursor"] { cursor = try CursorSetting(node) }
        keys = try members.present("keys").map { node throws(SyncError) in try node.columnNames() }
        columns = try members.present("columns").map { node throws(SyncError) in try node.columnNames() }
        if let node = members.present("mode") { mode = try node.choice(TableTemplate.Mode.self) }
        if let node = members["schedule"] {
            schedule = .some(node.isNull ? nil : try Schedule(node))
        }
        if let node = members.present("review") { review = try node.choice(TableTemplate.Review.self) }
    }
}
