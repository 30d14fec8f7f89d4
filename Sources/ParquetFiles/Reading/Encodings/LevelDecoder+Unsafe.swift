/// Decodes definition or repetition levels.
///
/// Levels are handed out as bytes: no schema that is accepted has more than 255 of them.
struct LevelDecoder {
    private enum Form {
        /// There are none, as there is only one level.
        case none
        case hybrid(HybridDecoder)
        /// The form of the first version of the format: values after each other, the highest bit first.
        case packed(bit: Int, end: Int)
    }

    let maximum: Int
    private var form: Form

    /// Makes a decoder of levels that are all zero.
    init() {
        maximum = 0
        form = .none
    }

    /// Makes a decoder of the levels of a range.
    init(maximum: Int, isPacked: Bool = false, from start: Int, to end: Int) throws(ParquetError) {
        self.maximum = maximum
        if maximum == 0 {
            form = .none
        } else if isPacked {
            form = .packed(bit: start * 8, end: end * 8)
        } else {
            form = .hybrid(try HybridDecoder(width: Self.width(maximum), from: start, to: end))
        }
    }

    /// The bits of a level.
    static func width(_ maximum: Int) -> Int { Int.bitWidth - maximum.leadingZeroBitCount }

    /// Whether the next levels are all the highest; passes over them if so.
    mutating func skipMaximum(_ count: Int, _ bytes: UnsafeRawBufferPointer) throws(ParquetError) -> Bool {
        switch form {
        case .none: return true
        case .packed: return false
        case .hybrid(var decoder):
            let result = unsafe try decoder.skip(count, of: UInt32(maximum), bytes)
            form = .hybrid(decoder)
            return result
        }
    }

    /// The next levels, of which there are two, added as bits.
    ///
    /// - Returns: How many of them are set.
    mutating func readBits(_ count: Int, _ bytes: UnsafeRawBufferPointer, to bits: inout BitBuffer)
        throws(ParquetError) -> Int
    {
        if case .hybrid(var decoder) = form {
            defer { form = .hybrid(decoder) }
            return unsafe try decoder.readBits(count, bytes, to: &bits)
        }
        var levels: [UInt8] = []
        unsafe try read(count, bytes, to: &levels)
        var set = 0
        for level in levels {
            bits.append(level == 1)
            set += Int(level)
        }
        return set
    }

    /// The next levels, added to a list.
    mutating func read(_ count: Int, _ bytes: UnsafeRawBufferPointer, to levels: inout [UInt8])
        throws(ParquetError)
    {
        switch form {
        case .none: levels.append(contentsOf: repeatElement(0, count: count))
        case .hybrid(var decoder):
            // The closure writes `count` bytes into room for as many.
            try levels.grow(by: count) { (room: inout OutputSpan<UInt8>) throws(ParquetError) in
                try unsafe room.withUnsafeMutableBufferPointer { target, used throws(ParquetError) in
                    guard let base = target.baseAddress else { return }
                    unsafe try decoder.read(count, bytes, to: base)
                    used = count
                }
            }
            form = .hybrid(decoder)
        case .packed(var bit, let end):
            let width = Self.width(maximum)
            guard count * width <= end - bit else {
                throw ParquetError(.damaged, message: "the levels of a page end early")
            }
            for _ in 0..<count {
                var level: UInt8 = 0
                for _ in 0..<width {
                    let byte = unsafe bytes[bit >> 3]
                    level = level << 1 | byte >> UInt8(7 - bit & 7) & 1
                    bit += 1
                }
                levels.append(level)
            }
            form = .packed(bit: bit, end: end)
        }
        let highest = UInt8(maximum)
        var isAbove = false
        for level in levels.suffix(count) { isAbove = isAbove || level > highest }
        if isAbove { throw ParquetError(.damaged, message: "a page has a level that the schema lacks") }
    }
}
