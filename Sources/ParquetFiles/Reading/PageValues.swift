import ColumnBatches

/// The present values of a page, decoded into the storage of the column's type.
struct PageValues {
    var storage: ColumnStorage

    /// Decodes `count` values of an encoding other than a dictionary's.
    init(
        _ bytes: ArraySlice<UInt8>,
        count: Int,
        encoding: Encoding,
        column: FileColumn,
        type: ColumnType
    ) throws(ParquetError) {
        switch encoding {
        case .plain: storage = try Self.plain(bytes, count, column, type)
        case .deltaBinaryPacked:
            var decoder = DeltaDecoder(bytes)
            let values = try decoder.read(count)
            switch (column.physical, type.storage) {
            case (.int32, .int32): storage = .int32(values.map { Int32(truncatingIfNeeded: $0) })
            case (.int32, _): storage = .int64(values.map { Int64(Int32(truncatingIfNeeded: $0)) })
            case (.int64, .int64): storage = .int64(values)
            default: throw Self.misfit(column)
            }
        case .deltaLengthByteArray:
            guard type.storage == .bytes else { throw Self.misfit(column) }
            var decoder = DeltaDecoder(bytes)
            var offsets: [Int32] = [0]
            var end = 0
            for length in try decoder.read(count) {
                guard length >= 0, end + Int(length) <= bytes.endIndex - decoder.position,
                    end + Int(length) <= Int32.max
                else { throw Self.short(column) }
                end += Int(length)
                offsets.append(Int32(end))
            }
            let start = decoder.position
            storage = .bytes(ByteValues(offsets: offsets, bytes: Array(bytes[start..<(start + end)])))
        case .rle:
            guard type == .boolean, bytes.count >= 4 else { throw Self.misfit(column) }
            var decoder = HybridDecoder(bytes.dropFirst(4), width: 1)
            var bits = Bitmap(capacity: count)
            for value in try decoder.read(count) { bits.append(value == 1) }
            storage = .boolean(bits)
        default:
            throw ParquetError(
                .unsupportedEncoding,
                column: column.name,
                message: "the encoding \(encoding) is not supported yet"
            )
        }
    }

    private static func misfit(_ column: FileColumn) -> ParquetError {
        ParquetError(
            .damaged,
            column: column.name,
            message: "a page has an encoding that does not fit the column's type"
        )
    }

    private static func short(_ column: FileColumn) -> ParquetError {
        ParquetError(.damaged, column: column.name, message: "a page has fewer bytes than its values need")
    }

    private static func plain(
        _ bytes: ArraySlice<UInt8>,
        _ count: Int,
        _ column: FileColumn,
        _ type: ColumnType
    ) throws(ParquetError) -> ColumnStorage {
        func need(_ size: Int) throws(ParquetError) {
            guard count <= bytes.count, size >= 0, size * count <= bytes.count else { throw short(column) }
        }
        switch column.physical {
        case .boolean:
            guard (count + 7) / 8 <= bytes.count else { throw short(column) }
            var bits = Bitmap(capacity: count)
            for index in 0..<count {
                bits.append(bytes[bytes.startIndex + index >> 3] >> UInt8(index & 7) & 1 == 1)
            }
            return .boolean(bits)
        case .int32:
            try need(4)
            let values = PlainBytes.numbers(bytes, count, of: Int32.self)
            return type.storage == .int64 ? .int64(values.map(Int64.init)) : .int32(values)
        case .int64:
            try need(8)
            return .int64(PlainBytes.numbers(bytes, count, of: Int64.self))
        case .float:
            try need(4)
            return .float(PlainBytes.numbers(bytes, count, of: Float.self))
        case .double:
            try need(8)
            return .double(PlainBytes.numbers(bytes, count, of: Double.self))
        case .byteArray: return .bytes(try texts(bytes, count, column))
        case .fixedLengthByteArray:
            guard column.fixedLength > 0, column.fixedLength <= 1 << 20 else { throw short(column) }
            try need(column.fixedLength)
            return try fixed(bytes, count, column, type)
        case .int96, nil: throw misfit(column)
        }
    }

