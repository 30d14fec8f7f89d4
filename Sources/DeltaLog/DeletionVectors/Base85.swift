/// The text form of bytes in the log: Z85 (ZeroMQ RFC 32), five characters for four bytes.
package enum Base85 {
    private static let alphabet = Array(
        "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#".utf8
    )
    private static let values: [UInt8] = {
        var values = [UInt8](repeating: 255, count: 256)
        for (value, character) in alphabet.enumerated() { values[Int(character)] = UInt8(value) }
        return values
    }()

    /// The bytes of a text, or nil when it is none.
    ///
    /// Some writers mark bytes that the last group lacks by as many `#` in front of it, which no whole group can have.
    package static func decode(_ text: some Collection<UInt8>) -> [UInt8]? {
        var bytes: [UInt8] = []
        var word: UInt64 = 0
        var count = 0
        var missing = 0
        for character in text {
            let value = values[Int(character)]
            guard value < 85, missing == 0 || count > 0 else { return nil }
            if count == missing && missing < 3 && character == UInt8(ascii: "#") {
                missing += 1
            } else {
                word = word * 85 + UInt64(value)
            }
            count += 1
            guard count == 5 else { continue }
            guard let whole = UInt32(exactly: word) else { return nil }
            for shift in stride(from: UInt32(24), through: 0, by: -8).dropFirst(missing) {
                bytes.append(UInt8(truncatingIfNeeded: whole >> shift))
            }
            word = 0
            count = 0
        }
        return count == 0 ? bytes : nil
    }

    /// The text of bytes, which are filled up with zeros to a multiple of four.
    package static func encode(_ bytes: [UInt8]) -> String {
        var text: [UInt8] = []
        var position = 0
        while position < bytes.count {
            var word: UInt32 = 0
            for offset in 0..<4 {
                word = word << 8 | (position + offset < bytes.count ? UInt32(bytes[position + offset]) : 0)
            }
            var digits: [UInt8] = []
            for _ in 0..<5 {
                digits.append(alphabet[Int(word % 85)])
                word /= 85
            }
            text += digits.reversed()
            position += 4
        }
        return String(decoding: text, as: UTF8.self)
    }
}
