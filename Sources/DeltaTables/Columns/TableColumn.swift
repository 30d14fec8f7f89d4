import ColumnBatches
import DeltaLog
import ParquetFiles

/// A column of a table, or a part of one, and how files hold it.
package struct TableColumn: Sendable, Hashable {
    /// What sort of value files hold.
    enum Kind: Sendable, Hashable {
        case plain
        case structure
        case list
        case map
        case variant
        /// Files do not hold it.
        case void
    }

    /// The name that users see.
    var name: String
    /// The name in files and partition values.
    var physicalName: String
    /// The number in files, where columns are found by numbers.
    var fieldID: Int?
    /// The number that files are to have, where columns are mapped.
    var number: Int?
    var type: ColumnType
    var isNullable: Bool
    var kind: Kind
    /// The fields of a structure, the element of a list, or key and value of a map.
    var children: [TableColumn]

    var field: Field { Field(name, type, isNullable: isNullable) }

    /// A variant is handed out as the two byte strings that it is stored as.
    static let variantType = ColumnType.structure([
        Field("metadata", .binary, isNullable: true), Field("value", .binary, isNullable: true),
    ])

    /// A column of the schema; nil for a type that is not supported.
    init?(_ field: StructField, mapping: ColumnMapping) {
        self.init(
            name: field.name,
            physicalName: field.physicalName(mapping),
            fieldID: mapping == .id ? field.fieldID : nil,
            type: field.type,
            isNullable: field.isNullable,
            mapping: mapping
        )
        number = mapping == .none ? nil : field.fieldID
    }

    private init?(
        name: String,
        physicalName: String,
        fieldID: Int?,
        type: DataType,
        isNullable: Bool,
        mapping: ColumnMapping
    ) {
        guard let columnType = ColumnType(type) else { return nil }
        func part(_ name: String, _ type: DataType, _ isNullable: Bool) -> TableColumn? {
            TableColumn(
                name: name,
                physicalName: name,
                fieldID: nil,
                type: type,
                isNullable: isNullable,
                mapping: mapping
            )
        }
        self.name = name
        self.physicalName = physicalName
        self.fieldID = fieldID
        self.type = columnType
        self.isNullable = isNullable
        let parts: [TableColumn?]
        switch type {
        case .struct(let type):
            kind = .structure
            parts = type.fields.map { TableColumn($0, mapping: mapping) }
        case .array(let element, let containsNull):
            kind = .list
            parts = [part("element", element, containsNull)]
        case .map(let key, let value, let valueContainsNull):
            kind = .map
            parts = [part("key", key, false), part("value", value, valueContainsNull)]
        case .variant: (kind, parts) = (.variant, [])
        case .void: (kind, parts) = (.void, [])
        default: (kind, parts) = (.plain, [])
        }
        children = parts.compactMap { $0 }
        guard children.count == parts.count else { return nil }
    }

    /// A column whose files hold it under its own name.
    init(_ field: Field) {
        name = field.name
        physicalName = field.name
        type = field.type
        isNullable = field.isNullable
        switch field.type {
        case .structure(let fields): (kind, children) = (.structure, fields.map { TableColumn($0) })
        case .list(let element): (kind, children) = (.list, [TableColumn(element)])
        case .map(let key, let value): (kind, children) = (.map, [TableColumn(key), TableColumn(value)])
        default: (kind, children) = (.plain, [])
        }
    }

    /// The position of this column among those of a file, or nil when the file has none.
    func position(in fields: [ParquetField]) -> Int? {
        if kind == .void { return nil }
        if let fieldID, fields.contains(where: { $0.fieldID != nil }) {
            return fields.firstIndex { $0.fieldID == fieldID }
        }
        return fields.firstIndex { $0.name == physicalName }
    }
}
