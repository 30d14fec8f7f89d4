extension RowGroupMetadata {
    /// Reads a row group.
    init(_ reader: inout ThriftReader) throws(ParquetError) {
        var group = RowGroupMetadata()
        try reader.structure { reader, field, type throws(ParquetError) in
            switch (field, type) {
            case (1, 9):
                try reader.list { reader, _ throws(ParquetError) in
                    group.chunks.append(try ChunkMetadata(&reader))
                }
            case (2, 6): group.byteCount = Int(try reader.integer())
            case (3, 6): group.rowCount = Int(try reader.integer())
            case (4, 9):
                try reader.list { reader, _ throws(ParquetError) in
                    group.sortingColumns.append(try SortingColumn(&reader))
                }
            default: try reader.skip(type)
            }
        }
        guard (0...Int(Int32.max)).contains(group.rowCount) else {
            throw ParquetError(.damaged, message: "a row group announces an impossible number of rows")
        }
        self = group
    }
}

extension SortingColumn {
    /// Reads a column of the sort order.
    init(_ reader: inout ThriftReader) throws(ParquetError) {
        var sorting = SortingColumn()
        try reader.structure { reader, field, type throws(ParquetError) in
            switch (field, type) {
            case (1, 5): sorting.column = Int(try reader.integer())
            case (2, 1), (2, 2): sorting.isDescending = type == 1
            case (3, 1), (3, 2): sorting.areNullsFirst = type == 1
            default: try reader.skip(type)
            }
        }
        self = sorting
    }
}

extension ChunkMetadata {
    /// Reads a column chunk.
    init(_ reader: inout ThriftReader) throws(ParquetError) {
        var chunk = ChunkMetadata()
        var columnIndex = FileRange(offset: 0, length: 0)
        var offsetIndex = FileRange(offset: 0, length: 0)
        try reader.structure { reader, field, type throws(ParquetError) in
            switch (field, type) {
            case (1, 8): chunk.filePath = try reader.lossyString()
            case (3, 12): try chunk.readMetadata(&reader)
            case (4, 6): offsetIndex.offset = Int(try reader.integer())
            case (5, 5): offsetIndex.length = Int(try reader.integer())
            case (6, 6): columnIndex.offset = Int(try reader.integer())
            case (7, 5): columnIndex.length = Int(try reader.integer())
            case (8, 12), (9, 8):
                throw ParquetError(.encrypted, message: "a column is encrypted, which is not supported")
            default: try reader.skip(type)
            }
        }
        if columnIndex.offset > 0 && columnIndex.length > 0 { chunk.columnIndex = columnIndex }
        if offsetIndex.offset > 0 && offsetIndex.length > 0 { chunk.offsetIndex = offsetIndex }
        self = chunk
    }

    private mutating func readMetadata(_ reader: inout ThriftReader) throws(ParquetError) {
        var chunk = self
        try reader.structure { reader, field, type throws(ParquetError) in
            switch (field, type) {
            case (1, 5):
                guard let type = PhysicalType(rawValue: Int(try reader.integer())) else {
                    throw ParquetError(.damaged, message: "a column has an unknown physical type")
                }
                chunk.type = type
            case (2, 9):
                try reader.list { reader, _ throws(ParquetError) in
                    if let encoding = Encoding(rawValue: Int(try reader.integer())) {
                        chunk.encodings.append(encoding)
                    }
                }
            case (3, 9):
                try reader.list { reader, _ throws(ParquetError) in
                    chunk.path.append(try reader.lossyString())
                }
            case (4, 5):
                chunk.codecNumber = Int(try reader.integer())
                chunk.codec = Codec(rawValue: chunk.codecNumber) ?? .lzo
            case (5, 6): chunk.valueCount = Int(try reader.integer())
            case (6, 6): chunk.uncompressedSize = Int(try reader.integer())
            case (7, 6): chunk.compressedSize = Int(try reader.integer())
            case (8, 9):
                try reader.list { reader, _ throws(ParquetError) in
                    chunk.keyValues.append(try KeyValue(&reader))
                }
            case (9, 6): chunk.dataPageOffset = Int(try reader.integer())
            case (11, 6):
                // Old writers put zero where there is no dictionary.
                let offset = Int(try reader.integer())
                chunk.dictionaryPageOffset = offset > 0 ? offset : nil
            case (12, 12): try chunk.readStatistics(&reader)
            case (13, 9):
                try reader.list { reader, _ throws(ParquetError) in
                    try chunk.readPageCount(&reader)
                }
            case (14, 6): chunk.bloomFilterOffset = Int(try reader.integer())
            case (15, 5): chunk.bloomFilterLength = Int(try reader.integer())
            default: try reader.skip(type)
            }
        }
        self = chunk
    }

    private mutating func readStatistics(_ reader: inout ThriftReader) throws(ParquetError) {
        var chunk = self
        try reader.structure { reader, field, type throws(ParquetError) in
            switch (field, type) {
            case (1, 8): chunk.deprecatedMax = try reader.binary()
            case (2, 8): chunk.deprecatedMin = try reader.binary()
            case (3, 6): chunk.nullCount = Int(try reader.integer())
            case (4, 6): chunk.distinctCount = Int(try reader.integer())
            case (5, 8): chunk.max = try reader.binary()
            case (6, 8): chunk.min = try reader.binary()
            case (7, 1), (7, 2): chunk.isMaxExact = type == 1
            case (8, 1), (8, 2): chunk.isMinExact = type == 1
            default: try reader.skip(type)
            }
        }
        self = chunk
    }

    private mutating func readPageCount(_ reader: inout ThriftReader) throws(ParquetError) {
        var kind: PageKind?
        var encoding: Encoding?
        var count = 0
        try reader.structure { reader, field, type throws(ParquetError) in
            switch (field, type) {
            case (1, 5): kind = PageKind(rawValue: Int(try reader.integer()))
            case (2, 5): encoding = Encoding(rawValue: Int(try reader.integer()))
            case (3, 5): count = Int(try reader.integer())
            default: try reader.skip(type)
            }
        }
        if let kind, let encoding { pageCounts.append((encoding, kind, count)) }
    }
}
