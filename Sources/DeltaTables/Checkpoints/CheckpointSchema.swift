import ColumnBatches
import DeltaLog

/// The columns of a checkpoint file: one nullable structure for each kind of action; everything is nullable but keys.
struct CheckpointSchema {
    let schema: BatchSchema
    let layout: CheckpointLayout
    private let statsType: ColumnType?
    private let partitionType: ColumnType?

    private static let texts = ColumnType.map(
        key: Field("key", .string, isNullable: false),
        value: Field("value", .string)
    )
    private static let list = ColumnType.list(element: Field("element", .string))
    private static let vector = ColumnType.structure([
        Field("storageType", .string), Field("pathOrInlineDv", .string), Field("offset", .int32),
        Field("sizeInBytes", .int32), Field("cardinality", .int64),
    ])

    init(_ layout: CheckpointLayout) {
        self.layout = layout
        statsType = layout.statsSchema.flatMap { ColumnType(.struct($0)) }
        partitionType = layout.partitionSchema.flatMap { ColumnType(.struct($0)) }
        var add = [
            Field("path", .string), Field("partitionValues", Self.texts), Field("size", .int64),
            Field("modificationTime", .int64), Field("dataChange", .boolean),
        ]
        if layout.writesStatsAsJSON { add.append(Field("stats", .string)) }
        add += [
            Field("tags", Self.texts), Field("deletionVector", Self.vector), Field("baseRowId", .int64),
            Field("defaultRowCommitVersion", .int64), Field("clusteringProvider", .string),
        ]
        if let partitionType { add.append(Field("partitionValues_parsed", partitionType)) }
        if let statsType { add.append(Field("stats_parsed", statsType)) }
        let remove = [
            Field("path", .string), Field("deletionTimestamp", .int64), Field("dataChange", .boolean),
            Field("extendedFileMetadata", .boolean), Field("partitionValues", Self.texts),
            Field("size", .int64), Field("deletionVector", Self.vector), Field("baseRowId", .int64),
            Field("defaultRowCommitVersion", .int64),
        ]
        var fields = [Field("add", .structure(add)), Field("remove", .structure(remove))]
        if !layout.isSidecar {
            fields += [
                Field(
                    "txn",
                    .structure([
                        Field("appId", .string), Field("version", .int64), Field("lastUpdated", .int64),
                    ])
                ),
                Field(
                    "metaData",
                    .structure([
                        Field("id", .string), Field("name", .string), Field("description", .string),
                        Field(
                            "format",
                            .structure([Field("provider", .string), Field("options", Self.texts)])
                        ),
                        Field("schemaString", .string), Field("partitionColumns", Self.list),
                        Field("configuration", Self.texts), Field("createdTime", .int64),
                    ])
                ),
                Field(
                    "protocol",
                    .structure([
                        Field("minReaderVersion", .int32), Field("minWriterVersion", .int32),
                        Field("readerFeatures", Self.list), Field("writerFeatures", Self.list),
                    ])
                ),
                Field(
                    "domainMetadata",
                    .structure([
                        Field("domain", .string), Field("configuration", .string), Field("removed", .boolean),
                    ])
                ),
                Field("checkpointMetadata", .structure([Field("version", .int64)])),
                Field(
                    "sidecar",
                    .structure([
                        Field("path", .string), Field("sizeInBytes", .int64),
                        Field("modificationTime", .int64),
                        Field("tags", Self.texts),
                    ])
                ),
            ]
        }
        schema = BatchSchema(fields)
    }

    /// The rows of some actions.
    func batch(_ actions: [Action]) -> ColumnBatch {
        var builders = schema.fields.map { ColumnBuilder($0.type) }
        for action in actions {
            let (name, value) = row(action)
            for (index, field) in schema.fields.enumerated() {
                if field.name == name {
                    builders[index].append(value)
                } else {
                    builders[index].appendNulls(1)
                }
            }
        }
        var columns: [Column] = []
        for index in builders.indices { columns.append(builders[index].finish()) }
        return ColumnBatch(schema: schema, columns: columns, rowCount: actions.count)
    }

