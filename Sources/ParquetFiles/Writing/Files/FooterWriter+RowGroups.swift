extension FooterWriter {
    /// A row group; the format's `RowGroup`.
    static func write(_ group: RowGroupMetadata, _ element: inout ThriftWriter) {
        element.list(1, of: .structure, count: group.chunks.count) { list in
            for chunk in group.chunks {
                list.element { column in
                    column.int64(2, 0)
                    column.structure(3) { write(chunk, &$0) }
                    if let index = chunk.offsetIndex {
                        column.int64(4, index.offset)
                        column.int32(5, index.length)
                    }
                    if let index = chunk.columnIndex {
                        column.int64(6, index.offset)
                        column.int32(7, index.length)
                    }
                }
            }
        }
        element.int64(2, group.byteCount)
        element.int64(3, group.rowCount)
        if !group.sortingColumns.isEmpty {
            element.list(4, of: .structure, count: group.sortingColumns.count) { list in
                for sorting in group.sortingColumns {
                    list.element { entry in
                        entry.int32(1, sorting.column)
                        entry.boolean(2, sorting.isDescending)
                        entry.boolean(3, sorting.areNullsFirst)
                    }
                }
            }
        }
        if let first = group.chunks.first { element.int64(5, first.start) }
        element.int64(6, group.chunks.reduce(0) { $0 + $1.compressedSize })
    }

    private static func write(_ chunk: ChunkMetadata, _ meta: inout ThriftWriter) {
        meta.int32(1, chunk.type.rawValue)
        meta.list(2, of: .int32, count: chunk.encodings.count) { list in
            for encoding in chunk.encodings { list.integer(encoding.rawValue) }
        }
        meta.list(3, of: .binary, count: chunk.path.count) { list in
            for name in chunk.path { list.string(name) }
        }
        meta.int32(4, chunk.codecNumber)
        meta.int64(5, chunk.valueCount)
        meta.int64(6, chunk.uncompressedSize)
        meta.int64(7, chunk.compressedSize)
        if !chunk.keyValues.isEmpty { write(chunk.keyValues, 8, &meta) }
        meta.int64(9, chunk.dataPageOffset)
        if let offset = chunk.dictionaryPageOffset { meta.int64(11, offset) }
        meta.structure(12) { statistics in
            if let count = chunk.nullCount { statistics.int64(3, count) }
            if let count = chunk.distinctCount { statistics.int64(4, count) }
            if let max = chunk.max { statistics.binary(5, max) }
            if let min = chunk.min { statistics.binary(6, min) }
            if chunk.max != nil { statistics.boolean(7, chunk.isMaxExact) }
            if chunk.min != nil { statistics.boolean(8, chunk.isMinExact) }
        }
        if !chunk.pageCounts.isEmpty {
            meta.list(13, of: .structure, count: chunk.pageCounts.count) { list in
                for page in chunk.pageCounts {
                    list.element { entry in
                        entry.int32(1, page.kind.rawValue)
                        entry.int32(2, page.encoding.rawValue)
                        entry.int32(3, page.count)
                    }
                }
            }
        }
        if let offset = chunk.bloomFilterOffset {
            meta.int64(14, offset)
            if let length = chunk.bloomFilterLength { meta.int32(15, length) }
        }
    }
}

extension ChunkMetadata {
    /// Where the chunk's first page begins; a dictionary page at zero, as some writers put it, is none.
    var start: Int {
        if let offset = dictionaryPageOffset, offset > 0 { return Swift.min(offset, dataPageOffset) }
        return dataPageOffset
    }
}
