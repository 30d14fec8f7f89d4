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
