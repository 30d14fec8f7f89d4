/// Decodes runs and bit-packed groups: levels and dictionary indices.
struct HybridDecoder {
    private let bytes: ArraySlice<UInt8>
    private var position: Int
    private let width: Int

    init(_ bytes: ArraySlice<UInt8>, width: Int) {
        self.bytes = bytes
        position = bytes.startIndex
        self.width = width
    }

    private static let damaged = ParquetError(.damaged, message: "levels or indices end early")

    /// The next numbers.
    mutating func read(_ count: Int) throws(ParquetError) -> [UInt32] {
        guard width <= 32 else { throw ParquetError(.damaged, message: "an index has \(width) bits") }
        var values: [UInt32] = []
        values.reserveCapacity(min(count, 1 << 16))
        while values.count < count {
            let header = try varint()
            if header & 1 == 0 {
                let length = header >> 1
                guard length > 0 else { throw Self.damaged }
                let value = try fixed()
                values.append(
                    contentsOf: repeatElement(value, count: Int(min(length, UInt64(count - values.count))))
                )
            } else {
                try readPacked(groups: header >> 1, count: count, into: &values)
            }
        }
        return values
    }

    private mutating func readPacked(groups: UInt64, count: Int, into values: inout [UInt32])
        throws(ParquetError)
    {
        guard groups > 0 else { throw Self.damaged }
        guard width > 0 else {
            values.append(
                contentsOf: repeatElement(0, count: min(Int(clamping: groups) &* 8, count - values.count))
            )
            return
        }
        let wanted =
            groups > UInt64(count) ? count - values.count : min(Int(groups) * 8, count - values.count)
        guard (wanted * width + 7) / 8 <= bytes.endIndex - position else { throw Self.damaged }
        var word: UInt64 = 0
        var bits = 0
        var cursor = position
        let mask: UInt64 = (1 << UInt64(width)) - 1
        for _ in 0..<wanted {
            while bits < width {
                word |= UInt64(bytes[cursor]) &<< UInt64(bits)
                bits += 8
                cursor += 1
            }
            values.append(UInt32(truncatingIfNeeded: word & mask))
            word &>>= UInt64(width)
            bits -= width
        }
        let size = groups.multipliedReportingOverflow(by: UInt64(width))
        let room = UInt64(bytes.endIndex - position)
        position += Int(min(size.overflow ? room : size.partialValue, room))
    }

    private mutating func varint() throws(ParquetError) -> UInt64 {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while position < bytes.endIndex, shift < 64 {
            let byte = bytes[position]
            position += 1
            value |= UInt64(byte & 0x7F) &<< shift
            if byte < 0x80 { return value }
            shift += 7
        }
        throw Self.damaged
    }

    private mutating func fixed() throws(ParquetError) -> UInt32 {
        let size = (width + 7) / 8
        guard size <= bytes.endIndex - position else { throw Self.damaged }
        var value: UInt32 = 0
        for index in 0..<size { value |= UInt32(bytes[position + index]) &<< UInt32(8 * index) }
        position += size
        return value
    }
}
