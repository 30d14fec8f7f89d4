public import ObjectStores

/// Where the files of a table are.
public enum TablePath {
    /// The store and the path of an object in it, for a path as the log writes it.
    ///
    /// A relative path lies below the table. An absolute one, with or without `file:`, is looked for on the local disk
    /// where the table lies there too; any other scheme is refused.
    ///
    /// - Throws: `DeltaLogError` when the path leads out of the store, or to a place that the store does not reach.
    public static func locate(_ logPath: String, table: String, in store: any ObjectStore)
        throws(DeltaLogError) -> (store: any ObjectStore, path: String)
    {
        let path = PartitionPath.canonical(logPath)
        guard isAbsolute(path) else { return (store, table.isEmpty ? path : table + "/" + path) }
        guard path.hasPrefix("/"), let local = store as? LocalObjectStore else {
            throw DeltaLogError(
                .unsupportedFeature,
                table: table,
                message: "the log names \(path), which is not in the store of the table"
            )
        }
        var disk = LocalObjectStore(root: "/")
        disk.synchronizes = local.synchronizes
        return (disk, String(path.drop { $0 == "/" }))
    }

    /// Whether a decoded path is absolute, or has another scheme than `file:`.
    public static func isAbsolute(_ path: String) -> Bool {
        if path.hasPrefix("/") { return true }
        guard let colon = path.firstIndex(of: ":") else { return false }
        let scheme = path[..<colon]
        return !scheme.isEmpty && path[colon...].hasPrefix("://")
            && scheme.utf8.allSatisfy { (0x61...0x7A).contains($0 | 0x20) || (0x30...0x39).contains($0) }
    }
}
