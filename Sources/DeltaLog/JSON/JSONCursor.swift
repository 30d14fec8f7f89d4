/// A string within JSON bytes, without its quotes.
struct JSONText {
    var range: Range<Int>
    var hasEscapes: Bool
}

/// Walks over JSON bytes without making values of them.
///
/// Replay meets a hundred thousand actions, of which it keeps a path and a few numbers: the cursor finds those and
/// passes over the rest.
struct JSONCursor {
    let bytes: [UInt8]
    var position: Int
    let end: Int
    private var depth = 0
    private static let maximumDepth = 200

    init(_ bytes: [UInt8], _ range: Range<Int>) {
        self.bytes = bytes
        position = range.lowerBound
        end = range.upperBound
    }

    func failure(_ reason: String) -> ActionFailure {
        ActionFailure(reason: "not JSON at byte \(position): \(reason)")
    }

    mutating func skipBlanks() {
        while position < end {
            let byte = bytes[position]
            guard byte == 0x20 || byte == 0x0D || byte == 0x09 || byte == 0x0A else { return }
            position += 1
        }
    }

    /// The next byte after blanks, or 0 at the end.
    mutating func peek() -> UInt8 {
        skipBlanks()
        return position < end ? bytes[position] : 0
    }

    mutating func expect(_ byte: UInt8, _ reason: String) throws(ActionFailure) {
        guard peek() == byte else { throw failure(reason) }
        position += 1
    }

    /// The next value, which is a string.
    mutating func string() throws(ActionFailure) -> JSONText {
        try expect(UInt8(ascii: "\""), "a string is missing")
        var hasEscapes = false
        let close = JSONBytes.stringEnd(bytes, from: position, to: end, hasEscapes: &hasEscapes)
        guard close >= 0 else { throw failure("a string is not closed, or has a control character") }
        let range = position..<close
        position = close + 1
        return JSONText(range: range, hasEscapes: hasEscapes)
    }

    /// The text of a string.
    func text(_ text: JSONText) throws(ActionFailure) -> String {
        guard text.hasEscapes else { return String(decoding: bytes[text.range], as: UTF8.self) }
        var content: [UInt8] = []
        guard JSONBytes.appendUnescaped(bytes, text.range, to: &content) else {
            throw failure("an unknown escape")
        }
        return String(decoding: content, as: UTF8.self)
    }

    func matches(_ text: JSONText, _ word: StaticString) -> Bool {
        JSONBytes.matches(bytes, text.range, word)
    }

    /// Calls for each member of the next value, an object, with the cursor before the member's value.
    mutating func members(
        _ body: (inout JSONCursor, JSONText) throws(ActionFailure) -> Void
    ) throws(ActionFailure) {
        try expect(UInt8(ascii: "{"), "an object is missing")
        depth += 1
        guard depth <= Self.maximumDepth else { throw failure("nested too deeply") }
        defer { depth -= 1 }
        if peek() == UInt8(ascii: "}") {
            position += 1
            return
        }
        while true {
            let name = try string()
            try expect(UInt8(ascii: ":"), "a member has no value")
            try body(&self, name)
            switch peek() {
            case UInt8(ascii: ","): position += 1
            case UInt8(ascii: "}"):
                position += 1
                return
            default: throw failure("an object is not closed")
            }
        }
    }

    /// Passes over the next value.
    ///
    /// - Returns: Where it stands.
    @discardableResult mutating func skip() throws(ActionFailure) -> Range<Int> {
        let first = peek()
        let start = position
        switch first {
        case UInt8(ascii: "\""): _ = try string()
        case UInt8(ascii: "{"): try members { cursor, _ throws(ActionFailure) in try cursor.skip() }
        case UInt8(ascii: "["): try elements { cursor throws(ActionFailure) in try cursor.skip() }
        case UInt8(ascii: "t"): try literal("true")
        case UInt8(ascii: "f"): try literal("false")
        case UInt8(ascii: "n"): try literal("null")
        default: try number()
        }
        return start..<position
    }

    mutating func elements(_ body: (inout JSONCursor) throws(ActionFailure) -> Void) throws(ActionFailure) {
        try expect(UInt8(ascii: "["), "an array is missing")
        depth += 1
        guard depth <= Self.maximumDepth else { throw failure("nested too deeply") }
        defer { depth -= 1 }
        if peek() == UInt8(ascii: "]") {
            position += 1
            return
        }
        while true {
            try body(&self)
            switch peek() {
            case UInt8(ascii: ","): position += 1
            case UInt8(ascii: "]"):
                position += 1
                return
            default: throw failure("an array is not closed")
            }
        }
    }

    private mutating func literal(_ word: StaticString) throws(ActionFailure) {
        let range = position..<min(position + word.utf8CodeUnitCount, end)
        guard JSONBytes.matches(bytes, range, word) else { throw failure("not a value") }
        position = range.upperBound
    }

    private mutating func number() throws(ActionFailure) {
        let start = position
        while position < end {
            switch bytes[position] {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "+"),
                UInt8(ascii: "."),
                UInt8(ascii: "e"), UInt8(ascii: "E"):
                position += 1
                continue
            default: break
            }
            break
        }
        guard position > start else { throw failure("not a value") }
    }

    /// The next value as an integer; nil for null and anything else.
    mutating func integer() throws(ActionFailure) -> Int64? {
        _ = peek()
        let start = position
        var isNegative = false
        var value: Int64 = 0
        var digits = 0
        if position < end, bytes[position] == UInt8(ascii: "-") {
            isNegative = true
            position += 1
        }
        while position < end, digits < 18 {
            let digit = bytes[position] &- 0x30
            guard digit <= 9 else { break }
            value = value * 10 + Int64(digit)
            digits += 1
            position += 1
        }
        if digits > 0, position >= end || !Self.continuesNumber(bytes[position]) {
            return isNegative ? -value : value
        }
        position = start
        let range = try skip()
        return Int64(String(decoding: bytes[range], as: UTF8.self))
    }

    private static func continuesNumber(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E"),
            UInt8(ascii: "+"), UInt8(ascii: "-"):
            true
        default: false
        }
    }

    /// The next value as a boolean; nil for null and anything else.
    mutating func boolean() throws(ActionFailure) -> Bool? {
        let first = peek()
        try skip()
        return first == UInt8(ascii: "t") ? true : first == UInt8(ascii: "f") ? false : nil
    }

    /// The next value as a string; nil for null and anything else.
    mutating func optionalString() throws(ActionFailure) -> JSONText? {
        if peek() == UInt8(ascii: "\"") { return try string() }
        try skip()
        return nil
    }

    /// The next value as a tree, for what is rare.
    mutating func tree() throws(ActionFailure) -> JSONValue {
        let range = try skip()
        do {
            return try JSONParser.parse(bytes[range])
        } catch {
            throw ActionFailure(reason: "not JSON at byte \(error.position): \(error.reason)")
        }
    }

    /// The next value as an object of texts; null for values that are missing.
    mutating func texts() throws(ActionFailure) -> [String: String?] {
        guard peek() == UInt8(ascii: "{") else {
            try skip()
            return [:]
        }
        var values: [String: String?] = [:]
        try members { cursor, name throws(ActionFailure) in
            let key = try cursor.text(name)
            if let value = try cursor.optionalString() {
                values.updateValue(try cursor.text(value), forKey: key)
            } else {
                values.updateValue(nil, forKey: key)
            }
        }
        return values
    }
}
