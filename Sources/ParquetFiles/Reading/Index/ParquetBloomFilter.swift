public import ColumnBatches

/// Tells that a value is certainly not in a column chunk: the format's split block bloom filter.
///
///     if let filter = try await reader.bloomFilter(of: "id", rowGroup: 0), !filter.mightContain(.integer(7)) { … }
public struct ParquetBloomFilter: Sendable {
    private let blocks: [UInt32]
    private let leaf: LeafColumn

    /// The words of a block, each with a factor of its own that tells which bit of it a hash sets.
    private static let salts: [UInt32] = [
        0x47b6_137b, 0x4497_4d91, 0x8824_ad5b, 0xa2b7_289d, 0x7054_95c7, 0x2df1_424b, 0x9efc_4947,
        0x5c6b_fb31,
    ]

    init(_ bytes: [UInt8], _ header: BloomFilterHeader, leaf: LeafColumn) {
        self.leaf = leaf
        blocks = stride(from: header.start, to: header.end, by: 4).map { start in
            bytes[start..<(start + 4)].reversed().reduce(0) { $0 << 8 | UInt32($1) }
        }
    }

    /// Whether the column may hold a value; false is certain.
    ///
    /// A value of another type than the column's is never certain to be missing, nor is a missing one.
    public func mightContain(_ value: ColumnValue) -> Bool {
        guard let bytes = leaf.plainBytes(value) else { return true }
        return mightContain(hash: XXHash64.hash(bytes))
    }

    func mightContain(hash: UInt64) -> Bool {
        let block = Int(((hash >> 32) * UInt64(blocks.count / 8)) >> 32)
        let key = UInt32(truncatingIfNeeded: hash)
        for (index, salt) in Self.salts.enumerated() {
            let bit: UInt32 = 1 << ((key &* salt) >> 27)
            if blocks[block * 8 + index] & bit == 0 { return false }
        }
        return true
    }
}

/// The header of a bloom filter; the format's `BloomFilterHeader`.
struct BloomFilterHeader {
    /// Where the bits begin and end.
    let start: Int
    let end: Int

    /// The format's bound on the size of a filter.
    private static let largest = 128 << 20

    init(_ bytes: [UInt8]) throws(ParquetError) {
        var size = 0
        var members: [Int16: Int16] = [:]
        var reader = ThriftReader(bytes)
        try reader.structure { reader, field, type throws(ParquetError) in
            switch (field, type) {
            case (1, 5): size = Int(try reader.integer())
            case (2...4, 12):
                try reader.structure { reader, member, type throws(ParquetError) in
                    members[field] = member
                    try reader.skip(type)
                }
            default: try reader.skip(type)
            }
        }
        guard members == [2: 1, 3: 1, 4: 1] else {
            throw ParquetError(.unsupportedEncoding, message: "a bloom filter is of an unknown kind")
        }
        guard size >= 32, size <= Self.largest, size % 32 == 0 else {
            throw ParquetError(.damaged, message: "a bloom filter has \(size) bytes")
        }
        start = reader.position
        end = start + size
    }
}

extension LeafColumn {
    /// The bytes of a value in PLAIN, without a length in front; nil when the column cannot hold it as it is.
    func plainBytes(_ value: ColumnValue) -> [UInt8]? {
        func little(_ number: some FixedWidthInteger, _ size: Int) -> [UInt8] {
            (0..<size).map { UInt8(truncatingIfNeeded: number >> ($0 * 8)) }
        }
        switch (value, conversion) {
        case (.string(let text), .none) where type == .string: return Array(text.utf8)
        case (.binary(let bytes), .none) where type == .binary: return bytes
        case (.float(let number), .none) where type == .float: return little(number.bitPattern, 4)
        case (.double(let number), .none) where type == .double: return little(number.bitPattern, 8)
        case (.date(let days), .none) where type == .date: return little(days, 4)
        case (.unsigned(let number), .none) where type == .uint64: return little(number, 8)
        case (.timestamp(let time), .none) where type == .timestamp: return little(time, 8)
        case (.timestampNTZ(let time), .none) where type == .timestampNTZ: return little(time, 8)
        case (.integer(let number), .none):
            switch type {
            case .int8, .int16, .int32: return Int32(exactly: number).map { little($0, 4) }
            case .int64: return little(number, 8)
            default: return nil
            }
        case (.decimal(let unscaled, let scale), _):
            guard case .decimal(_, scale) = type else { return nil }
            switch physical {
            case .int32: return Int32(exactly: unscaled).map { little($0, 4) }
            case .int64: return Int64(exactly: unscaled).map { little($0, 8) }
            case .fixedLengthByteArray:
                return (0..<width).reversed().map {
                    UInt8(truncatingIfNeeded: unscaled >> Int128(min(127, 8 * $0)))
                }
            default: return nil
            }
        default: return nil
        }
    }
}
