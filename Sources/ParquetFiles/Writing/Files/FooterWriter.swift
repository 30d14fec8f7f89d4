/// The footer of a file; the format's `FileMetaData`.
struct FooterWriter {
    let file: FileMetadata

    /// The footer, its length and the magic bytes.
    var bytes: [UInt8] {
        var writer = ThriftWriter()
        writer.element { root in
            root.int32(1, file.version)
            root.list(2, of: .structure, count: file.schema.count) { list in
                for element in file.schema { list.element { Self.write(element, &$0) } }
            }
            root.int64(3, file.rowCount)
            root.list(4, of: .structure, count: file.rowGroups.count) { list in
                for group in file.rowGroups { list.element { Self.write(group, &$0) } }
            }
            if !file.keyValues.isEmpty { Self.write(file.keyValues, 5, &root) }
            if let createdBy = file.createdBy { root.string(6, createdBy) }
            root.list(7, of: .structure, count: file.columnOrders.count) { list in
                // TYPE_ORDER, the order that all readers know.
                for _ in file.columnOrders { list.element { order in order.structure(1) { _ in } } }
            }
        }
        var bytes = writer.bytes
        let length = UInt32(bytes.count)
        for shift in [0, 8, 16, 24] as [UInt32] { bytes.append(UInt8(truncatingIfNeeded: length >> shift)) }
        return bytes + Array("PAR1".utf8)
    }

    /// Pairs of metadata, of the file or of a chunk.
    static func write(_ pairs: [KeyValue], _ field: Int16, _ parent: inout ThriftWriter) {
        parent.list(field, of: .structure, count: pairs.count) { list in
            for pair in pairs {
                list.element { entry in
                    entry.string(1, pair.key)
                    if let value = pair.value { entry.string(2, value) }
                }
            }
        }
    }

    private static func write(_ node: SchemaElement, _ element: inout ThriftWriter) {
        if let type = node.type { element.int32(1, type.rawValue) }
        if node.type == .fixedLengthByteArray { element.int32(2, node.typeLength) }
        if let repetition = node.repetition { element.int32(3, repetition.rawValue) }
        element.string(4, node.name)
        if node.type == nil { element.int32(5, node.childCount) }
        if let converted = node.converted { element.int32(6, converted.rawValue) }
        if node.converted == .decimal {
            element.int32(7, node.scale)
            element.int32(8, node.precision)
        }
        if let fieldID = node.fieldID { element.int32(9, fieldID) }
        if let logical = node.logical { element.structure(10) { Self.write(logical, &$0) } }
    }

    private static func write(_ logical: LogicalType, _ union: inout ThriftWriter) {
        func write(_ unit: LogicalType.Unit, isUTC: Bool, _ member: inout ThriftWriter) {
            member.boolean(1, isUTC)
            member.structure(2) { $0.structure(Int16(unit.rawValue)) { _ in } }
        }
        switch logical {
        case .string: union.structure(1) { _ in }
        case .map: union.structure(2) { _ in }
        case .list: union.structure(3) { _ in }
        case .decimal(let scale, let precision):
            union.structure(5) { member in
                member.int32(1, scale)
                member.int32(2, precision)
            }
        case .date: union.structure(6) { _ in }
        case .time(let isUTC, let unit): union.structure(7) { write(unit, isUTC: isUTC, &$0) }
        case .timestamp(let isUTC, let unit): union.structure(8) { write(unit, isUTC: isUTC, &$0) }
        case .integer(let bits, let isSigned):
            union.structure(10) { member in
                member.int8(1, Int8(bits))
                member.boolean(2, isSigned)
            }
        case .enumeration, .null, .json, .bson, .uuid, .float16, .variant, .geometry, .geography, .other:
            break
        }
    }
}
