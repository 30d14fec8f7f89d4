public import ColumnBatches
public import DeltaLog

/// A table's columns as batches carry them, and which of them are partition columns.
public struct TableSchema: Sendable, Hashable {
    /// All columns in the order of the table.
    public var fields: [Field]
    /// The partition columns, in partition order.
    public var partitionColumns: [String]

    /// Makes a schema.
    public init(fields: [Field], partitionColumns: [String] = []) {
        self.fields = fields
        self.partitionColumns = partitionColumns
    }

    /// The schema of a snapshot.
    ///
    /// - Throws: `DeltaTableError` when a column has a nested or unknown type.
    public init(_ snapshot: Snapshot, table: String) throws(DeltaTableError) {
        var fields: [Field] = []
        for field in snapshot.schema.fields {
            guard let type = ColumnType(field.type) else {
                throw DeltaTableError(
                    .unsupportedType,
                    table: table,
                    column: field.name,
                    message: "the type \(field.type) is not supported yet"
                )
            }
            fields.append(Field(field.name, type, isNullable: field.isNullable))
        }
        self.init(fields: fields, partitionColumns: snapshot.metadata.partitionColumns)
    }

    /// The columns that data files hold: all but the partition columns.
    public var dataFields: [Field] {
        fields.filter { !partitionColumns.contains($0.name) }
    }

    /// The field of a name, or nil.
    public func field(_ name: String) -> Field? {
        fields.first { $0.name == name }
    }

    /// The schema as the log writes it.
    public var structType: StructType {
        StructType(
            fields: fields.map {
                StructField(name: $0.name, type: $0.type.dataType, isNullable: $0.isNullable)
            }
        )
    }
}

extension ColumnType {
    /// The column type of a Delta type, or nil for nested and unknown ones.
    public init?(_ type: DataType) {
        switch type {
        case .boolean: self = .boolean
        case .byte: self = .int8
        case .short: self = .int16
        case .integer: self = .int32
        case .long: self = .int64
        case .float: self = .float
        case .double: self = .double
        case .decimal(let precision, let scale): self = .decimal(precision: precision, scale: scale)
        case .date: self = .date
        case .timestamp: self = .timestamp
        case .timestampNTZ: self = .timestampNTZ
        case .string: self = .string
        case .binary: self = .binary
        default: return nil
        }
    }

    /// The Delta type of this column type.
    public var dataType: DataType {
        switch self {
        case .boolean: .boolean
        case .int8: .byte
        case .int16: .short
        case .int32: .integer
        case .int64: .long
        case .float: .float
        case .double: .double
        case .decimal(let precision, let scale): .decimal(precision: precision, scale: scale)
        case .date: .date
        case .timestamp: .timestamp
        case .timestampNTZ: .timestampNTZ
        case .string: .string
        case .binary: .binary
        }
    }
}
