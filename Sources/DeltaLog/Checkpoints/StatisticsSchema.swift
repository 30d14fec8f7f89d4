/// The columns that statistics have when a checkpoint keeps them as columns.
enum StatisticsSchema {
    /// The schema: the number of rows, then bounds and counts of missing values for the first columns of a table.
    static func of(_ metadata: TableMetadata, _ schema: StructType) -> StructType {
        var left = TableProperties(metadata).indexedColumns
        if left < 0 { left = .max }
        let partition = Set(metadata.partitionColumns)
        let columns = schema.fields.filter { !partition.contains($0.name) }
        var counted = left
        let counts = fields(columns, metadata.columnMapping, &counted) { _ in .long }
        let bounds = fields(columns, metadata.columnMapping, &left) { isOrdered($0) ? $0 : nil }
        var all = [StructField(name: "numRecords", type: .long, isNullable: true)]
        for (name, fields) in [("minValues", bounds), ("maxValues", bounds), ("nullCount", counts)]
        where !fields.isEmpty {
            all.append(StructField(name: name, type: .struct(StructType(fields: fields)), isNullable: true))
        }
        return StructType(fields: all)
    }

    private static func fields(
        _ columns: [StructField],
        _ mapping: ColumnMapping,
        _ left: inout Int,
        _ leaf: (DataType) -> DataType?
    ) -> [StructField] {
        var found: [StructField] = []
        for column in columns {
            let name = column.physicalName(mapping)
            if case .struct(let type) = column.type {
                let inner = fields(type.fields, mapping, &left, leaf)
                if !inner.isEmpty {
                    found.append(
                        StructField(name: name, type: .struct(StructType(fields: inner)), isNullable: true)
                    )
                }
                continue
            }
            guard left > 0 else { return found }
            left -= 1
            if let type = leaf(column.type) {
                found.append(StructField(name: name, type: type, isNullable: true))
            }
        }
        return found
    }

    private static func isOrdered(_ type: DataType) -> Bool {
        switch type {
        case .boolean, .binary, .variant, .void, .array, .map, .struct: false
        default: true
        }
    }
}
