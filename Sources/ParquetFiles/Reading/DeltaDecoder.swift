/// Decodes DELTA_BINARY_PACKED.
struct DeltaDecoder {
    private let bytes: ArraySlice<UInt8>
    /// Where the numbers end and what follows them begins.
    private(set) var position: Int

    init(_ bytes: ArraySlice<UInt8>) {
        self.bytes = bytes
        position = bytes.startIndex
    }

    private static let damaged = ParquetError(.damaged, message: "a page of differences cannot be read")

    /// All numbers, which must be `count`.
    mutating func read(_ count: Int) throws(ParquetError) -> [Int64] {
        let blockSize = try varint()
        let miniblocks = try varint()
        let total = try varint()
        let first = try zigzag()
        guard blockSize > 0, blockSize <= 1 << 20, miniblocks > 0, miniblocks <= blockSize,
            blockSize % miniblocks == 0,
            total == UInt64(count)
        else { throw Self.damaged }
        let size = Int(blockSize / miniblocks)
        var values: [Int64] = []
        values.reserveCapacity(min(count, 1 << 16))
        guard count > 0 else { return values }
        values.append(first)
        var previous = first
        while values.count < count {
            let least = try zigzag()
            guard bytes.endIndex - position >= Int(miniblocks) else { throw Self.damaged }
            let widths = bytes[position..<(position + Int(miniblocks))]
            position += Int(miniblocks)
            for width in widths where values.count < count {
                guard width <= 64 else { throw Self.damaged }
                try readMiniblock(size, Int(width), least, count, &previous, &values)
            }
        }
        return values
    }

    private mutating func readMiniblock(
        _ size: Int,
        _ width: Int,
        _ least: Int64,
        _ count: Int,
        _ previous: inout Int64,
        _ values: inout [Int64]
    ) throws(ParquetError) {
        let length = (size * width + 7) / 8
        let wanted = min(size, count - values.count)
        guard (wanted * width + 7) / 8 <= bytes.endIndex - position else { throw Self.damaged }
        var low: UInt64 = 0
        var bits = 0
        var cursor = position
        let mask: UInt64 = width == 64 ? ~0 : (1 << UInt64(width)) - 1
        for _ in 0..<wanted {
            var spill: UInt64 = 0
            var spillBits = 0
            while bits < width {
                let byte = UInt64(bytes[cursor])
                cursor += 1
                low |= byte &<< UInt64(bits)
                if bits > 56 {
                    spill = byte &>> UInt64(64 - bits)
                    spillBits = bits - 56
                }
                bits += 8
            }
            let delta = low & mask
            if width == 64 {
                low = spill
            } else {
                low = low &>> UInt64(width)
                if spillBits > 0 { low |= spill &<< UInt64(64 - width) }
            }
            bits -= width
            previous = previous &+ least &+ Int64(bitPattern: delta)
            values.append(previous)
        }
        position = min(position + length, bytes.endIndex)
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

    private mutating func zigzag() throws(ParquetError) -> Int64 {
        let value = try varint()
        return Int64(bitPattern: value &>> 1) ^ -Int64(bitPattern: value & 1)
    }
}
