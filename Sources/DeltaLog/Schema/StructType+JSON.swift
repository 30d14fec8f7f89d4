extension StructType {
    /// The schema as the log's `schemaString`.
    public var json: String { value.text }

    /// Reads a `schemaString`.
    ///
    /// - Throws: `DeltaLogError` when it is no schema, or names a type that is not known.
    public init(json: String) throws(DeltaLogError) {
        let parsed: JSONValue
        do {
            parsed = try JSONParser.parse(json)
        } catch {
            throw DeltaLogError(.corruptSchema, message: "the schema string is not JSON: \(error.reason)")
        }
        guard case .struct(let type) = try DataType(parsed) else {
            throw DeltaLogError(.corruptSchema, message: "the schema string is not a struct")
        }
        self = type
    }

    fileprivate var value: JSONValue {
        .object([
            "type": .string("struct"),
            "fields": .array(
                fields.map { field in
                    .object([
                        "name": .string(field.name), "type": field.type.value,
                        "nullable": .boolean(field.isNullable),
                        "metadata": .object(
                            field.metadata.mapValues { (try? JSONParser.parse($0)) ?? .string($0) }
                        ),
                    ])
                }
            ),
        ])
    }
}

extension DataType {
    private static let primitives: [(String, DataType)] = [
        ("boolean", .boolean), ("byte", .byte), ("short", .short), ("integer", .integer), ("long", .long),
        ("float", .float), ("double", .double), ("date", .date), ("timestamp", .timestamp),
        ("timestamp_ntz", .timestampNTZ), ("string", .string), ("binary", .binary),
        ("variant", .variant), ("void", .void),
    ]

    /// The type as the log writes it.
    var json: JSONValue { value }

    fileprivate var value: JSONValue {
        switch self {
        case .decimal(let precision, let scale): .string("decimal(\(precision),\(scale))")
        case .struct(let type): type.value
        case .array(let element, let containsNull):
            .object([
                "type": .string("array"), "elementType": element.value,
                "containsNull": .boolean(containsNull),
            ])
        case .map(let key, let value, let containsNull):
            .object([
                "type": .string("map"), "keyType": key.value, "valueType": value.value,
                "valueContainsNull": .boolean(containsNull),
            ])
        default: .string(Self.primitives.first { $0.1 == self }?.0 ?? "string")
        }
    }

    fileprivate init(_ value: JSONValue) throws(DeltaLogError) {
        if let name = value.string {
            self = try Self.primitive(name)
            return
        }
        switch value["type"]?.string {
        case "struct":
            var fields: [StructField] = []
            for field in value["fields"]?.array ?? [] {
                guard let name = field["name"]?.string, let type = field["type"] else {
                    throw DeltaLogError(
                        .corruptSchema,
                        message: "a field of the schema has no name or no type"
                    )
                }
                fields.append(
                    StructField(
                        name: name,
                        type: try DataType(type),
                        isNullable: field["nullable"]?.boolean ?? true,
                        metadata: field["metadata"]?.object?.mapValues(\.text) ?? [:]
                    )
                )
            }
            self = .struct(StructType(fields: fields))
        case "array":
            guard let element = value["elementType"] else { throw Self.incomplete("array") }
            self = .array(
                element: try DataType(element),
                containsNull: value["containsNull"]?.boolean ?? true
            )
        case "map":
            guard let key = value["keyType"], let element = value["valueType"] else {
                throw Self.incomplete("map")
            }
            self = .map(
                key: try DataType(key),
                value: try DataType(element),
                valueContainsNull: value["valueContainsNull"]?.boolean ?? true
            )
        default: throw Self.incomplete("type")
        }
    }

    private static func primitive(_ name: String) throws(DeltaLogError) -> DataType {
        if let known = primitives.first(where: { $0.0 == name }) { return known.1 }
        if name == "decimal" { return .decimal(precision: 10, scale: 0) }
        if name.hasPrefix("decimal("), name.hasSuffix(")") {
            let numbers = name.dropFirst(8).dropLast().split(separator: ",").compactMap { part in
                Int(part.filter { $0 != " " })
            }
            if numbers.count == 2, (1...38).contains(numbers[0]), (0...numbers[0]).contains(numbers[1]) {
                return .decimal(precision: numbers[0], scale: numbers[1])
            }
        }
        throw DeltaLogError(
            .unsupportedType,
            message: "the schema has a column of the unknown type \"\(name)\""
        )
    }

    private static func incomplete(_ what: String) -> DeltaLogError {
        DeltaLogError(.corruptSchema, message: "the schema has an incomplete \(what)")
    }
}
