/// By what the columns of a table are found in its files; the protocol's section "Column Mapping".
public enum ColumnMapping: String, Sendable, Hashable {
    /// By their names.
    case none
    /// By physical names that never change.
    case name
    /// By numbers.
    case id

    static let property = "delta.columnMapping.mode"
}

extension TableMetadata {
    /// By what the columns are found in files.
    public var columnMapping: ColumnMapping {
        configuration[ColumnMapping.property].flatMap { ColumnMapping(rawValue: $0) } ?? .none
    }
}

extension TableMetadata {
    /// The schema, with what a mapping needs of it.
    ///
    /// - Throws: `DeltaLogError` when the schema cannot be read, the mapping has an unknown name, or a column lacks the
    ///   name or the number by which a mapping finds it.
    func readSchema(table: String) throws(DeltaLogError) -> StructType {
        let schema = try StructType(json: schemaString)
        guard let name = configuration[ColumnMapping.property] else { return schema }
        guard let mapping = ColumnMapping(rawValue: name) else {
            throw .unsupported("\(ColumnMapping.property) = \(name)", table)
        }
        if mapping != .none { try schema.checkMapped(mapping, table: table) }
        return schema
    }
}

extension StructType {
    fileprivate func checkMapped(_ mapping: ColumnMapping, table: String) throws(DeltaLogError) {
        for field in fields {
            let missing: String?
            if field.text(StructField.physicalNameKey) == nil {
                missing = StructField.physicalNameKey
            } else if mapping == .id, field.fieldID == nil {
                missing = StructField.idKey
            } else {
                missing = nil
            }
            if let missing {
                throw DeltaLogError(
                    .corruptSchema,
                    table: table,
                    message: "column \(field.name) has no \(missing), by which column mapping finds it; "
                        + "have the engine that set the mapping write the schema anew"
                )
            }
            try field.type.checkMapped(mapping, table: table)
        }
    }
}

extension DataType {
    fileprivate func checkMapped(_ mapping: ColumnMapping, table: String) throws(DeltaLogError) {
        switch self {
        case .struct(let type): try type.checkMapped(mapping, table: table)
        case .array(let element, _): try element.checkMapped(mapping, table: table)
        case .map(let key, let value, _):
            try key.checkMapped(mapping, table: table)
            try value.checkMapped(mapping, table: table)
        default: break
        }
    }
}

extension StructField {
    static let physicalNameKey = "delta.columnMapping.physicalName"
    static let idKey = "delta.columnMapping.id"

    /// A mark of the column that is a text.
    public func text(_ key: String) -> String? {
        metadata[key].flatMap { try? JSONParser.parse($0) }?.string
    }

    /// The name of the column in files and partition values, under a mapping.
    public func physicalName(_ mapping: ColumnMapping) -> String {
        mapping == .none ? name : text(Self.physicalNameKey) ?? name
    }

    /// The number of the column in files.
    public var fieldID: Int? {
        metadata[Self.idKey].flatMap { Int($0) }
    }
}
