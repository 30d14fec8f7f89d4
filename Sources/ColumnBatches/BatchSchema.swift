/// A named, typed column of a batch.
public struct Field: Sendable, Hashable {
    /// The column's name, compared byte for byte.
    public var name: String
    /// The column's logical type.
    public var type: ColumnType
    /// Whether values may be missing.
    public var isNullable: Bool

    /// Makes a field; nullable unless said otherwise.
    public init(_ name: String, _ type: ColumnType, isNullable: Bool = true) {
        self.name = name
        self.type = type
        self.isNullable = isNullable
    }
}

/// The ordered fields of a batch.
public struct BatchSchema: Sendable, Hashable {
    /// The fields, in column order.
    public var fields: [Field]

    /// Makes a schema of the fields in order.
    public init(_ fields: [Field]) {
        self.fields = fields
    }

    /// The field names, in column order.
    public var names: [String] { fields.map(\.name) }

    /// The position of the field of this name, or nil.
    public func index(of name: String) -> Int? {
        fields.firstIndex { $0.name == name }
    }
}