    private func row(_ action: Action) -> (String, ColumnValue) {
        switch action {
        case .add(let file): ("add", add(file))
        case .remove(let file):
            (
                "remove",
                .structure([
                    .string(file.path), number(file.deletionTimestamp), .boolean(file.dataChange),
                    .boolean(file.partitionValues != nil && file.size != nil), map(file.partitionValues),
                    number(file.size), vector(file.deletionVector), number(file.baseRowID),
                    number(file.defaultRowCommitVersion),
                ])
            )
        case .transaction(let value):
            (
                "txn",
                .structure([.string(value.appID), .integer(value.version), number(value.lastUpdated)])
            )
        case .metadata(let value):
            (
                "metaData",
                .structure([
                    .string(value.id), text(value.name), text(value.description),
                    .structure([.string("parquet"), .map([])]), .string(value.schemaString),
                    .list(value.partitionColumns.map { .string($0) }),
                    map(value.configuration.mapValues { $0 }),
                    number(value.createdTime),
                ])
            )
        case .protocol(let value):
            (
                "protocol",
                .structure([
                    .integer(Int64(value.minReaderVersion)), .integer(Int64(value.minWriterVersion)),
                    value.readerFeatures.map { .list($0.map { .string($0) }) } ?? .null,
                    value.writerFeatures.map { .list($0.map { .string($0) }) } ?? .null,
                ])
            )
        case .domain(let value):
            (
                "domainMetadata",
                .structure([.string(value.domain), .string(value.configuration), .boolean(value.isRemoved)])
            )
        case .sidecar(let value):
            (
                "sidecar",
                .structure([
                    .string(value.path), .integer(value.size), .integer(value.modificationTime), .null,
                ])
            )
        case .checkpointMetadata(let version): ("checkpointMetadata", .structure([.integer(version)]))
        case .change, .commitInfo: ("", .null)
        }
    }

    private func add(_ file: AddFile) -> ColumnValue {
        var values: [ColumnValue] = [
            .string(file.path), map(file.partitionValues), .integer(file.size),
            .integer(file.modificationTime),
            .boolean(false),
        ]
        if layout.writesStatsAsJSON { values.append(text(file.stats)) }
        values += [
            file.tags.isEmpty ? .null : map(file.tags.mapValues { $0 }), vector(file.deletionVector),
            number(file.baseRowID), number(file.defaultRowCommitVersion), text(file.clusteringProvider),
        ]
        if case .structure(let fields)? = partitionType {
            values.append(
                .structure(
                    fields.map {
                        PartitionValueText.value(file.partitionValues[$0.name] ?? nil, type: $0.type) ?? .null
                    }
                )
            )
        }
        if let statsType {
            let parsed = file.stats.flatMap { try? JSONParser.parse($0) }
            values.append(parsed.map { StatisticsText.value($0, statsType) } ?? .null)
        }
        return .structure(values)
    }

    private func number(_ value: Int64?) -> ColumnValue { value.map { .integer($0) } ?? .null }

    private func text(_ value: String?) -> ColumnValue { value.map { .string($0) } ?? .null }

    private func map(_ values: [String: String?]?) -> ColumnValue {
        guard let values else { return .null }
        return .map(
            values.sorted { $0.key < $1.key }.map { ColumnValue.Pair(.string($0.key), text($0.value)) }
        )
    }

    private func vector(_ value: DeletionVectorDescriptor?) -> ColumnValue {
        guard let value else { return .null }
        return .structure([
            .string(value.storageType), .string(value.pathOrInlineDV),
            value.offset.map { .integer(Int64($0)) } ?? .null, .integer(Int64(value.sizeInBytes)),
            .integer(value.cardinality),
        ])
    }
}
