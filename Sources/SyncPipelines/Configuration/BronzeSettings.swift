import DeltaLog

/// An append-only table beside a lake table that keeps every row which came into it.
public struct BronzeSettings: Sendable, Hashable {
    /// The name of the bronze table; nil for that of the lake table with `_bronze` at its end.
    public var name: String?

    /// Makes settings.
    public init(name: String? = nil) { self.name = name }
}

extension BronzeSettings {
    /// Reads `true`, `false`, or the name of the bronze table.
    static func optional(_ node: ConfigurationNode) throws(SyncError) -> BronzeSettings? {
        guard case .object = node.value else { return try node.boolean() ? BronzeSettings() : nil }
        let member = try node.members(["name"]).required("name", of: node)
        let name = try member.text()
        guard !name.isEmpty, !name.contains("/"), !name.hasPrefix("."), !name.hasPrefix("_") else {
            throw member.failure("\"\(name)\" is no name of a table; write one such as \"orders_bronze\"")
        }
        return BronzeSettings(name: name)
    }
}

extension TableTemplate {
    /// The name of the table's bronze table; nil where it has none.
    var bronzeName: String? { bronze.map { $0.name ?? name + "_bronze" } }

    /// The path of the bronze table below the lake's root; nil where there is none.
    var bronzePath: String? { bronzeName.map { "\(schema)/\($0)" } }

    /// Reads the columns that say where rows came from: `true` for all, or a list of them.
    mutating func readLineage(_ node: ConfigurationNode) throws(SyncError) {
        guard case .array = node.value else {
            lineage = try node.boolean() ? LineageColumn.allCases : []
            return
        }
        lineage = []
        for element in try node.elements() {
            let column = try element.choice(LineageColumn.self)
            guard !lineage.contains(column) else {
                throw element.failure("\"\(column.rawValue)\" is there twice; leave it out here")
            }
            lineage.append(column)
        }
    }
}
