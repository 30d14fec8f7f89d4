extension TableMetadata {
    /// Refuses a table whose columns have other names in its files, also where the protocol forgets to say so.
    func checkReadable(table: String) throws(DeltaLogError) {
        guard let mode = configuration["delta.columnMapping.mode"], mode != "none" else { return }
        throw DeltaLogError(
            .unsupportedFeature,
            table: table,
            message: "the table needs \"columnMapping\" (mode \(mode)), which is not supported yet"
        )
    }
}

extension TableProtocol {
    private static let readable: Set<String> = ["timestampNtz", "vacuumProtocolCheck"]
    private static let writable: Set<String> = [
        "timestampNtz", "vacuumProtocolCheck", "appendOnly", "invariants",
    ]

    /// Refuses a table that needs more of a reader than there is, by the name of the feature.
    func checkReadable(table: String) throws(DeltaLogError) {
        if minReaderVersion > 3 || minReaderVersion < 1 {
            throw Self.unsupported("reader version \(minReaderVersion)", table)
        }
        if minReaderVersion == 2 { throw Self.unsupported("columnMapping", table) }
        guard minReaderVersion == 3 else { return }
        guard let readerFeatures else {
            throw DeltaLogError(
                .corruptCommit,
                table: table,
                message: "reader version 3 without readerFeatures"
            )
        }
        if let unknown = readerFeatures.first(where: { !Self.readable.contains($0) }) {
            throw Self.unsupported(unknown, table)
        }
    }

    /// Refuses to write to a table that needs more of a writer than there is, by the name of the feature.
    func checkWritable(table: String, metadata: TableMetadata) throws(DeltaLogError) {
        if minWriterVersion > 7 { throw Self.unsupported("writer version \(minWriterVersion)", table) }
        if let unknown = (writerFeatures ?? []).first(where: { !Self.writable.contains($0) }) {
            throw Self.unsupported(unknown, table)
        }
        // Writers up to version 6 imply features that matter only when the table uses them.
        let used = metadata.configuration
        if minWriterVersion < 7 {
            if minWriterVersion >= 3, used.keys.contains(where: { $0.hasPrefix("delta.constraints.") }) {
                throw Self.unsupported("checkConstraints", table)
            }
            if minWriterVersion >= 4, used["delta.enableChangeDataFeed"] == "true" {
                throw Self.unsupported("changeDataFeed", table)
            }
        }
        for marker in ["delta.invariants", "delta.generationExpression", "delta.identity"]
        where metadata.schemaString.contains(marker) {
            throw Self.unsupported(marker, table)
        }
    }

    private static func unsupported(_ feature: String, _ table: String) -> DeltaLogError {
        DeltaLogError(
            .unsupportedFeature,
            table: table,
            message: "the table needs \"\(feature)\", which is not supported yet"
        )
    }
}
