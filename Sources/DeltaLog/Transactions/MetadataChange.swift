/// What a commit did to the protocol, as far as it matters to a transaction that began before.
struct ProtocolChange {
    private let dropped: Set<String>
    private let added: Set<String>

    /// Features that leave what others read and wrote as it was.
    private static let quiet: Set<String> = [
        "appendOnly", "columnMapping", "deletionVectors", "domainMetadata", "inCommitTimestamp", "invariants",
        "timestampNtz", "v2Checkpoint", "vacuumProtocolCheck",
    ]

    init(from old: TableProtocol, to new: TableProtocol) {
        let before = old.allFeatures
        let after = new.allFeatures
        dropped = before.subtracting(after)
        added = after.subtracting(before)
    }

    /// Whether a transaction can go on under the new protocol.
    var isHarmless: Bool { dropped.isEmpty && added.isSubset(of: Self.quiet) }
}

extension TableProtocol {
    /// The features by name, those that a version implies included.
    var allFeatures: Set<String> {
        var features = Set((readerFeatures ?? []) + (writerFeatures ?? []))
        let implied = [
            "appendOnly", "invariants", "checkConstraints", "changeDataFeed", "generatedColumns",
            "columnMapping",
            "identityColumns",
        ]
        for feature in implied where has(feature) { features.insert(feature) }
        return features
    }
}

/// What a commit did to the metadata, as far as it matters to a transaction that began before.
struct MetadataChange {
    private let old: TableMetadata
    private let new: TableMetadata

    /// Properties that leave what others read and wrote as it was.
    private static let quiet: Set<String> = [
        "delta.enableRowTracking", "delta.rowTracking.materializedRowIdColumnName",
        "delta.rowTracking.materializedRowCommitVersionColumnName", "delta.columnMapping.mode",
        "delta.columnMapping.maxColumnId", "delta.enableDeletionVectors", "delta.checkpointPolicy",
        "delta.enableInCommitTimestamps", "delta.inCommitTimestampEnablementVersion",
        "delta.inCommitTimestampEnablementTimestamp",
    ]
    /// Marks of columns that mapping and identity columns write by themselves.
    private static let quietMarks: Set<String> = [
        "delta.columnMapping.id", "delta.columnMapping.physicalName", "delta.identity.highWaterMark",
    ]

    init(from old: TableMetadata, to new: TableMetadata) {
        self.old = old
        self.new = new
    }

    /// Whether a transaction that changes no metadata can go on under the new ones.
    var isHarmless: Bool {
        old.id == new.id && old.partitionColumns == new.partitionColumns && areSettingsHarmless
            && isSchemaHarmless
    }

    private var areSettingsHarmless: Bool {
        for (key, value) in old.configuration where new.configuration[key] != value {
            guard new.configuration[key] != nil, Self.quiet.contains(key) else { return false }
        }
        let added = new.configuration.keys.filter { old.configuration[$0] == nil }
        guard added.allSatisfy({ Self.quiet.contains($0) }) else { return false }
        // Names in files stay what they are when mapping by name begins; nothing else does.
        return old.columnMapping == new.columnMapping
            || (old.columnMapping == .none && new.columnMapping == .name)
    }

    private var isSchemaHarmless: Bool {
        if old.schemaString == new.schemaString { return true }
        guard let before = try? StructType(json: old.schemaString),
            let after = try? StructType(json: new.schemaString)
        else { return false }
        let known = after.fields.prefix(before.fields.count).map(Self.plain)
        return known == before.fields.map(Self.plain)
            && after.fields.dropFirst(before.fields.count).allSatisfy(\.isNullable)
    }

    private static func plain(_ field: StructField) -> StructField {
        var field = field
        field.metadata = field.metadata.filter { !quietMarks.contains($0.key) }
        field.type = plain(field.type)
        return field
    }

    private static func plain(_ type: DataType) -> DataType {
        switch type {
        case .struct(let type): .struct(StructType(fields: type.fields.map { plain($0) }))
        case .array(let element, let containsNull):
            .array(element: plain(element), containsNull: containsNull)
        case .map(let key, let value, let containsNull):
            .map(key: plain(key), value: plain(value), valueContainsNull: containsNull)
        default: type
        }
    }
}
