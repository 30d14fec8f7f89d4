/// A split-block bloom filter: blocks of 256 bits, in one of which a value sets eight bits.
struct BloomFilter {
    private static let salts: [UInt32] = [
        0x47B6_137B, 0x4497_4D91, 0x8824_AD5B, 0xA2B7_289D, 0x7054_95C7, 0x2DF1_424B, 0x9EFC_4947,
        0x5C6B_FB31,
    ]

    private var words: [UInt32]

    /// Makes a filter of the hashes of values; equal ones may occur.
    init(_ hashes: [UInt64], _ options: ParquetBloomFilterOptions) {
        let distinct = Set(hashes)
        let blocks = Self.blockCount(distinct.count, options)
        words = Array(repeating: 0, count: blocks * 8)
        for hash in distinct {
            let block = Int(((hash &>> 32) &* UInt64(blocks)) &>> 32)
            let key = UInt32(truncatingIfNeeded: hash)
            for index in 0..<8 { words[block * 8 + index] |= 1 &<< ((key &* Self.salts[index]) &>> 27) }
        }
    }

    /// A power of two of blocks that keeps to the wanted rate: a value sets eight bits, so that of `bits` bits a value
    /// that is not there meets only set ones with the probability (1 - e^(-8 n / bits))^8.
    private static func blockCount(_ distinct: Int, _ options: ParquetBloomFilterOptions) -> Int {
        let rate = min(max(options.falsePositiveRate, 1e-6), 0.5)
        // The eighth root, by three square roots.
        let root = rate.squareRoot().squareRoot().squareRoot()
        let bits = -8 * Double(max(distinct, 1)) / logarithm(1 - root)
        var blocks = 1
        while Double(blocks * 256) < bits && blocks * 64 <= options.byteLimit { blocks *= 2 }
        return blocks
    }

    /// The natural logarithm of a number between 0 and 1, without a mathematics library: halvings and a series.
    private static func logarithm(_ value: Double) -> Double {
        let exponent = value.exponent
        let ratio = (value.significand - 1) / (value.significand + 1)
        var power = ratio
        var sum = 0.0
        for term in stride(from: 1.0, through: 39.0, by: 2.0) {
            sum += power / term
            power *= ratio * ratio
        }
        return 2 * sum + Double(exponent) * 0.693_147_180_559_945_3
    }

    /// The filter as the file has it: a header, then the bits.
    var bytes: [UInt8] {
        var header = ThriftWriter()
        header.element { header in
            header.int32(1, words.count * 4)
            // Split blocks, xxHash and no compression: the only members of their unions.
            for field in 2...4 as ClosedRange<Int16> { header.structure(field) { $0.structure(1) { _ in } } }
        }
        var bytes = header.bytes
        bytes.reserveCapacity(bytes.count + words.count * 4)
        for word in words {
            for shift in [0, 8, 16, 24] as [UInt32] { bytes.append(UInt8(truncatingIfNeeded: word >> shift)) }
        }
        return bytes
    }
}
