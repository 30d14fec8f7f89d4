extension Action {
    /// The action as a line of a commit file, without the line's end.
    var json: String {
        switch self {
        case .add(let file): line("add", file.members)
        case .remove(let file): line("remove", file.members)
        case .metadata(let metadata): line("metaData", metadata.members)
        case .protocol(let proto): line("protocol", proto.members)
        case .transaction(let transaction): line("txn", transaction.members)
        case .commitInfo(let info): line("commitInfo", info.members)
        }
    }

    private func line(_ name: String, _ members: [String: JSONValue?]) -> String {
        JSONValue.object([name: .object(members.compactMapValues { $0 })]).text
    }

    /// Reads a line of a commit file; nil for an action of a kind that is not known.
    static func parse(_ line: ArraySlice<UInt8>) throws(ActionFailure) -> Action? {
        let value: JSONValue
        do {
            value = try JSONParser.parse(line)
        } catch {
            throw ActionFailure(reason: "not JSON at byte \(error.position): \(error.reason)")
        }
        guard value.object != nil else { throw ActionFailure(reason: "not a JSON object") }
        if let body = value["add"] { return .add(try AddFile(body)) }
        if let body = value["remove"] { return .remove(try RemoveFile(body)) }
        if let body = value["metaData"] { return .metadata(try TableMetadata(body)) }
        if let body = value["protocol"] { return .protocol(try TableProtocol(body)) }
        if let body = value["txn"] { return .transaction(try ApplicationTransaction(body)) }
        if let body = value["commitInfo"] { return .commitInfo(CommitInfo(body)) }
        return nil
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

private func partitionValues(_ body: JSONValue) -> [String: String?]? {
    body["partitionValues"]?.object?.mapValues { $0.string }
}

extension AddFile {
    fileprivate var members: [String: JSONValue?] {
        [
            "path": .string(path), "partitionValues": json(partitionValues), "size": .number(String(size)),
            "modificationTime": .number(String(modificationTime)), "dataChange": .boolean(dataChange),
            "stats": stats.map { .string($0) },
            "tags": tags.isEmpty ? nil : .object(tags.mapValues { .string($0) }),
        ]
    }

    fileprivate init(_ body: JSONValue) throws(ActionFailure) {
        if body["deletionVector"] != nil {
            throw ActionFailure(reason: "the file has a deletion vector, which is not supported yet")
        }
        self.init(
            path: try required(body["path"]?.string, "add.path"),
            partitionValues: DeltaLog.partitionValues(body) ?? [:],
            size: try required(body["size"]?.integer, "add.size"),
            modificationTime: body["modificationTime"]?.integer ?? 0,
            dataChange: body["dataChange"]?.boolean ?? true,
            stats: body["stats"]?.string,
            tags: body["tags"]?.strings ?? [:]
        )
    }
}

extension RemoveFile {
    fileprivate var members: [String: JSONValue?] {
        [
            "path": .string(path), "deletionTimestamp": deletionTimestamp.map { .number(String($0)) },
            "dataChange": .boolean(dataChange),
            "extendedFileMetadata": .boolean(partitionValues != nil && size != nil),
            "partitionValues": partitionValues.map { json($0) }, "size": size.map { .number(String($0)) },
        ]
    }

    fileprivate init(_ body: JSONValue) throws(ActionFailure) {
        self.init(
            path: try required(body["path"]?.string, "remove.path"),
            deletionTimestamp: body["deletionTimestamp"]?.integer,
            dataChange: body["dataChange"]?.boolean ?? true,
            partitionValues: DeltaLog.partitionValues(body),
            size: body["size"]?.integer
        )
    }
}

extension TableMetadata {
    fileprivate var members: [String: JSONValue?] {
        [
            "id": .string(id), "name": name.map { .string($0) },
            "description": description.map { .string($0) },
            "format": .object(["provider": .string("parquet"), "options": .object([:])]),
            "schemaString": .string(schemaString),
            "partitionColumns": .array(partitionColumns.map { .string($0) }),
            "configuration": .object(configuration.mapValues { .string($0) }),
            "createdTime": createdTime.map { .number(String($0)) },
        ]
    }

    fileprivate init(_ body: JSONValue) throws(ActionFailure) {
        self.init(
            id: try required(body["id"]?.string, "metaData.id"),
            name: body["name"]?.string,
            description: body["description"]?.string,
            schemaString: try required(body["schemaString"]?.string, "metaData.schemaString"),
            partitionColumns: body["partitionColumns"]?.array?.compactMap(\.string) ?? [],
            configuration: body["configuration"]?.strings ?? [:],
            createdTime: body["createdTime"]?.integer
        )
    }
}

extension TableProtocol {
    fileprivate var members: [String: JSONValue?] {
        [
            "minReaderVersion": .number(String(minReaderVersion)),
            "minWriterVersion": .number(String(minWriterVersion)),
            "readerFeatures": readerFeatures.map { .array($0.map { .string($0) }) },
            "writerFeatures": writerFeatures.map { .array($0.map { .string($0) }) },
        ]
    }

    fileprivate init(_ body: JSONValue) throws(ActionFailure) {
        let reader = try required(body["minReaderVersion"]?.integer, "protocol.minReaderVersion")
        let writer = try required(body["minWriterVersion"]?.integer, "protocol.minWriterVersion")
        self.init(
            minReaderVersion: Int(reader),
            minWriterVersion: Int(writer),
            readerFeatures: body["readerFeatures"]?.array?.compactMap(\.string),
            writerFeatures: body["writerFeatures"]?.array?.compactMap(\.string)
        )
    }
}

extension ApplicationTransaction {
    fileprivate var members: [String: JSONValue?] {
        [
            "appId": .string(appID), "version": .number(String(version)),
            "lastUpdated": lastUpdated.map { .number(String($0)) },
        ]
    }

    fileprivate init(_ body: JSONValue) throws(ActionFailure) {
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
            "timestamp": timestamp.map { .number(String($0)) }, "operation": operation.map { .string($0) },
            "operationParameters": .object(operationParameters.mapValues { .string($0) }),
            "isBlindAppend": isBlindAppend.map { .boolean($0) }, "engineInfo": engineInfo.map { .string($0) },
            "txnId": txnID.map { .string($0) },
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
    }
}
