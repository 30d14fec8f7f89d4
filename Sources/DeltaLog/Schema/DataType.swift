/// A type of the Delta schema; the protocol's section "Schema Serialization Format".
public indirect enum DataType: Sendable, Hashable {
    /// True or false.
    case boolean
    /// 8-bit integer.
    case byte
    /// 16-bit integer.
    case short
    /// 32-bit integer.
    case integer
    /// 64-bit integer.
    case long
    /// Single.
    case float
    /// Double.
    case double
    /// Decimal of up to 38 digits.
    case decimal(precision: Int, scale: Int)
    /// Days.
    case date
    /// An instant.
    case timestamp
    /// A wall clock without zone.
    case timestampNTZ
    /// Text.
    case string
    /// Bytes.
    case binary
    /// A value of any shape, as two byte strings.
    case variant
    /// Nothing but missing values; such a column is in no file.
    case void
    /// Fields in order.
    case `struct`(StructType)
    /// Elements of one type.
    case array(element: DataType, containsNull: Bool)
    /// Keys and values.
    case map(key: DataType, value: DataType, valueContainsNull: Bool)
}

/// The fields of a table or of a nested column.
public struct StructType: Sendable, Hashable {
    /// The fields in order.
    public var fields: [StructField]

    /// Makes a type of the fields.
    public init(fields: [StructField]) {
        self.fields = fields
    }
}

/// A named column.
public struct StructField: Sendable, Hashable {
    /// The name.
    public var name: String
    /// The type.
    public var type: DataType
    /// Whether values may be missing.
    public var isNullable: Bool
    /// Further marks of the column; values as JSON text.
    public var metadata: [String: String]

    /// Makes a column.
    public init(name: String, type: DataType, isNullable: Bool, metadata: [String: String] = [:]) {
        self.name = name
        self.type = type
        self.isNullable = isNullable
        self.metadata = metadata
    }
}
