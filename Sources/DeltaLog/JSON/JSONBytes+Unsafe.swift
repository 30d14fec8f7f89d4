#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// The loops over bytes of JSON text that are worth their speed.
///
/// Each works on the storage of an array within the bounds that its caller gives, which are checked first; nothing
/// outlives the call.
enum JSONBytes {
    /// The position of the first line feed from a position on, or the end.
    static func lineEnd(_ bytes: [UInt8], from start: Int) -> Int {
        guard start < bytes.count else { return bytes.count }
        return unsafe bytes.withUnsafeBufferPointer { buffer in
            // memchr looks at no byte past the count, which ends with the array.
            guard let base = buffer.baseAddress,
                let found = unsafe memchr(base + start, 0x0A, buffer.count - start)
            else { return buffer.count }
            return unsafe UnsafePointer(found.assumingMemoryBound(to: UInt8.self)) - base
        }
    }

    /// Where a string ends that begins after its opening quote: the position of the closing quote, or -1 when there is
    /// none before `end` or a control character comes first.
    static func stringEnd(_ bytes: [UInt8], from start: Int, to end: Int, hasEscapes: inout Bool) -> Int {
        precondition(start >= 0 && end <= bytes.count)
        var escapes = false
        let result = unsafe bytes.withUnsafeBufferPointer { buffer in
            var position = start
            while position < end {
                let byte = unsafe buffer[position]
                if byte == 0x22 { return position }
                if byte == 0x5C {
                    escapes = true
                    position += 2
                    continue
                }
                if byte < 0x20 { return -1 }
                position += 1
            }
            return -1
        }
        hasEscapes = escapes
        return result
    }

    /// Whether a range of bytes is a word.
    static func matches(_ bytes: [UInt8], _ range: Range<Int>, _ word: StaticString) -> Bool {
        guard range.count == word.utf8CodeUnitCount, range.lowerBound >= 0, range.upperBound <= bytes.count
        else { return false }
        return unsafe bytes.withUnsafeBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return range.isEmpty }
            return unsafe memcmp(base + range.lowerBound, word.utf8Start, range.count) == 0
        }
    }

    /// Adds the content of a string to some bytes, its escapes resolved.
    ///
    /// - Returns: Whether every escape was one; half a surrogate pair becomes U+FFFD.
    static func appendUnescaped(_ bytes: [UInt8], _ range: Range<Int>, to target: inout [UInt8]) -> Bool {
        precondition(range.lowerBound >= 0 && range.upperBound <= bytes.count)
        // An escape is never shorter than what it stands for, so the range's length is room enough.
        let start = target.count
        var isValid = true
        target.append(contentsOf: repeatElement(0, count: range.count))
        let written = unsafe target.withUnsafeMutableBufferPointer { output in
            unsafe bytes.withUnsafeBufferPointer { input in
                var from = range.lowerBound
                var to = start
                let end = range.upperBound
                while from < end {
                    let byte = unsafe input[from]
                    if byte != 0x5C {
                        unsafe output[to] = byte
                        from += 1
                        to += 1
                        continue
                    }
                    guard from + 1 < end else {
                        isValid = false
                        break
                    }
                    let simple = simpleEscape(unsafe input[from + 1])
                    if simple != 0 {
                        unsafe output[to] = simple
                        from += 2
                        to += 1
                        continue
                    }
                    guard let (scalar, length) = unsafe unicodeEscape(input, from, end) else {
                        isValid = false
                        break
                    }
                    from += length
                    for unit in UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter {
                        unsafe output[to] = unit
                        to += 1
                    }
                }
                return to
            }
        }
        target.removeLast(target.count - written)
        return isValid
    }

    private static func simpleEscape(_ byte: UInt8) -> UInt8 {
        switch byte {
        case 0x22, 0x5C, 0x2F: byte
        case 0x62: 0x08
        case 0x66: 0x0C
        case 0x6E: 0x0A
        case 0x72: 0x0D
        case 0x74: 0x09
        default: 0
        }
    }

    private static func unicodeEscape(_ input: UnsafeBufferPointer<UInt8>, _ from: Int, _ end: Int)
        -> (Unicode.Scalar, Int)?
    {
        guard let first = unsafe unit(input, from, end) else { return nil }
        if let scalar = Unicode.Scalar(UInt32(first)) { return (scalar, 6) }
        if first < 0xDC00, let second = unsafe unit(input, from + 6, end), (0xDC00..<0xE000).contains(second),
            let scalar = Unicode.Scalar(0x10000 + (UInt32(first) - 0xD800) << 10 + (UInt32(second) - 0xDC00))
        {
            return (scalar, 12)
        }
        return ("\u{FFFD}", 6)
    }

    private static func unit(_ input: UnsafeBufferPointer<UInt8>, _ from: Int, _ end: Int) -> UInt16? {
        guard from + 6 <= end, unsafe input[from] == 0x5C, unsafe input[from + 1] == 0x75 else { return nil }
        var value: UInt16 = 0
        for position in (from + 2)..<(from + 6) {
            let byte = unsafe input[position]
            let digit: UInt8
            switch byte {
            case 0x30...0x39: digit = byte - 0x30
            case 0x41...0x46: digit = byte - 0x41 + 10
            case 0x61...0x66: digit = byte - 0x61 + 10
            default: return nil
            }
            value = value << 4 | UInt16(digit)
        }
        return value
    }
}
