/// The hash of the format's bloom filters: xxHash with 64 bits and the seed 0.
enum XXHash64 {
    private static let prime1: UInt64 = 0x9E37_79B1_85EB_CA87
    private static let prime2: UInt64 = 0xC2B2_AE3D_27D4_EB4F
    private static let prime3: UInt64 = 0x1656_67B1_9E37_79F9
    private static let prime4: UInt64 = 0x85EB_CA77_C2B2_AE63
    private static let prime5: UInt64 = 0x27D4_EB2F_1656_67C5

    /// The hash of a value of 64 bits.
    static func hash(_ value: UInt64) -> UInt64 {
        finish(mix(prime5 &+ 8, word: value))
    }

    /// The hash of a value of 32 bits.
    static func hash(_ value: UInt32) -> UInt64 {
        finish(mix(prime5 &+ 4, half: UInt64(value)))
    }

    /// The hash of all bytes of a list.
    static func hash(_ bytes: [UInt8]) -> UInt64 { hash(bytes[...]) }

    /// The hash of some bytes.
    static func hash(_ bytes: ArraySlice<UInt8>) -> UInt64 {
        func word(_ start: Int, _ size: Int) -> UInt64 {
            (0..<size).reduce(0) { $0 | UInt64(bytes[start + $1]) &<< UInt64(8 * $1) }
        }
        var index = bytes.startIndex
        var state = prime5
        if bytes.count >= 32 {
            var lanes = (prime1 &+ prime2, prime2, UInt64(0), 0 &- prime1)
            while index + 32 <= bytes.endIndex {
                lanes.0 = round(lanes.0, word(index, 8))
                lanes.1 = round(lanes.1, word(index + 8, 8))
                lanes.2 = round(lanes.2, word(index + 16, 8))
                lanes.3 = round(lanes.3, word(index + 24, 8))
                index += 32
            }
            state = rotate(lanes.0, 1) &+ rotate(lanes.1, 7) &+ rotate(lanes.2, 12) &+ rotate(lanes.3, 18)
            for lane in [lanes.0, lanes.1, lanes.2, lanes.3] {
                state = (state ^ round(0, lane)) &* prime1 &+ prime4
            }
        }
        state &+= UInt64(bytes.count)
        while index + 8 <= bytes.endIndex {
            state = mix(state, word: word(index, 8))
            index += 8
        }
        if index + 4 <= bytes.endIndex {
            state = mix(state, half: word(index, 4))
            index += 4
        }
        while index < bytes.endIndex {
            state = rotate(state ^ UInt64(bytes[index]) &* prime5, 11) &* prime1
            index += 1
        }
        return finish(state)
    }

    private static func mix(_ state: UInt64, word: UInt64) -> UInt64 {
        rotate(state ^ round(0, word), 27) &* prime1 &+ prime4
    }

    private static func mix(_ state: UInt64, half: UInt64) -> UInt64 {
        rotate(state ^ half &* prime1, 23) &* prime2 &+ prime3
    }

    private static func round(_ lane: UInt64, _ input: UInt64) -> UInt64 {
        rotate(lane &+ input &* prime2, 31) &* prime1
    }

    private static func rotate(_ value: UInt64, _ bits: UInt64) -> UInt64 {
        value &<< bits | value &>> (64 - bits)
    }

    private static func finish(_ state: UInt64) -> UInt64 {
        var state = state
        state = (state ^ state &>> 33) &* prime2
        state = (state ^ state &>> 29) &* prime3
        return state ^ state &>> 32
    }
}
