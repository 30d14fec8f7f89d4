import ColumnBatches
import DeltaLog
import ParquetFiles

/// A structure of one row, its fields by name; for the few rows of a checkpoint that are no files.
struct Record {
    private let fields: [Field]
    private let values: [ColumnValue]

    init?(_ column: Column, _ row: Int) {
        guard case .structure(let fields) = column.type, case .structure(let values) = column[row] else {
            return nil
        }
        self.fields = fields
        self.values = values
    }

    private init?(_ fields: [Field], _ value: ColumnValue) {
        guard case .structure(let values) = value else { return nil }
        self.fields = fields
        self.values = values
    }

    private func find(_ name: String) -> (ColumnType, ColumnValue)? {
        guard let index = fields.firstIndex(where: { $0.name == name }), values[index] != .null else {
            return nil
        }
        return (fields[index].type, values[index])
    }

    func string(_ name: String) -> String? {
        switch find(name)?.1 {
        case .string(let text)?: text
        case .binary(let bytes)?: String(decoding: bytes, as: UTF8.self)
        default: nil
        }
    }

    func integer(_ name: String) -> Int64? {
        if case .integer(let number)? = find(name)?.1 { number } else { nil }
    }

    func boolean(_ name: String) -> Bool? {
        if case .boolean(let bit)? = find(name)?.1 { bit } else { nil }
    }

    func strings(_ name: String) -> [String]? {
        guard case .list(let items)? = find(name)?.1 else { return nil }
        return items.compactMap { if case .string(let text) = $0 { text } else { nil } }
    }

    func texts(_ name: String) -> [String: String?]? {
        guard case .map(let pairs)? = find(name)?.1 else { return nil }
        var texts: [String: String?] = [:]
        for pair in pairs {
            guard case .string(let key) = pair.key else { continue }
            if case .string(let value) = pair.value {
                texts.updateValue(value, forKey: key)
            } else {
                texts.updateValue(nil, forKey: key)
            }
        }
        return texts
    }

    func record(_ name: String) -> Record? {
        guard let (type, value) = find(name), case .structure(let fields) = type else { return nil }
        return Record(fields, value)
    }
}

extension Action {
    /// An action of a checkpoint's row, or nil for a kind that is not known.
    init?(_ name: String, _ record: Record) throws(ParquetError) {
        func required<Value>(_ value: Value?, _ field: String) throws(ParquetError) -> Value {
            guard let value else {
                throw ParquetError(.damaged, column: "\(name).\(field)", message: "a row has no value in it")
            }
            return value
        }
        switch name {
        case "protocol":
            self = .protocol(
                TableProtocol(
                    minReaderVersion: Int(
                        try required(record.integer("minReaderVersion"), "minReaderVersion")
                    ),
                    minWriterVersion: Int(
                        try required(record.integer("minWriterVersion"), "minWriterVersion")
                    ),
                    readerFeatures: record.strings("readerFeatures"),
                    writerFeatures: record.strings("writerFeatures")
                ).withoutStrayFeatures
            )
        case "metaData":
            self = .metadata(
                TableMetadata(
                    id: try required(record.string("id"), "id"),
                    name: record.string("name"),
                    description: record.string("description"),
                    schemaString: try required(record.string("schemaString"), "schemaString"),
                    partitionColumns: record.strings("partitionColumns") ?? [],
                    configuration: record.texts("configuration")?.compactMapValues { $0 } ?? [:],
                    createdTime: record.integer("createdTime")
                )
            )
        case "txn":
            self = .transaction(
                ApplicationTransaction(
                    appID: try required(record.string("appId"), "appId"),
                    version: try required(record.integer("version"), "version"),
                    lastUpdated: record.integer("lastUpdated")
                )
            )
        case "domainMetadata":
            self = .domain(
                DomainMetadata(
                    domain: try required(record.string("domain"), "domain"),
                    configuration: record.string("configuration") ?? "",
                    isRemoved: record.boolean("removed") ?? false
                )
            )
        case "sidecar":
            self = .sidecar(
                Sidecar(
                    path: try required(record.string("path"), "path"),
                    size: record.integer("sizeInBytes") ?? 0,
                    modificationTime: record.integer("modificationTime") ?? 0
                )
            )
        case "checkpointMetadata":
            self = .checkpointMetadata(version: record.integer("version") ?? 0)
        case "remove":
            guard let path = record.string("path") else { return nil }
            var remove = RemoveFile(
                path: path,
                deletionTimestamp: record.integer("deletionTimestamp"),
                dataChange: record.boolean("dataChange") ?? true,
                partitionValues: record.texts("partitionValues"),
                size: record.integer("size"),
                deletionVector: try record.record("deletionVector").map(DeletionVectorDescriptor.of)
            )
            remove.baseRowID = record.integer("baseRowId")
            remove.defaultRowCommitVersion = record.integer("defaultRowCommitVersion")
            self = .remove(remove)
        default: return nil
        }
    }
}

extension TableProtocol {
    /// Some writers leave empty lists of features where there must be none.
    fileprivate var withoutStrayFeatures: TableProtocol {
        var clean = self
        if minReaderVersion < 3, readerFeatures?.isEmpty == true { clean.readerFeatures = nil }
        if minWriterVersion < 7, writerFeatures?.isEmpty == true { clean.writerFeatures = nil }
        return clean
    }
}

extension AddFile {
    /// The rare parts of an add; nil when it has none.
    init?(_ record: Record, path: String) throws(ParquetError) {
        self.init(
            path: path,
            partitionValues: [:],
            size: 0,
            modificationTime: 0,
            tags: record.texts("tags")?.compactMapValues { $0 } ?? [:],
            deletionVector: try record.record("deletionVector").map(DeletionVectorDescriptor.of)
        )
        baseRowID = record.integer("baseRowId")
        defaultRowCommitVersion = record.integer("defaultRowCommitVersion")
        clusteringProvider = record.string("clusteringProvider")
    }
}

extension DeletionVectorDescriptor {
    fileprivate static func of(_ record: Record) throws(ParquetError) -> DeletionVectorDescriptor {
        guard let type = record.string("storageType"), let path = record.string("pathOrInlineDv"),
            let size = record.integer("sizeInBytes").flatMap({ Int32(exactly: $0) }), size >= 0,
            let cardinality = record.integer("cardinality"), cardinality >= 0
        else { throw ParquetError(.damaged, column: "deletionVector", message: "a descriptor lacks a part") }
        return DeletionVectorDescriptor(
            storageType: type,
            pathOrInlineDV: path,
            offset: record.integer("offset").flatMap { Int32(exactly: $0) },
            sizeInBytes: size,
            cardinality: cardinality
        )
    }
}
