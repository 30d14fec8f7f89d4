/// Two checksums of a row's text, CRC-32 and CRC-32C, which a SQL server can compute as well.
///
/// They tell accidents apart, not forgeries.
public struct RowChecksum: Sendable, Hashable, CustomStringConvertible {
    /// CRC-32 with the polynomial of zlib.
    public var crc32: UInt32
    /// CRC-32 with the polynomial of Castagnoli.
    public var crc32c: UInt32

    /// Makes a checksum of its parts.
    public init(crc32: UInt32, crc32c: UInt32) {
        self.crc32 = crc32
        self.crc32c = crc32c
    }

    /// Both parts in hexadecimal, eight digits each.
    public var description: String {
        [crc32, crc32c].map { part in
            let digits = String(part, radix: 16)
            return String(repeating: "0", count: 8 - digits.utf8.count) + digits
        }.joined()
    }

    /// The checksums of some bytes.
    public init(_ bytes: [UInt8]) {
        crc32 = CRC32.zlib.checksum(bytes)
        crc32c = CRC32.castagnoli.checksum(bytes)
    }
}

/// A cyclic redundancy check of 32 bits, eight bytes a step.
struct CRC32: Sendable {
    static let zlib = CRC32(reversedPolynomial: 0xEDB8_8320)
    static let castagnoli = CRC32(reversedPolynomial: 0x82F6_3B78)

    /// Eight tables of 256: table `n` advances a byte that has `n` bytes behind it.
    private let table: [UInt32]

    init(reversedPolynomial polynomial: UInt32) {
        var table = [UInt32](repeating: 0, count: 8 * 256)
        for byte in 0..<256 {
            var value = UInt32(byte)
            for _ in 0..<8 { value = value & 1 == 1 ? value >> 1 ^ polynomial : value >> 1 }
            table[byte] = value
        }
        for byte in 256..<(8 * 256) {
            let before = table[byte - 256]
            table[byte] = before >> 8 ^ table[Int(before & 0xFF)]
        }
        self.table = table
    }

    func checksum(_ bytes: [UInt8]) -> UInt32 {
        let bytes = bytes.span
        let table = table.span
        var value = ~UInt32(0)
        var index = 0
        while index + 8 <= bytes.count {
            value ^= UInt32(bytes[index]) | UInt32(bytes[index + 1]) << 8
            value ^= UInt32(bytes[index + 2]) << 16 | UInt32(bytes[index + 3]) << 24
            let low = table[0x700 + Int(value & 0xFF)] ^ table[0x600 + Int(value >> 8 & 0xFF)]
            let middle = table[0x500 + Int(value >> 16 & 0xFF)] ^ table[0x400 + Int(value >> 24)]
            let high = table[0x300 + Int(bytes[index + 4])] ^ table[0x200 + Int(bytes[index + 5])]
            value = low ^ middle ^ high
            value ^= table[0x100 + Int(bytes[index + 6])] ^ table[Int(bytes[index + 7])]
            index += 8
        }
        while index < bytes.count {
            value = value >> 8 ^ table[Int((value ^ UInt32(bytes[index])) & 0xFF)]
            index += 1
        }
        return ~value
    }
}