    private static func texts(
        _ bytes: ArraySlice<UInt8>,
        _ count: Int,
        _ column: FileColumn
    ) throws(ParquetError) -> ByteValues {
        guard count * 4 <= bytes.count, bytes.count <= Int32.max else { throw short(column) }
        var values = ByteValues()
        values.offsets.reserveCapacity(count + 1)
        values.bytes.reserveCapacity(bytes.count - 4 * count)
        var position = bytes.startIndex
        for _ in 0..<count {
            guard bytes.endIndex - position >= 4 else { throw short(column) }
            var length: UInt32 = 0
            for index in 0..<4 { length |= UInt32(bytes[position + index]) &<< UInt32(8 * index) }
            position += 4
            guard Int(length) <= bytes.endIndex - position else { throw short(column) }
            values.bytes.append(contentsOf: bytes[position..<(position + Int(length))])
            values.offsets.append(Int32(values.bytes.count))
            position += Int(length)
        }
        return values
    }

    private static func fixed(
        _ bytes: ArraySlice<UInt8>,
        _ count: Int,
        _ column: FileColumn,
        _ type: ColumnType
    ) throws(ParquetError) -> ColumnStorage {
        let width = column.fixedLength
        if type == .binary {
            let offsets = (0...count).map { Int32(truncatingIfNeeded: $0 * width) }
            guard count * width <= Int32.max else { throw short(column) }
            return .bytes(ByteValues(offsets: offsets, bytes: Array(bytes.prefix(count * width))))
        }
        var wide: [Int128] = []
        wide.reserveCapacity(count)
        for index in 0..<count {
            let start = bytes.startIndex + index * width
            var value: Int128 = bytes[start] & 0x80 == 0 ? 0 : -1
            for position in start..<(start + width) { value = value &<< 8 | Int128(bytes[position]) }
            wide.append(value)
        }
        guard type.storage == .int64 else { return .int128(wide) }
        var narrow: [Int64] = []
        narrow.reserveCapacity(count)
        for value in wide {
            guard let number = Int64(exactly: value) else {
                throw ParquetError(
                    .damaged,
                    column: column.name,
                    message: "a decimal has more digits than its column"
                )
            }
            narrow.append(number)
        }
        return .int64(narrow)
    }

    /// The values at some positions of a dictionary.
    init(dictionary: ColumnStorage, indices: [UInt32], column: FileColumn) throws(ParquetError) {
        let count = dictionary.count
        guard indices.allSatisfy({ Int($0) < count }) else {
            throw ParquetError(.damaged, column: column.name, message: "an index lies outside the dictionary")
        }
        switch dictionary {
        case .dictionary, .list, .structure, .map: throw Self.misfit(column)
        case .boolean(let values):
            var bits = Bitmap(capacity: indices.count)
            for index in indices { bits.append(values[Int(index)]) }
            storage = .boolean(bits)
        case .int32(let values): storage = .int32(indices.map { values[Int($0)] })
        case .int64(let values): storage = .int64(indices.map { values[Int($0)] })
        case .int128(let values): storage = .int128(indices.map { values[Int($0)] })
        case .float(let values): storage = .float(indices.map { values[Int($0)] })
        case .double(let values): storage = .double(indices.map { values[Int($0)] })
        case .bytes(let values):
            var texts = ByteValues()
            texts.offsets.reserveCapacity(indices.count + 1)
            for index in indices {
                texts.bytes.append(contentsOf: values[Int(index)])
                guard texts.bytes.count <= Int32.max else {
                    throw ParquetError(
                        .damaged,
                        column: column.name,
                        message: "the texts of a page pass 2 GiB"
                    )
                }
                texts.offsets.append(Int32(texts.bytes.count))
            }
            storage = .bytes(texts)
        }
    }
}
