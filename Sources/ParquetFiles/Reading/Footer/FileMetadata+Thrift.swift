extension FileMetadata {
    /// Reads a footer.
    init(_ bytes: [UInt8]) throws(ParquetError) {
        var file = FileMetadata()
        var reader = ThriftReader(bytes)
        try reader.structure { reader, field, type throws(ParquetError) in
            switch (field, type) {
            case (1, 5): file.version = Int(try reader.integer())
            case (2, 9):
                try reader.list { reader, _ throws(ParquetError) in
                    file.schema.append(try SchemaElement(&reader))
                }
            case (3, 6): file.rowCount = Int(try reader.integer())
            case (4, 9):
                try reader.list { reader, _ throws(ParquetError) in
                    file.rowGroups.append(try RowGroupMetadata(&reader))
                }
            case (5, 9):
                try reader.list { reader, _ throws(ParquetError) in
                    file.keyValues.append(try KeyValue(&reader))
                }
            case (6, 8): file.createdBy = try reader.lossyString()
            case (7, 9):
                try reader.list { reader, _ throws(ParquetError) in
                    file.columnOrders.append(try ColumnOrder(&reader))
                }
            case (8, 12):
                throw ParquetError(.encrypted, message: "the file is encrypted, which is not supported")
            default: try reader.skip(type)
            }
        }
        self = file
    }
}

extension KeyValue {
    /// Reads a pair; its value may be missing.
    init(_ reader: inout ThriftReader) throws(ParquetError) {
        var pair = KeyValue()
        try reader.structure { reader, field, type throws(ParquetError) in
            switch (field, type) {
            case (1, 8): pair.key = try reader.lossyString()
            case (2, 8): pair.value = try reader.lossyString()
            default: try reader.skip(type)
            }
        }
        self = pair
    }
}

extension ColumnOrder {
    /// Reads the union; a member of a later version keeps its number.
    init(_ reader: inout ThriftReader) throws(ParquetError) {
        var order = ColumnOrder.other(0)
        try reader.structure { reader, field, type throws(ParquetError) in
            order = field == 1 ? .typeDefined : .other(Int(field))
            try reader.skip(type)
        }
        self = order
    }
}
