extension Action {
    /// The action as a line of a commit file, without the line's end.
    var json: String {
        switch self {
        case .add(let file): line("add", file.members)
        case .remove(let file): line("remove", file.members)
        case .change(let file): line("cdc", file.members)
        case .metadata(let metadata): line("metaData", metadata.members)
        case .protocol(let proto): line("protocol", proto.members)
        case .transaction(let transaction): line("txn", transaction.members)
        case .domain(let domain): line("domainMetadata", domain.members)
        case .commitInfo(let info): line("commitInfo", info.members)
        case .sidecar(let sidecar): line("sidecar", sidecar.members)
        case .checkpointMetadata(let version):
            line("checkpointMetadata", ["version": .number(String(version))])
        }
    }

    private func line(_ name: String, _ members: [String: JSONValue?]) -> String {
        JSONValue.object([name: .object(members.compactMapValues { $0 })]).text
    }

    /// Reads the body of an action that is neither an add nor a remove; nil, passing over it, when it is not known.
    static func parse(_ name: String, _ cursor: inout JSONCursor) throws(ActionFailure) -> Action? {
        switch name {
        case "metaData": return .metadata(try TableMetadata(try cursor.tree()))
        case "protocol": return .protocol(try TableProtocol(try cursor.tree()))
        case "txn": return .transaction(try ApplicationTransaction(try cursor.tree()))
        case "commitInfo": return .commitInfo(CommitInfo(try cursor.tree()))
        case "cdc": return .change(try ChangeFile(try cursor.tree()))
        case "domainMetadata": return .domain(try DomainMetadata(try cursor.tree()))
        case "sidecar": return .sidecar(try Sidecar(try cursor.tree()))
        case "checkpointMetadata":
            return .checkpointMetadata(
                version: try required(try cursor.tree()["version"]?.integer, "checkpointMetadata.version")
            )
        default:
            try cursor.skip()
            return nil
        }
    }
}

/// Why a line of a commit cannot be read.
struct ActionFailure: Error {
    var reason: String
}

private func required<Value>(_ value: Value?, _ name: String) throws(ActionFailure) -> Value {
    guard let value else { throw ActionFailure(reason: "\"\(name)\" is missing or of another type") }
    return value
}

private func json(_ values: [String: String?]) -> JSONValue {
    .object(values.mapValues { $0.map { .string($0) } ?? .null })
}

private func number(_ value: Int64?) -> JSONValue? {
    value.map { .number(String($0)) }
}

private func texts(_ values: [String: String]) -> JSONValue? {
    values.isEmpty ? nil : .object(values.mapValues { .string($0) })
}

private func list(_ value: JSONValue?, _ name: String) throws(ActionFailure) -> [String]? {
    guard let value else { return nil }
    let items = try required(value.array, name)
    let texts = items.compactMap(\.string)
    guard texts.count == items.count else { throw ActionFailure(reason: "\"\(name)\" holds more than texts") }
    return texts
}

extension AddFile {
    fileprivate var members: [String: JSONValue?] {
        [
            "path": .string(path), "partitionValues": DeltaLog.json(partitionValues), "size": number(size),
            "modificationTime": number(modificationTime), "dataChange": .boolean(dataChange),
            "stats": stats.map { .string($0) }, "tags": texts(tags), "deletionVector": deletionVector?.json,
            "baseRowId": number(baseRowID), "defaultRowCommitVersion": number(defaultRowCommitVersion),
            "clusteringProvider": clusteringProvider.map { .string($0) },
        ]
    }
}

extension RemoveFile {
    fileprivate var members: [String: JSONValue?] {
        [
            "path": .string(path), "deletionTimestamp": number(deletionTimestamp),
            "dataChange": .boolean(dataChange),
            "extendedFileMetadata": .boolean(partitionValues != nil && size != nil),
            "partitionValues": partitionValues.map { DeltaLog.json($0) }, "size": number(size),
            "deletionVector": deletionVector?.json, "baseRowId": number(baseRowID),
            "defaultRowCommitVersion": number(defaultRowCommitVersion),
        ]
    }
}

extension ChangeFile {
    fileprivate var members: [String: JSONValue?] {
        [
            "path": .string(path), "partitionValues": DeltaLog.json(partitionValues), "size": number(size),
            "dataChange": .boolean(false), "tags": texts(tags),
        ]
    }

    fileprivate init(_ body: JSONValue) throws(ActionFailure) {
        self.init(
            path: try required(body["path"]?.string, "cdc.path"),
            partitionValues: body["partitionValues"]?.object?.mapValues { $0.string } ?? [:],
            size: try required(body["size"]?.integer, "cdc.size"),
            tags: body["tags"]?.strings ?? [:]
        )
    }
}

