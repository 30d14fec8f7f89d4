import ColumnBatches

/// The footer of a file; the format's `FileMetaData`.
struct FooterWriter {
    let schema: BatchSchema
    let rowGroups: [RowGroupMetadata]
    let rowCount: Int
    let createdBy: String

    /// The footer, its length and the magic bytes.
    var bytes: [UInt8] {
        var writer = ThriftWriter()
        writer.element { file in
            file.int32(1, 1)
            file.list(2, of: .structure, count: schema.fields.count + 1) { list in
                list.element { root in
                    root.string(4, "schema")
                    root.int32(5, schema.fields.count)
                }
                for field in schema.fields { list.element { Self.write(field, &$0) } }
            }
            file.int64(3, rowCount)
            file.list(4, of: .structure, count: rowGroups.count) { list in
                for group in rowGroups { list.element { Self.write(group, &$0) } }
            }
            file.string(6, createdBy)
            file.list(7, of: .structure, count: schema.fields.count) { list in
                for _ in schema.fields { list.element { order in order.structure(1) { _ in } } }
            }
        }
        var bytes = writer.bytes
        let length = UInt32(bytes.count)
        for shift in [0, 8, 16, 24] as [UInt32] { bytes.append(UInt8(truncatingIfNeeded: length >> shift)) }
        return bytes + Array("PAR1".utf8)
    }

    private static func write(_ field: Field, _ element: inout ThriftWriter) {
        let layout = ColumnLayout(field.type)
        element.int32(1, layout.physical.rawValue)
        if layout.physical == .fixedLengthByteArray { element.int32(2, layout.fixedLength) }
        element.int32(3, field.isNullable ? 1 : 0)
        element.string(4, field.name)
        switch field.type {
        case .string:
            element.int32(6, 0)
            element.structure(10) { $0.structure(1) { _ in } }
        case .decimal(let precision, let scale):
            element.int32(6, 5)
            element.int32(7, scale)
            element.int32(8, precision)
            element.structure(10) { logical in
                logical.structure(5) { decimal in
                    decimal.int32(1, scale)
                    decimal.int32(2, precision)
                }
            }
        case .date:
            element.int32(6, 6)
            element.structure(10) { $0.structure(6) { _ in } }
        case .timestamp, .timestampNTZ:
            if field.type == .timestamp { element.int32(6, 10) }
            element.structure(10) { logical in
                logical.structure(8) { time in
                    time.boolean(1, field.type == .timestamp)
                    time.structure(2) { unit in unit.structure(2) { _ in } }
                }
            }
        case .int8, .int16:
            element.int32(6, field.type == .int8 ? 15 : 16)
            element.structure(10) { logical in
                logical.structure(10) { integer in
                    integer.int8(1, field.type == .int8 ? 8 : 16)
                    integer.boolean(2, true)
                }
            }
        default: break
        }
    }

    private static func write(_ group: RowGroupMetadata, _ element: inout ThriftWriter) {
        element.list(1, of: .structure, count: group.chunks.count) { list in
            for chunk in group.chunks {
                list.element { column in
                    column.int64(2, 0)
                    column.structure(3) { write(chunk, &$0) }
                }
            }
        }
        element.int64(2, group.byteCount)
        element.int64(3, group.rowCount)
        if let first = group.chunks.first {
            element.int64(5, first.dictionaryPageOffset ?? first.dataPageOffset)
        }
        element.int64(6, group.chunks.reduce(0) { $0 + $1.compressedSize })
    }

    private static func write(_ chunk: ChunkMetadata, _ meta: inout ThriftWriter) {
        meta.int32(1, chunk.type.rawValue)
        meta.list(2, of: .int32, count: chunk.encodings.count) { list in
            for encoding in chunk.encodings { list.integer(encoding.rawValue) }
        }
        meta.list(3, of: .binary, count: 1) { $0.string(chunk.name) }
        meta.int32(4, chunk.codec.rawValue)
        meta.int64(5, chunk.valueCount)
        meta.int64(6, chunk.uncompressedSize)
        meta.int64(7, chunk.compressedSize)
        meta.int64(9, chunk.dataPageOffset)
        if let offset = chunk.dictionaryPageOffset { meta.int64(11, offset) }
        meta.structure(12) { statistics in
            statistics.int64(3, chunk.nullCount ?? 0)
            if let max = chunk.max { statistics.binary(5, max) }
            if let min = chunk.min { statistics.binary(6, min) }
            if chunk.max != nil { statistics.boolean(7, chunk.isMaxExact) }
            if chunk.min != nil { statistics.boolean(8, chunk.isMinExact) }
        }
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
}
