/// An add or a remove as it stands in a log's bytes: where its parts are, not yet what they say.
struct RawFile {
    var path: JSONText?
    var partitionValues: Range<Int>?
    var size: Int64?
    var modificationTime: Int64?
    var deletionTimestamp: Int64?
    var dataChange: Bool?
    var stats: JSONText?
    var tags: Range<Int>?
    var deletionVector: Range<Int>?
    var baseRowID: Int64?
    var defaultRowCommitVersion: Int64?
    var clusteringProvider: JSONText?
}

/// One line of a log.
enum ScannedAction {
    case add(RawFile)
    case remove(RawFile)
    case other(Action)
}

extension JSONCursor {
    /// Reads a line of a commit; nil for a line that is blank, or holds no action of a kind that is known.
    mutating func action() throws(ActionFailure) -> ScannedAction? {
        if peek() == 0 && position >= end { return nil }
        guard peek() == UInt8(ascii: "{") else { throw failure("not a JSON object") }
        var found: ScannedAction?
        try members { cursor, name throws(ActionFailure) in
            let isNull = cursor.peek() == UInt8(ascii: "n")
            if found != nil || isNull {
                try cursor.skip()
            } else if cursor.matches(name, "add") {
                found = .add(try cursor.rawFile())
            } else if cursor.matches(name, "remove") {
                found = .remove(try cursor.rawFile())
            } else if let action = try Action.parse(cursor.text(name), &cursor) {
                found = .other(action)
            }
        }
        skipBlanks()
        guard position == end else { throw failure("more text after the action") }
        return found
    }

    /// Reads the body of an add or a remove.
    mutating func rawFile() throws(ActionFailure) -> RawFile {
        var file = RawFile()
        try members { cursor, name throws(ActionFailure) in
            switch name.range.count {
            case 4 where cursor.matches(name, "path"): file.path = try cursor.optionalString()
            case 4 where cursor.matches(name, "size"): file.size = try cursor.integer()
            case 4 where cursor.matches(name, "tags"): file.tags = try cursor.present()
            case 5 where cursor.matches(name, "stats"): file.stats = try cursor.optionalString()
            case 9 where cursor.matches(name, "baseRowId"): file.baseRowID = try cursor.integer()
            case 10 where cursor.matches(name, "dataChange"): file.dataChange = try cursor.boolean()
            case 14 where cursor.matches(name, "deletionVector"): file.deletionVector = try cursor.present()
            case 15 where cursor.matches(name, "partitionValues"):
                file.partitionValues = try cursor.present()
            case 16 where cursor.matches(name, "modificationTime"):
                file.modificationTime = try cursor.integer()
            case 17 where cursor.matches(name, "deletionTimestamp"):
                file.deletionTimestamp = try cursor.integer()
            case 18 where cursor.matches(name, "clusteringProvider"):
                file.clusteringProvider = try cursor.optionalString()
            case 23 where cursor.matches(name, "defaultRowCommitVersion"):
                file.defaultRowCommitVersion = try cursor.integer()
            default: try cursor.skip()
            }
        }
        return file
    }

    /// Where the next value stands; nil for null.
    mutating func present() throws(ActionFailure) -> Range<Int>? {
        let isNull = peek() == UInt8(ascii: "n")
        let range = try skip()
        return isNull ? nil : range
    }
}

extension RawFile {
    /// The add that this is.
    func add(_ bytes: [UInt8]) throws(ActionFailure) -> AddFile {
        let cursor = JSONCursor(bytes, 0..<bytes.count)
        guard let path else { throw ActionFailure(reason: "\"add.path\" is missing or of another type") }
        guard let size else { throw ActionFailure(reason: "\"add.size\" is missing or of another type") }
        var file = AddFile(
            path: try cursor.text(path),
            partitionValues: try texts(partitionValues, bytes) ?? [:],
            size: size,
            modificationTime: modificationTime ?? 0,
            dataChange: dataChange ?? true,
            stats: try optional(stats, cursor),
            tags: try tags(bytes),
            deletionVector: try deletionVector(bytes)
        )
        file.baseRowID = baseRowID
        file.defaultRowCommitVersion = defaultRowCommitVersion
        file.clusteringProvider = try optional(clusteringProvider, cursor)
        return file
    }

    /// The remove that this is.
    func remove(_ bytes: [UInt8]) throws(ActionFailure) -> RemoveFile {
        let cursor = JSONCursor(bytes, 0..<bytes.count)
        guard let path else { throw ActionFailure(reason: "\"remove.path\" is missing or of another type") }
        var file = RemoveFile(
            path: try cursor.text(path),
            deletionTimestamp: deletionTimestamp,
            dataChange: dataChange ?? true,
            partitionValues: try texts(partitionValues, bytes),
            size: size,
            deletionVector: try deletionVector(bytes)
        )
        file.baseRowID = baseRowID
        file.defaultRowCommitVersion = defaultRowCommitVersion
        return file
    }

    /// The deletion vector, where there is one.
    func deletionVector(_ bytes: [UInt8]) throws(ActionFailure) -> DeletionVectorDescriptor? {
        guard let deletionVector else { return nil }
        var cursor = JSONCursor(bytes, deletionVector)
        return try DeletionVectorDescriptor(try cursor.tree())
    }

    /// The further marks.
    func tags(_ bytes: [UInt8]) throws(ActionFailure) -> [String: String] {
        try texts(tags, bytes)?.compactMapValues { $0 } ?? [:]
    }

    private func optional(_ text: JSONText?, _ cursor: JSONCursor) throws(ActionFailure) -> String? {
        guard let text else { return nil }
        return try cursor.text(text)
    }

    private func texts(_ range: Range<Int>?, _ bytes: [UInt8]) throws(ActionFailure) -> [String: String?]? {
        guard let range else { return nil }
        var cursor = JSONCursor(bytes, range)
        return try cursor.texts()
    }
}

extension DeletionVectorDescriptor {
    /// Reads a descriptor.
    init(_ body: JSONValue) throws(ActionFailure) {
        guard let type = body["storageType"]?.string, let path = body["pathOrInlineDv"]?.string,
            let size = body["sizeInBytes"]?.integer.flatMap({ Int32(exactly: $0) }), size >= 0,
            let cardinality = body["cardinality"]?.integer, cardinality >= 0
        else { throw ActionFailure(reason: "\"deletionVector\" lacks a member, or has one of another type") }
        guard ["u", "p", "i"].contains(type) else {
            throw ActionFailure(
                reason: "the deletion vector has the storage type \"\(type)\", which is not known"
            )
        }
        let offset = body["offset"]?.integer
        guard offset.map({ Int32(exactly: $0) != nil && $0 >= 0 }) ?? true else {
            throw ActionFailure(reason: "\"deletionVector.offset\" is out of range")
        }
        self.init(
            storageType: type,
            pathOrInlineDV: path,
            offset: offset.map { Int32(truncatingIfNeeded: $0) },
            sizeInBytes: size,
            cardinality: cardinality,
            maxRowIndex: body["maxRowIndex"]?.integer
        )
    }

    var json: JSONValue {
        .object(
            [
                "storageType": .string(storageType), "pathOrInlineDv": .string(pathOrInlineDV),
                "offset": offset.map { .number(String($0)) }, "sizeInBytes": .number(String(sizeInBytes)),
                "cardinality": .number(String(cardinality)),
                "maxRowIndex": maxRowIndex.map { .number(String($0)) },
            ].compactMapValues { $0 }
        )
    }
}