extension DomainMetadata {
    var members: [String: JSONValue?] {
        [
            "domain": .string(domain), "configuration": .string(configuration),
            "removed": .boolean(isRemoved),
        ]
    }

    init(_ body: JSONValue) throws(ActionFailure) {
        self.init(
            domain: try required(body["domain"]?.string, "domainMetadata.domain"),
            configuration: body["configuration"]?.string ?? "",
            isRemoved: body["removed"]?.boolean ?? false
        )
    }
}

extension Sidecar {
    fileprivate var members: [String: JSONValue?] {
        [
            "path": .string(path), "sizeInBytes": number(size), "modificationTime": number(modificationTime),
        ]
    }

    fileprivate init(_ body: JSONValue) throws(ActionFailure) {
        self.init(
            path: try required(body["path"]?.string, "sidecar.path"),
            size: try required(body["sizeInBytes"]?.integer, "sidecar.sizeInBytes"),
            modificationTime: body["modificationTime"]?.integer ?? 0
        )
    }
}

extension TableMetadata {
    var members: [String: JSONValue?] {
        [
            "id": .string(id), "name": name.map { .string($0) },
            "description": description.map { .string($0) },
            "format": .object(["provider": .string("parquet"), "options": .object([:])]),
            "schemaString": .string(schemaString),
            "partitionColumns": .array(partitionColumns.map { .string($0) }),
            "configuration": .object(configuration.mapValues { .string($0) }),
            "createdTime": number(createdTime),
        ]
    }

    init(_ body: JSONValue) throws(ActionFailure) {
        self.init(
            id: try required(body["id"]?.string, "metaData.id"),
            name: body["name"]?.string,
            description: body["description"]?.string,
            schemaString: try required(body["schemaString"]?.string, "metaData.schemaString"),
            partitionColumns: try list(body["partitionColumns"], "metaData.partitionColumns") ?? [],
            configuration: body["configuration"]?.strings ?? [:],
            createdTime: body["createdTime"]?.integer
        )
    }
}

extension TableProtocol {
    var members: [String: JSONValue?] {
        [
            "minReaderVersion": .number(String(minReaderVersion)),
            "minWriterVersion": .number(String(minWriterVersion)),
            "readerFeatures": readerFeatures.map { .array($0.map { .string($0) }) },
            "writerFeatures": writerFeatures.map { .array($0.map { .string($0) }) },
        ]
    }

    init(_ body: JSONValue) throws(ActionFailure) {
        let reader = try required(body["minReaderVersion"]?.integer, "protocol.minReaderVersion")
        let writer = try required(body["minWriterVersion"]?.integer, "protocol.minWriterVersion")
        self.init(
            minReaderVersion: Int(reader),
            minWriterVersion: Int(writer),
            readerFeatures: try list(body["readerFeatures"], "protocol.readerFeatures"),
            writerFeatures: try list(body["writerFeatures"], "protocol.writerFeatures")
        )
    }
}

extension ApplicationTransaction {
    var members: [String: JSONValue?] {
        [
            "appId": .string(appID), "version": .number(String(version)), "lastUpdated": number(lastUpdated),
        ]
    }

    init(_ body: JSONValue) throws(ActionFailure) {
        self.init(
            appID: try required(body["appId"]?.string, "txn.appId"),
            version: try required(body["version"]?.integer, "txn.version"),
            lastUpdated: body["lastUpdated"]?.integer
        )
    }
}

extension CommitInfo {
    fileprivate var members: [String: JSONValue?] {
        [
            "timestamp": number(timestamp), "operation": operation.map { .string($0) },
            "operationParameters": .object(operationParameters.mapValues { .string($0) }),
            "isBlindAppend": isBlindAppend.map { .boolean($0) }, "engineInfo": engineInfo.map { .string($0) },
            "txnId": txnID.map { .string($0) }, "inCommitTimestamp": number(inCommitTimestamp),
            "operationMetrics": texts(operationMetrics),
        ]
    }

    fileprivate init(_ body: JSONValue) {
        self.init(
            timestamp: body["timestamp"]?.integer,
            operation: body["operation"]?.string,
            operationParameters: body["operationParameters"]?.object?.mapValues { $0.string ?? $0.text }
                ?? [:],
            isBlindAppend: body["isBlindAppend"]?.boolean,
            engineInfo: body["engineInfo"]?.string,
            txnID: body["txnId"]?.string
        )
        inCommitTimestamp = body["inCommitTimestamp"]?.integer
        operationMetrics = body["operationMetrics"]?.object?.mapValues { $0.string ?? $0.text } ?? [:]
    }
}
