import DeltaLog

/// Tables from a list that names a table, its watermark column and the last watermark, as copy pipelines keep them.
///
///     [{"TableName": "dbo.orders", "WatermarkColumn": "LastModifytime", "WatermarkValue": "2026-11-01T00:00:00Z"}]
///
/// Names of members are compared without case and underscores; a list may also stand under `value` or `tables`. The
/// last watermark is not taken over: it may have passed rows by, so the first run reads everything.
public struct WatermarkImport: Sendable, Hashable {
    /// The tables.
    public private(set) var tables: [ConfigurationDraft.Table] = []
    /// What people should know.
    public private(set) var notes: [String] = []

    /// Reads a list.
    ///
    /// - Throws: `SyncError` that names the place.
    public init(json: String, file: String = "the list") throws(SyncError) {
        let root = try ConfigurationNode(json: json, file: file)
        var list = root
        if case .object(let members) = root.value {
            let names = ["value", "tables", "Table", "Tables"]
            guard let name = names.first(where: { members[$0] != nil }), let node = try root.members()[name]
            else {
                throw root.failure(
                    "holds no list of tables; write [{\"TableName\": …, \"WatermarkColumn\": …}]"
                )
            }
            list = node
        }
        var seen: Set<String> = []
        for node in try list.elements() {
            var members: [String: ConfigurationNode] = [:]
            for (name, member) in try node.members() where !member.isNull {
                members[name.lowercased().replacing("_", with: "").replacing(" ", with: "")] = member
            }
            guard
                let name = ["tablename", "table", "sourcetable", "sourcetablename"].compactMap({ members[$0] }
                ).first
            else {
                throw node.failure("names no table; add \"TableName\": …")
            }
            let column = ["watermarkcolumn", "watermarkcolumnname", "incrementalcolumn", "cursorcolumn"]
                .compactMap {
                    members[$0]
                }.first
            let full = try name.text()
            let table = String(full.split(separator: ".").last ?? "")
            guard !table.isEmpty, seen.insert(table.lowercased()).inserted else {
                throw name.failure("\"\(full)\" is there twice, or no name; leave one out")
            }
            let cursor = try column?.text()
            tables.append(ConfigurationDraft.Table(name: table, cursor: cursor))
            if cursor == nil {
                notes.append("\(table): no watermark column; each run compares the whole table")
            }
            if let value = ["watermarkvalue", "lastwatermark", "lastvalue", "watermark"].compactMap({
                members[$0]
            }).first {
                notes.append(
                    "\(table): the last watermark \(value.value.text) is not taken over; the first run reads all"
                )
            }
        }
        guard !tables.isEmpty else { throw list.failure("names no table; add one") }
    }
}
