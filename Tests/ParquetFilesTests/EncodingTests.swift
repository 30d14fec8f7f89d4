import ColumnBatches
import Testing

@testable import ParquetFiles

@Suite("Encodings") struct EncodingTests {
    static func leaf(_ physical: PhysicalType, width: Int = 0, converted: ConvertedType? = nil) throws
        -> LeafColumn
    {
        let element = HandmadeFile.element("c", physical, converted: converted, length: width, precision: 9)
        return try SchemaTree(HandmadeFile.schema([element])).leaves[0]
    }

    /// Decodes values, two at a time and all at once: both must give the same.
    static func decode(_ leaf: LeafColumn, _ encoding: Encoding, _ bytes: [UInt8], _ count: Int) throws
        -> ValueArrays
    {
        // Bytes around the values must not matter.
        let padded = [0xAA, 0xBB] + bytes + [0xCC, 0xDD, 0xEE]
        func decoder() throws -> ValueDecoder {
            try ValueDecoder(leaf, encoding, of: padded, from: 2, to: 2 + bytes.count)
        }
        var whole = ValueArrays()
        var one = try decoder()
        try one.read(count, of: padded, to: &whole, limit: 1 << 20)
        var parts = ValueArrays()
        var two = try decoder()
        for start in stride(from: 0, to: count, by: 2) {
            try two.read(min(2, count - start), of: padded, to: &parts, limit: 1 << 20)
        }
        #expect(whole.int32s == parts.int32s && whole.int64s == parts.int64s && whole.floats == parts.floats)
        #expect(whole.bytes == parts.bytes && whole.offsets == parts.offsets)
        #expect(whole.booleans.bitmap == parts.booleans.bitmap && whole.doubles == parts.doubles)
        return whole
    }

    static func texts(_ values: ValueArrays) -> [String] {
        let texts = ByteValues(offsets: values.offsets, bytes: values.bytes)
        return (0..<texts.count).map { String(decoding: texts[$0], as: UTF8.self) }
    }

    @Test("the hybrid of runs and packed bits, of each width", arguments: 0...32)
    func hybrid(width: Int) throws {
        let mask: UInt64 = (1 << UInt64(width)) - 1
        let values = (0..<40).map {
            UInt32(truncatingIfNeeded: UInt64($0) &* 0x9E37_79B9_7F4A_7C15 >> 20 & mask)
        }
        let repeated = UInt32(truncatingIfNeeded: 0x5A5A_5A5A & mask)
        // Five groups of packed values, then a run of a hundred.
        var bytes: [UInt8] = [5 << 1 | 1]
        var bits: [Bool] = []
        for value in values { for bit in 0..<width { bits.append(value >> UInt32(bit) & 1 == 1) } }
        for start in stride(from: 0, to: bits.count, by: 8) {
            bytes.append((0..<8).reduce(0) { $0 | (bits[start + $1] ? 1 << $1 : 0) })
        }
        bytes += [0xC8, 0x01]
        for byte in 0..<((width + 7) / 8) {
            bytes.append(UInt8(truncatingIfNeeded: repeated >> UInt32(8 * byte)))
        }
        let leaf = try Self.leaf(.byteArray)
        let page = [UInt8(width)] + bytes
        for step in [1, 7, 64, 140] {
            var decoder = try ValueDecoder(leaf, .dictionary, of: page, from: 0, to: page.count)
            var read: [UInt32] = []
            while read.count < 140 {
                var indices = DictionaryIndices()
                try decoder.readIndices(min(step, 140 - read.count), of: page, to: &indices)
                read += indices.values
            }
            #expect(read == values + Array(repeating: repeated, count: 100))
        }
    }

    @Test("runs that end early, and widths past 32, are refused")
    func hybridDamage() throws {
        let leaf = try Self.leaf(.byteArray)
        var indices = DictionaryIndices()
        for bytes in [
            [3, 3, 0x88], [3, 20], [3, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF], [3],
        ] {
            let page = bytes.map { UInt8($0) }
            var decoder = try ValueDecoder(leaf, .dictionary, of: page, from: 0, to: page.count)
            #expect(throws: ParquetError.self) { try decoder.readIndices(8, of: page, to: &indices) }
        }
        #expect(throws: ParquetError.self) { try ValueDecoder(leaf, .dictionary, of: [33], from: 0, to: 1) }
    }

    @Test("levels in the old form begin with the highest bit")
    func packedLevels() throws {
        let bytes: [UInt8] = [0b0000_0101, 0b0011_1001, 0b0111_0111]
        var decoder = try LevelDecoder(maximum: 7, isPacked: true, from: 0, to: 3)
        var levels: [UInt8] = []
        try decoder.read(3, of: bytes, to: &levels)
        try decoder.read(5, of: bytes, to: &levels)
        #expect(levels == [0, 1, 2, 3, 4, 5, 6, 7])
        #expect(throws: ParquetError.self) { try decoder.read(1, of: bytes, to: &levels) }
    }

