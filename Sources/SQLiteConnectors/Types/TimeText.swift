#if SQLite
import ColumnBatches

/// A date, with or without a time of day, as SQLite's own functions write it.
///
/// `YYYY-MM-DD`, then perhaps ` HH:MM` or `THH:MM`, `:SS`, `.SSSSSS`, and `Z` or a distance from UTC.
struct TimeText: Sendable, Hashable {
    /// What a text is.
    enum Reading: Sendable, Hashable {
        /// A point in time.
        case time(TimeText)
        /// Of the right form, but no calendar or clock has it.
        case impossible
        /// Something else, or more digits than microseconds have.
        case other
    }

    /// Microseconds since 1970-01-01T00:00:00, by the clock that the text shows.
    var microseconds: Int64
    /// How far that clock is ahead of UTC, in microseconds; nil where the text does not say.
    var offset: Int64?
    /// Whether there is a time of day.
    var hasClock: Bool

    /// Reads a text.
    static func read(_ bytes: Span<UInt8>) -> Reading {
        var scanner = Scanner()
        guard let year = scanner.number(4, bytes), scanner.skip("-", bytes),
            let month = scanner.number(2, bytes), scanner.skip("-", bytes),
            let day = scanner.number(2, bytes)
        else { return .other }
        var (hour, minute, second, fraction) = (0, 0, 0, 0)
        var offset: Int64?
        let hasClock = scanner.skip(" ", bytes) || scanner.skip("T", bytes)
        if hasClock {
            guard let hours = scanner.number(2, bytes), scanner.skip(":", bytes),
                let minutes = scanner.number(2, bytes)
            else {
                return .other
            }
            (hour, minute) = (hours, minutes)
            if scanner.skip(":", bytes) {
                guard let seconds = scanner.number(2, bytes) else { return .other }
                second = seconds
                if scanner.skip(".", bytes) {
                    guard let micros = scanner.fraction(bytes) else { return .other }
                    fraction = micros
                }
            }
            while scanner.skip(" ", bytes) {}
            if scanner.skip("Z", bytes) || scanner.skip("z", bytes) {
                offset = 0
            } else if let sign = scanner.skip("+", bytes) ? 1 : scanner.skip("-", bytes) ? -1 : nil {
                guard let hours = scanner.number(2, bytes), scanner.skip(":", bytes),
                    let minutes = scanner.number(2, bytes),
                    hours <= 14, minutes < 60
                else { return .other }
                offset = Int64(sign * (hours * 3600 + minutes * 60)) * 1_000_000
            }
        }
        guard scanner.position == bytes.count else { return .other }
        guard year >= 1, let date = CivilDate(year: year, month: month, day: day), hour < 24, minute < 60,
            second < 60
        else { return .impossible }
        let seconds = Int64(date.daysSince1970) * 86_400 + Int64(hour * 3600 + minute * 60 + second)
        return .time(
            TimeText(microseconds: seconds * 1_000_000 + Int64(fraction), offset: offset, hasClock: hasClock)
        )
    }

    /// The day of a time as SQLite writes it, clamped to the years 0 to 9999.
    static func day(of microseconds: Int64) -> String {
        let day = Int(microseconds / 86_400_000_000) - (microseconds % 86_400_000_000 < 0 ? 1 : 0)
        let date = CivilDate(daysSince1970: min(max(day, -719_528), 2_932_896))
        func padded(_ number: Int, _ width: Int) -> String {
            let digits = String(number)
            return String(repeating: "0", count: max(0, width - digits.count)) + digits
        }
        return "\(padded(date.year, 4))-\(padded(date.month, 2))-\(padded(date.day, 2))"
    }
}

/// Reads bytes from left to right.
private struct Scanner {
    private(set) var position = 0

    private func digit(_ bytes: Span<UInt8>) -> Int? {
        guard position < bytes.count, (0x30...0x39).contains(bytes[position]) else { return nil }
        return Int(bytes[position] - 0x30)
    }

    mutating func skip(_ character: Unicode.Scalar, _ bytes: Span<UInt8>) -> Bool {
        guard position < bytes.count, UInt32(bytes[position]) == character.value else { return false }
        position += 1
        return true
    }

    /// A number of exactly so many digits.
    mutating func number(_ digits: Int, _ bytes: Span<UInt8>) -> Int? {
        var number = 0
        for _ in 0..<digits {
            guard let digit = digit(bytes) else { return nil }
            number = number * 10 + digit
            position += 1
        }
        return number
    }

    /// The digits after a point as microseconds; nil without any, and where they are finer than that.
    mutating func fraction(_ bytes: Span<UInt8>) -> Int? {
        var (number, count) = (0, 0)
        while let digit = digit(bytes) {
            if count < 6 { number = number * 10 + digit } else if digit != 0 { return nil }
            count += 1
            position += 1
        }
        guard count > 0 else { return nil }
        for _ in min(count, 6)..<6 { number *= 10 }
        return number
    }
}
#endif
