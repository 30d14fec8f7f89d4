extension TableProtocol {
    /// The features that the reader knows.
    ///
    /// The preview names mean what the final ones do.
    static let readable: Set<String> = [
        "columnMapping", "deletionVectors", "timestampNtz", "typeWidening", "typeWidening-preview",
        "v2Checkpoint",
        "vacuumProtocolCheck", "variantType", "variantType-preview", "variantShredding",
        "variantShredding-preview",
    ]
    /// The features that are kept true on write.
    static let writable: Set<String> = [
        "appendOnly", "changeDataFeed", "checkConstraints", "columnMapping", "deletionVectors",
        "domainMetadata",
        "inCommitTimestamp", "invariants", "timestampNtz", "typeWidening", "typeWidening-preview",
        "v2Checkpoint",
        "vacuumProtocolCheck",
    ]

    /// Whether the protocol has a feature, by name or by the version that implies it.
    public func has(_ feature: String) -> Bool {
        if readerFeatures?.contains(feature) == true || writerFeatures?.contains(feature) == true {
            return true
        }
        guard minWriterVersion < 7 else { return false }
        switch feature {
        case "appendOnly", "invariants": return minWriterVersion >= 2
        case "checkConstraints": return minWriterVersion >= 3
        case "changeDataFeed", "generatedColumns": return minWriterVersion >= 4
        case "columnMapping": return minWriterVersion >= 5
        case "identityColumns": return minWriterVersion >= 6
        default: return false
        }
    }

    /// Refuses a table that needs more of a reader than there is, by the name of the feature.
    func checkReadable(table: String) throws(DeltaLogError) {
        if minReaderVersion > 3 || minReaderVersion < 1 {
            throw .unsupported("reader version \(minReaderVersion)", table)
        }
        if (readerFeatures != nil) != (minReaderVersion == 3) {
            throw DeltaLogError(
                .corruptCommit,
                table: table,
                message: minReaderVersion == 3
                    ? "reader version 3 without readerFeatures"
                    : "readerFeatures with reader version \(minReaderVersion)"
            )
        }
        if let unknown = (readerFeatures ?? []).first(where: { !Self.readable.contains($0) }) {
            throw .unsupported(unknown, table)
        }
        if minReaderVersion == 3 && minWriterVersion < 7 {
            throw DeltaLogError(
                .corruptCommit,
                table: table,
                message: "reader version 3 with writer version \(minWriterVersion)"
            )
        }
    }

    /// Refuses to write to a table that needs more of a writer than there is, by the name of the feature.
    func checkWritable(table: String, metadata: TableMetadata) throws(DeltaLogError) {
        try checkReadable(table: table)
        if minWriterVersion > 7 { throw .unsupported("writer version \(minWriterVersion)", table) }
        if minWriterVersion == 7 && writerFeatures == nil {
            throw DeltaLogError(
                .corruptCommit,
                table: table,
                message: "writer version 7 without writerFeatures"
            )
        }
        if let unknown = (writerFeatures ?? []).first(where: { !Self.writable.contains($0) }) {
            throw .unsupported(unknown, table)
        }
        // Rules that are not understood cannot be kept; those of writers up to version 6 are implied.
        let hasRules =
            metadata.schemaString.contains(RowRule.invariantKey)
            || metadata.configuration.keys.contains { $0.lowercased().hasPrefix(RowRule.constraintPrefix) }
        if hasRules {
            let rules = metadata.rowRules(try StructType(json: metadata.schemaString))
            if let rule = rules.first(where: { $0.expression == nil }) {
                throw DeltaLogError(
                    .unsupportedFeature,
                    table: table,
                    message: "the rule \(rule.name) is \"\(rule.text)\", which is not understood; "
                        + "rows cannot be checked against it"
                )
            }
        }
        for marker in ["delta.generationExpression", "delta.identity"]
        where metadata.schemaString.contains(marker) {
            throw .unsupported(marker, table)
        }
    }
}

extension DeltaLogError {
    static func unsupported(_ feature: String, _ table: String) -> DeltaLogError {
        DeltaLogError(
            .unsupportedFeature,
            table: table,
            message: "the table needs \"\(feature)\", which is not supported"
        )
    }
}
