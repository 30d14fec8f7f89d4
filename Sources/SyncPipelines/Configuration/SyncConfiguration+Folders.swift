extension SyncConfiguration {
    /// Each table of the lake has a folder of its own, those of bronze too.
    func refuseSharedFolders() throws(SyncError) {
        var owners: [String: String] = [:]
        for table in tables { owners["\(table.schema)/\(table.name)".lowercased()] = table.qualifiedName }
        for (index, table) in tables.enumerated() {
            guard let path = table.bronzePath else { continue }
            if let owner = owners.updateValue(table.qualifiedName, forKey: path.lowercased()) {
                throw SyncError(
                    .invalidConfiguration,
                    step: "configuration",
                    path: "tables[\(index)].bronze",
                    message:
                        "the bronze table would lie where \(owner) has a table, at \(path); give it another name: "
                        + "{\"name\": \"\(table.name)_landed\"}"
                )
            }
        }
    }
}
