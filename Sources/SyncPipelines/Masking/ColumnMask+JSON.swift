extension ColumnMask {
    /// Reads the masks of a table.
    static func all(_ node: ConfigurationNode, in table: TableTemplate) throws(SyncError) -> [String:
        ColumnMask]
    {
        var masks: [String: ColumnMask] = [:]
        for (column, member) in try node.members() {
            let mask = try member.choice(ColumnMask.self)
            masks[column] = mask
            func isNamed(_ name: String) -> Bool { name.lowercased() == column.lowercased() }
            if table.cursor.names.contains(where: isNamed) {
                throw member.failure("\"\(column)\" is the cursor, which has to be read; name another cursor")
            }
            if mask == .drop, table.keys?.contains(where: isNamed) == true {
                throw member.failure("\"\(column)\" is a key, which cannot be dropped; write \"hmac\"")
            }
        }
        return masks
    }
}
