public import ColumnBatches
public import DeltaLog

/// A table's columns as batches carry them, and which of them are partition columns.
public struct TableSchema: Sendable, Hashable {
    /// All columns in the order of the table.
    public var fields: [Field]
    /// The partition columns, in partition order.
    public var partitionColumns: [String]
    /// How files hold the columns; by their own names, unless the table says otherwise.
    package private(set) var columns: [TableColumn]
    /// What every row must keep.
    package var rules: [RowRule] = []

    /// Makes a schema.
    public init(fields: [Field], partitionColumns: [String] = []) {
        self.fields = fields
        self.partitionColumns = partitionColumns
        columns = fields.map { TableColumn($0) }
    }

    /// The schema of a snapshot.
    ///
    /// - Throws: `DeltaTableError` when a column has a type that is not supported.
    public init(_ snapshot: Snapshot, table: String) throws(DeltaTableError) {
        var columns: [TableColumn] = []
        for field in snapshot.schema.fields {
            guard let column = TableColumn(field, mapping: snapshot.metadata.columnMapping) else {
                throw DeltaTableError(
                    .unsupportedType,
                    table: table,
                    column: field.name,
                    message: "the type \(field.type) is not supported"
                )
            }
            columns.append(column)
        }
        fields = columns.map(\.field)
        partitionColumns = snapshot.metadata.partitionColumns
        self.columns = columns
        rules = snapshot.metadata.rowRules(snapshot.schema)
    }

    /// Some columns of a table, none of them a partition column.
    init(columns: [TableColumn], rules: [RowRule]) {
        fields = columns.map(\.field)
        partitionColumns = []
        self.columns = columns
        self.rules = rules
    }

    /// The columns that data files hold: all but the partition columns.
    public var dataFields: [Field] {
        fields.filter { !partitionColumns.contains($0.name) }
    }

    /// The schema with one more column, which files hold by its own name.
    func adding(_ field: Field) -> TableSchema {
        var schema = self
        schema.fields.append(field)
        schema.columns.append(TableColumn(field))
        return schema
    }

    /// How files hold a column.
    func column(_ name: String) -> TableColumn? {
        columns.first { $0.name == name }
    }

    /// The name that files and statistics have for a column.
    package func storedName(_ name: String) -> String { column(name)?.physicalName ?? name }

    /// The field of a name, or nil.
    public func field(_ name: String) -> Field? {
        fields.first { $0.name == name }
    }

    /// The schema as the log writes it.
    ///
    /// - Parameter table: The table's path, for the error.
    /// - Returns: The columns in order.
    /// - Throws: `DeltaTableError` when a column has a type that Delta tables do not have.
    public func structType(of table: String) throws(DeltaTableError) -> StructType {
        var columns: [StructField] = []
        for field in fields {
            guard let type = field.type.dataType else {
                throw DeltaTableError(
                    .unsupportedType,
                    table: table,
                    column: field.name,
                    message: "Delta tables have no type \(field.type); write another type"
                )
            }
            columns.append(StructField(name: field.name, type: type, isNullable: field.isNullable))
        }
        return StructType(fields: columns)
    }
}

extension ColumnType {
    /// The column type of a Delta type, or nil for one that is not supported.
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
        case .variant: self = TableColumn.variantType
        case .void: self = .string
        case .array(let element, let containsNull):
            guard let element = ColumnType(element) else { return nil }
            self = .list(element: Field("element", element, isNullable: containsNull))
        case .map(let key, let value, let valueContainsNull):
            guard let key = ColumnType(key), let value = ColumnType(value) else { return nil }
            self = .map(
                key: Field("key", key, isNullable: false),
                value: Field("value", value, isNullable: valueContainsNull)
            )
        case .struct(let type):
            var fields: [Field] = []
            for field in type.fields {
                guard let type = ColumnType(field.type) else { return nil }
                fields.append(Field(field.name, type, isNullable: field.isNullable))
            }
            self = .structure(fields)
        }
    }

    /// The Delta type of this column type, or nil where Delta has none.
    public var dataType: DataType? {
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
        case .uint64, .time: nil
        case .list(let element):
            element.type.dataType.map { .array(element: $0, containsNull: element.isNullable) }
        case .map(let key, let value):
            key.type.dataType.flatMap { key in
                value.type.dataType.map { .map(key: key, value: $0, valueContainsNull: value.isNullable) }
            }
        case .structure(let fields):
            Self.structType(fields).map { .struct($0) }
        }
    }

    private static func structType(_ fields: [Field]) -> StructType? {
        var columns: [StructField] = []
        for field in fields {
            guard let type = field.type.dataType else { return nil }
            columns.append(StructField(name: field.name, type: type, isNullable: field.isNullable))
        }
        return StructType(fields: columns)
    }
}
