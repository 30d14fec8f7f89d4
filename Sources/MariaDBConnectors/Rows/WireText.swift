#if MariaDB
/// A date, a time or a duration as the server would write it.
struct WireText {
    var bytes: [UInt8] = []
    /// Whether a calendar has the date.
    var isPossible = true

    /// Adds a number with at least some digits.
    mutating func add(_ number: Int, digits: Int) {
        let text = String(number)
        for _ in 0..<max(0, digits - text.utf8.count) { bytes.append(0x30) }
        bytes.append(contentsOf: text.utf8)
    }

    /// Adds the first digits of a fraction in microseconds; a column keeps no further ones.
    mutating func add(fraction: Int, digits: Int) {
        guard (1...6).contains(digits) else { return }
        bytes.append(0x2E)
        var divisor = 100_000
        for _ in 0..<digits {
            bytes.append(0x30 + UInt8(fraction / divisor % 10))
            divisor /= 10
        }
    }
}

extension WireReader {
    /// Reads a date as text, whether a calendar has it or not.
    mutating func readDateText() throws(RowDecoder.Failure) -> WireText {
        let parts = try readParts()
        var text = WireText()
        parts.writeDate(to: &text)
        return text
    }

    /// Reads a date and time as text, whether a calendar has it or not.
    mutating func readDateTimeText(digits: Int) throws(RowDecoder.Failure) -> WireText {
        let parts = try readParts()
        var text = WireText()
        parts.writeDate(to: &text)
        for (separator, number) in zip(
            [0x20, 0x3A, 0x3A] as [UInt8],
            [parts.hour, parts.minute, parts.second]
        ) {
            text.bytes.append(separator)
            text.add(number, digits: 2)
        }
        text.add(fraction: parts.microsecond, digits: digits)
        return text
    }

    /// Reads a duration as text: hours of at least two digits, minutes, seconds, and the column's fraction.
    mutating func readTimeText(digits: Int) throws(RowDecoder.Failure) -> WireText {
        let time = try readTime()
        var text = WireText()
        if time < 0 { text.bytes.append(0x2D) }
        let (seconds, fraction) = Int(time.magnitude).quotientAndRemainder(dividingBy: 1_000_000)
        text.add(seconds / 3600, digits: 2)
        text.bytes.append(0x3A)
        text.add(seconds / 60 % 60, digits: 2)
        text.bytes.append(0x3A)
        text.add(seconds % 60, digits: 2)
        text.add(fraction: fraction, digits: digits)
        return text
    }

    private struct Parts {
        var year = 0
        var month = 0
        var day = 0
        var hour = 0
        var minute = 0
        var second = 0
        var microsecond = 0

        func writeDate(to text: inout WireText) {
            text.add(year, digits: 4)
            text.bytes.append(0x2D)
            text.add(month, digits: 2)
            text.bytes.append(0x2D)
            text.add(day, digits: 2)
            text.isPossible = WireReader.isPossible(year: year, month: month, day: day)
        }
    }

    private mutating func readParts() throws(RowDecoder.Failure) -> Parts {
        let length = try readLength()
        guard length == 0 || length == 4 || length == 7 || length == 11 else { throw .malformed }
        var parts = Parts()
        if length >= 4 {
            parts.year = Int(try read(UInt16.self))
            parts.month = Int(try read(UInt8.self))
            parts.day = Int(try read(UInt8.self))
        }
        if length >= 7 {
            parts.hour = Int(try read(UInt8.self))
            parts.minute = Int(try read(UInt8.self))
            parts.second = Int(try read(UInt8.self))
        }
        if length == 11 { parts.microsecond = Int(try read(UInt32.self)) }
        return parts
    }
}
#endif
