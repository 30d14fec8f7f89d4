extension TableMetadata {
    /// The features that the table's properties and columns put to use.
    package func neededFeatures(_ schema: StructType) -> Set<String> {
        let properties = TableProperties(self)
        var needed: Set<String> = []
        func need(_ feature: String, _ isUsed: Bool) { if isUsed { needed.insert(feature) } }
        need("appendOnly", properties.isAppendOnly)
        need("changeDataFeed", properties.recordsChanges)
        need("deletionVectors", properties.usesDeletionVectors)
        need("inCommitTimestamp", properties.hasInCommitTimestamps)
        need("v2Checkpoint", properties.usesV2Checkpoints)
        need("columnMapping", columnMapping != .none)
        need("typeWidening", configuration["delta.enableTypeWidening"] == "true")
        need(
            "checkConstraints",
            configuration.keys.contains { $0.lowercased().hasPrefix(RowRule.constraintPrefix) }
        )
        let fields = schema.namedFields.map(\.1)
        need("timestampNtz", fields.contains { $0.type.holdsWallClock })
        need("invariants", fields.contains { $0.metadata[RowRule.invariantKey] != nil })
        return needed
    }
}

extension DataType {
    /// Whether the type is a wall clock without zone, or a list or map of such; fields of structures aside.
    fileprivate var holdsWallClock: Bool {
        switch self {
        case .timestampNTZ: true
        case .array(let element, _): element.holdsWallClock
        case .map(let key, let value, _): key.holdsWallClock || value.holdsWallClock
        default: false
        }
    }
}

extension TableProtocol {
    /// Features that readers need too.
    private static let ofReaders: Set<String> = [
        "columnMapping", "deletionVectors", "timestampNtz", "typeWidening", "typeWidening-preview",
        "v2Checkpoint",
        "vacuumProtocolCheck", "variantType", "variantType-preview", "variantShredding",
        "variantShredding-preview",
    ]

    /// The lowest protocol of a new table with some features.
    ///
    /// (1,2) where that is enough; else the features are named one by one, so that no reader is asked for more.
    package static func lowest(with features: Set<String>) -> TableProtocol {
        if features.isSubset(of: ["appendOnly", "invariants"]) {
            return TableProtocol(minReaderVersion: 1, minWriterVersion: 2)
        }
        return TableProtocol(minReaderVersion: 1, minWriterVersion: 1).adding(features)
    }

    /// The protocol with more features; those that an older version implied are named from then on.
    ///
    /// The protocol's section "Table Features for New and Existing Tables".
    package func adding(_ features: Set<String>) -> TableProtocol {
        let present = allFeatures
        // The preview of a feature stands for it.
        let missing = features.filter { !present.contains($0) && !present.contains($0 + "-preview") }
        guard !missing.isEmpty else { return self }
        let all = present.union(missing)
        let ofReaders = all.intersection(Self.ofReaders)
        return TableProtocol(
            minReaderVersion: ofReaders.isEmpty ? 1 : 3,
            minWriterVersion: 7,
            readerFeatures: ofReaders.isEmpty ? nil : ofReaders.sorted(),
            writerFeatures: all.sorted()
        )
    }
}
