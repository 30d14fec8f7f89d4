/// The hash of bloom filters: XXH64 with the seed zero.
enum XXHash64 {
    private static let primes: [UInt64] = [
        0x9E37_79B1_85EB_CA87, 0xC2B2_AE3D_27D4_EB4F, 0x1656_67B1_9E37_79F9, 0x85EB_CA77_C2B2_AE63,
        0x27D4_EB2F_1656_67C5,
    ]

    static func hash(_ bytes: [UInt8]) -> UInt64 {
        var position = 0
        /// The next bytes as a little-endian number.
        func take(_ size: Int) -> UInt64 {
            defer { position += size }
            return bytes[position..<(position + size)].reversed().reduce(0) { $0 &<< 8 | UInt64($1) }
        }
        var hash: UInt64
        if bytes.count >= 32 {
            var lanes = [primes[0] &+ primes[1], primes[1], 0, 0 &- primes[0]]
            while bytes.count - position >= 32 {
                for lane in 0..<4 { lanes[lane] = mix(lanes[lane], take(8)) }
            }
            hash = rotate(lanes[0], 1) &+ rotate(lanes[1], 7) &+ rotate(lanes[2], 12) &+ rotate(lanes[3], 18)
            for lane in lanes { hash = (hash ^ mix(0, lane)) &* primes[0] &+ primes[3] }
        } else {
            hash = primes[4]
        }
        hash = hash &+ UInt64(bytes.count)
        while bytes.count - position >= 8 {
            hash = rotate(hash ^ mix(0, take(8)), 27) &* primes[0] &+ primes[3]
        }
        if bytes.count - position >= 4 {
            hash = rotate(hash ^ take(4) &* primes[0], 23) &* primes[1] &+ primes[2]
        }
        while position < bytes.count { hash = rotate(hash ^ take(1) &* primes[4], 11) &* primes[0] }
        hash = (hash ^ hash >> 33) &* primes[1]
        hash = (hash ^ hash >> 29) &* primes[2]
        return hash ^ hash >> 32
    }

    private static func mix(_ lane: UInt64, _ word: UInt64) -> UInt64 {
        rotate(lane &+ word &* primes[1], 31) &* primes[0]
    }

    private static func rotate(_ word: UInt64, _ count: UInt64) -> UInt64 {
        word &<< count | word &>> (64 - count)
    }
}