    @Test("PLAIN of each physical type")
    func plain() throws {
        #expect(
            try Self.decode(Self.leaf(.int32), .plain, [1, 0, 0, 0, 0xFE, 0xFF, 0xFF, 0xFF], 2).int32s == [
                1, -2,
            ]
        )
        let long = try Self.decode(Self.leaf(.int64), .plain, [0, 1, 0, 0, 0, 0, 0, 0x80], 1)
        #expect(long.int64s == [Int64.min + 256])
        #expect(try Self.decode(Self.leaf(.float), .plain, [0, 0, 0xC0, 0x3F], 1).floats == [1.5])
        #expect(
            try Self.decode(Self.leaf(.double), .plain, [0, 0, 0, 0, 0, 0, 4, 0xC0], 1).doubles == [-2.5]
        )
        let bits = try Self.decode(Self.leaf(.boolean), .plain, [0b0000_1101, 1], 9).booleans
        #expect((0..<9).map { bits[$0] } == [true, false, true, true, false, false, false, false, true])
        let text = try Self.decode(
            Self.leaf(.byteArray),
            .plain,
            [2, 0, 0, 0, 104, 105, 0, 0, 0, 0, 1, 0, 0, 0, 33],
            3
        )
        #expect(Self.texts(text) == ["hi", "", "!"])
        let fixed = try Self.decode(
            Self.leaf(.fixedLengthByteArray, width: 3),
            .plain,
            Array("abcdef".utf8),
            2
        )
        #expect(Self.texts(fixed) == ["abc", "def"])
        for physical in [PhysicalType.int32, .int64, .float, .double, .int96, .byteArray] {
            #expect(throws: ParquetError.self) { try Self.decode(Self.leaf(physical), .plain, [9, 0, 0], 1) }
        }
    }

    @Test("differences of numbers")
    func delta() throws {
        let ascending: [UInt8] = [0x80, 1, 4, 5, 2, 2, 0, 0, 0, 0]
        #expect(
            try Self.decode(Self.leaf(.int32), .deltaBinaryPacked, ascending, 5).int32s == [1, 2, 3, 4, 5]
        )
        let mixed: [UInt8] = [0x80, 1, 4, 8, 14, 3, 2, 0, 0, 0, 0xC0, 0x3F, 0, 0, 0, 0, 0, 0]
        #expect(
            try Self.decode(Self.leaf(.int64), .deltaBinaryPacked, mixed, 8).int64s == [
                7, 5, 3, 1, 2, 3, 4, 5,
            ]
        )
        // Padding of the last miniblock may be missing.
        #expect(
            try Self.decode(Self.leaf(.int64), .deltaBinaryPacked, Array(mixed.dropLast(6)), 8).int64s.last
                == 5
        )
        // From the greatest to the least number the difference wraps to one.
        let wrapping: [UInt8] = [0x80, 1, 4, 2, 0xFE, 0xFF, 0xFF, 0xFF, 0x0F, 2, 0, 0, 0, 0]
        #expect(
            try Self.decode(Self.leaf(.int32), .deltaBinaryPacked, wrapping, 2).int32s == [.max, .min]
        )
        #expect(throws: ParquetError.self) {
            try Self.decode(Self.leaf(.int32), .deltaBinaryPacked, ascending, 6)
        }
        #expect(throws: ParquetError.self) {
            try Self.decode(Self.leaf(.int32), .deltaBinaryPacked, [0, 0, 0, 0], 1)
        }
    }

    @Test("differences of the full width, as this project's writer encodes them")
    func wideDelta() throws {
        var state: UInt64 = 1
        let numbers = (0..<1000).map { index in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int64(bitPattern: state) >> Int64(index % 64)
        }
        let buffer = PageBuffer()
        DeltaEncoder.encode(numbers[...], into: buffer)
        let bytes = buffer.withBytes { Array($0) }
        #expect(try Self.decode(Self.leaf(.int64), .deltaBinaryPacked, bytes, 1000).int64s == numbers)
    }

    @Test("texts by their lengths, and by what they share with the one before")
    func deltaTexts() throws {
        let lengths: [UInt8] = [0x80, 1, 4, 4, 10, 0, 1, 0, 0, 0, 0b010, 0, 0, 0]
        let bytes = lengths + Array("HelloWorldFoobarABCDEF".utf8)
        #expect(
            try Self.texts(Self.decode(Self.leaf(.byteArray), .deltaLengthByteArray, bytes, 4))
                == ["Hello", "World", "Foobar", "ABCDEF"]
        )
        #expect(throws: ParquetError.self) {
            try Self.decode(Self.leaf(.byteArray), .deltaLengthByteArray, Array(bytes.dropLast()), 4)
        }
        func numbers(_ numbers: [Int32]) -> [UInt8] {
            let buffer = PageBuffer()
            DeltaEncoder.encode(numbers[...], into: buffer)
            return buffer.withBytes { Array($0) }
        }
        let shared = numbers([0, 2, 0, 3]) + numbers([4, 2, 6, 5]) + Array("axislebabbleyhood".utf8)
        #expect(
            try Self.texts(Self.decode(Self.leaf(.byteArray), .deltaByteArray, shared, 4))
                == ["axis", "axle", "babble", "babyhood"]
        )
        let past = numbers([0, 5]) + numbers([4, 1]) + Array("axise".utf8)
        #expect(throws: ParquetError.self) {
            try Self.decode(Self.leaf(.byteArray), .deltaByteArray, past, 2)
        }
    }

    @Test("streams of bytes, of each width")
    func streamSplit() throws {
        let bytes: [UInt8] = [0xAA, 0x00, 0xA3, 0xBB, 0x11, 0xB4, 0xCC, 0x22, 0xC5, 0xDD, 0x33, 0xD6]
        let bits: [UInt32] = [0xDDCC_BBAA, 0x3322_1100, 0xD6C5_B4A3]
        let floats = try Self.decode(Self.leaf(.float), .byteStreamSplit, bytes, 3).floats
        #expect(floats.map(\.bitPattern) == bits)
        let numbers = try Self.decode(Self.leaf(.int32), .byteStreamSplit, bytes, 3).int32s
        #expect(numbers.map { UInt32(bitPattern: $0) } == bits)
        let fixed = try Self.decode(Self.leaf(.fixedLengthByteArray, width: 6), .byteStreamSplit, bytes, 2)
        #expect(fixed.bytes == [0xAA, 0xA3, 0x11, 0xCC, 0xC5, 0x33, 0x00, 0xBB, 0xB4, 0x22, 0xDD, 0xD6])
        #expect(throws: ParquetError.self) { try Self.decode(Self.leaf(.double), .byteStreamSplit, bytes, 1) }
    }

    @Test("runs of booleans")
    func booleanRuns() throws {
        let bits = try Self.decode(Self.leaf(.boolean), .rle, [4, 0, 0, 0, 10, 1, 3, 0b0000_0110], 10)
            .booleans
        #expect((0..<10).map { bits[$0] } == [true, true, true, true, true, false, true, true, false, false])
    }

    @Test("stored values become those of the column's type")
    func conversions() throws {
        func convert(_ leaf: LeafColumn, _ bytes: [UInt8], _ count: Int) throws -> ValueArrays {
            let stored = try Self.decode(leaf, .plain, bytes, count)
            var values = ValueArrays()
            try leaf.conversion.append(stored, of: leaf, to: &values)
            return values
        }
        func decimal(_ physical: PhysicalType, _ precision: Int, width: Int = 0) throws -> LeafColumn {
            let element = HandmadeFile.element(
                "c",
                physical,
                converted: .decimal,
                length: width,
                precision: precision,
                scale: 1
            )
            return try SchemaTree(HandmadeFile.schema([element])).leaves[0]
        }
        // One nanosecond before 1970: the last of the day before, and rounded down.
        let early: [UInt8] = [0xFF, 0xFF, 0x4E, 0x91, 0x94, 0x4E, 0, 0, 0x8B, 0x3D, 0x25, 0]
        #expect(try convert(Self.leaf(.int96), early, 1).int64s == [-1])
        #expect(try convert(Self.leaf(.int32, converted: .timeMillis), [1, 0, 0, 0], 1).int64s == [1000])
        #expect(
            try convert(Self.leaf(.int32, converted: .uint32), [0xFF, 0xFF, 0xFF, 0xFF], 1).int64s == [
                4_294_967_295
            ]
        )
        #expect(throws: ParquetError.self) {
            try convert(Self.leaf(.int64, converted: .timestampMillis), [0, 0, 0, 0, 0, 0, 0, 0x40], 1)
        }
        #expect(try convert(decimal(.int32, 9), [0xF6, 0xFF, 0xFF, 0xFF], 1).int64s == [-10])
        #expect(try convert(decimal(.int32, 30), [0xF6, 0xFF, 0xFF, 0xFF], 1).int128s == [-10])
        #expect(try convert(decimal(.int64, 30), [1, 0, 0, 0, 0, 0, 0, 0], 1).int128s == [1])
        #expect(
            try convert(decimal(.fixedLengthByteArray, 5, width: 3), [0xFF, 0xFF, 0xF6], 1).int64s == [-10]
        )
        let wide = [UInt8](repeating: 0xFF, count: 19) + [0xF6]
        #expect(try convert(decimal(.fixedLengthByteArray, 38, width: 20), wide, 1).int128s == [-10])
        #expect(try convert(decimal(.byteArray, 20), [2, 0, 0, 0, 1, 0, 0, 0, 0, 0], 2).int128s == [256, 0])
        #expect(throws: ParquetError.self) {
            try convert(
                decimal(.fixedLengthByteArray, 38, width: 17),
                [1] + [UInt8](repeating: 0, count: 16),
                1
            )
        }
        #expect(throws: ParquetError.self) { try decimal(.byteArray, 39) }
        let halves: [(UInt16, Float)] = [
            (0x3C00, 1), (0xC000, -2), (0x0001, 0x1p-24), (0x7BFF, 65_504), (0x8000, -0.0),
            (0x7C00, .infinity),
        ]
        for (bits, value) in halves {
            #expect(ValueConversion.single(ofHalf: bits).bitPattern == value.bitPattern)
        }
        #expect(ValueConversion.single(ofHalf: 0x7E00).isNaN)
    }
}
