/// Cuts the text of an expression into words.
struct SQLLexer {
    enum Token: Hashable {
        case word(String)
        case quotedName(String)
        case number(String)
        case string(String)
        case symbol(String)
    }

    /// The words; nil where the text holds something else.
    static func tokens(_ text: String) -> [Token]? {
        var lexer = SQLLexer(bytes: Array(text.utf8), position: 0)
        var tokens: [Token] = []
        while lexer.skipBlanks() {
            guard tokens.count < 4096, let token = lexer.next() else { return nil }
            tokens.append(token)
        }
        return tokens
    }

    private let bytes: [UInt8]
    private var position: Int

    private mutating func skipBlanks() -> Bool {
        while position < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[position]) { position += 1 }
        return position < bytes.count
    }

    private mutating func next() -> Token? {
        let byte = bytes[position]
        switch byte {
        case UInt8(ascii: "'"), UInt8(ascii: "\""): return quoted(byte).map { .string($0) }
        case UInt8(ascii: "`"): return quotedName()
        case 0x30...0x39: return number()
        case UInt8(ascii: ".") where position + 1 < bytes.count && Self.isDigit(bytes[position + 1]):
            return number()
        case _ where Self.isLetter(byte): return word()
        default: return symbol()
        }
    }

    private mutating func take(while accepts: (UInt8) -> Bool) -> String {
        let start = position
        while position < bytes.count, accepts(bytes[position]) { position += 1 }
        return String(decoding: bytes[start..<position], as: UTF8.self)
    }

    private mutating func word() -> Token { .word(take { Self.isLetter($0) || Self.isDigit($0) }) }

    private mutating func number() -> Token? {
        var text = take { Self.isDigit($0) || $0 == UInt8(ascii: ".") }
        if position < bytes.count, bytes[position] | 0x20 == UInt8(ascii: "e") {
            position += 1
            let sign = take { $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "+") }
            let digits = take { Self.isDigit($0) }
            guard sign.utf8.count <= 1, !digits.isEmpty else { return nil }
            text += "e" + sign + digits
        }
        // Suffixes of types, such as `5L`, are not read.
        if position < bytes.count, Self.isLetter(bytes[position]) { return nil }
        return text.utf8.count(where: { $0 == UInt8(ascii: ".") }) <= 1 ? .number(text) : nil
    }

    /// A text in quotes; a backslash takes what follows as it is, and two quotes are one.
    private mutating func quoted(_ quote: UInt8) -> String? {
        var text: [UInt8] = []
        position += 1
        while position < bytes.count {
            let byte = bytes[position]
            position += 1
            if byte == quote {
                guard position < bytes.count, bytes[position] == quote else {
                    return String(decoding: text, as: UTF8.self)
                }
                position += 1
            } else if byte == UInt8(ascii: "\\") {
                guard position < bytes.count,
                    ![UInt8(ascii: "%"), UInt8(ascii: "_")].contains(bytes[position])
                else {
                    return nil
                }
                let plain: [UInt8: UInt8] = [
                    UInt8(ascii: "n"): 0x0A, UInt8(ascii: "t"): 0x09, UInt8(ascii: "r"): 0x0D,
                ]
                guard plain[bytes[position]] != nil || !Self.isLetter(bytes[position]) else { return nil }
                text.append(plain[bytes[position]] ?? bytes[position])
                position += 1
                continue
            }
            text.append(byte)
        }
        return nil
    }

    private mutating func quotedName() -> Token? {
        var name: [UInt8] = []
        position += 1
        while position < bytes.count {
            let byte = bytes[position]
            position += 1
            if byte == UInt8(ascii: "`") {
                guard position < bytes.count, bytes[position] == byte else {
                    return .quotedName(String(decoding: name, as: UTF8.self))
                }
                position += 1
            }
            name.append(byte)
        }
        return nil
    }

    private mutating func symbol() -> Token? {
        for symbol in [
            "<=>", "<=", ">=", "<>", "!=", "==", "<", ">", "=", "(", ")", ",", ".", "+", "-", "*", "%", "!",
        ]
        where bytes[position...].starts(with: symbol.utf8) {
            position += symbol.utf8.count
            return .symbol(symbol)
        }
        return nil
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte) || byte == 0x5F || byte >= 0x80
    }
}
