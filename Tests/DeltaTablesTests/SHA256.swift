/// The digest by which the golden tables give what they expect.
enum SHA256 {
    private static let constants: [UInt32] = primes(64).map { fraction(pow: 1.0 / 3.0, $0) }

    private static func primes(_ count: Int) -> [UInt64] {
        var found: [UInt64] = []
        var candidate: UInt64 = 2
        while found.count < count {
            if found.allSatisfy({ candidate % $0 != 0 }) { found.append(candidate) }
            candidate += 1
        }
        return found
    }

    /// The first 32 bits of the fraction of a root, by search among whole numbers, so that no rounding matters.
    private static func fraction(pow exponent: Double, _ prime: UInt64) -> UInt32 {
        let degree = exponent > 0.4 ? 2 : 3
        // The root times 2^32: the greatest number whose power does not exceed prime times 2^(32 * degree).
        var (low, high): (UInt64, UInt64) = (0, 1 << 37)
        while high - low > 1 {
            let middle = (low + high) / 2
            if power(middle, degree) <= shifted(prime, 32 * degree) { low = middle } else { high = middle }
        }
        return UInt32(truncatingIfNeeded: low)
    }

    private static func power(_ number: UInt64, _ degree: Int) -> UInt128 {
        degree == 2 ? UInt128(number) * UInt128(number) : UInt128(number) * UInt128(number) * UInt128(number)
    }

    private static func shifted(_ number: UInt64, _ bits: Int) -> UInt128 { UInt128(number) << UInt128(bits) }

    static func hex(_ bytes: [UInt8]) -> String {
        var state = primes(8).map { fraction(pow: 0.5, $0) }
        var message = bytes + [0x80]
        while message.count % 64 != 56 { message.append(0) }
        for shift in stride(from: 56, through: 0, by: -8) {
            message.append(UInt8(truncatingIfNeeded: (bytes.count * 8) >> shift))
        }
        var words = [UInt32](repeating: 0, count: 64)
        for start in stride(from: 0, to: message.count, by: 64) {
            for index in 0..<16 {
                let at = start + index * 4
                words[index] = (0..<4).reduce(0) { $0 << 8 | UInt32(message[at + $1]) }
            }
            for index in 16..<64 {
                let one = words[index - 15]
                let two = words[index - 2]
                let first = rotate(one, 7) ^ rotate(one, 18) ^ one >> 3
                let second = rotate(two, 17) ^ rotate(two, 19) ^ two >> 10
                words[index] = words[index - 16] &+ first &+ words[index - 7] &+ second
            }
            var (a, b, c, d, e, f, g, h) = (
                state[0], state[1], state[2], state[3], state[4], state[5], state[6], state[7]
            )
            for index in 0..<64 {
                let sum = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)
                let choice = e & f ^ ~e & g
                let first = h &+ sum &+ choice &+ constants[index] &+ words[index]
                let majority = a & b ^ a & c ^ b & c
                let second = (rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) &+ majority
                (h, g, f, e, d, c, b, a) = (g, f, e, d &+ first, c, b, a, first &+ second)
            }
            for (index, value) in [a, b, c, d, e, f, g, h].enumerated() { state[index] &+= value }
        }
        return state.map { word in
            let text = String(word, radix: 16)
            return String(repeating: "0", count: 8 - text.count) + text
        }.joined()
    }

    private static func rotate(_ word: UInt32, _ count: UInt32) -> UInt32 {
        word >> count | word << (32 - count)
    }
}
