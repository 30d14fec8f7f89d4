public import ColumnBatches

/// Dates and instants as text, in the proleptic Gregorian calendar, without a calendar library.
public enum CalendarText {
    /// Days since 1970-01-01 as `yyyy-MM-dd`; years of at least four digits, a minus sign before negative ones.
    public static func date(_ days: Int64) -> String {
        let (year, month, day) = civil(days)
        return "\(pad(year, 4))-\(pad(month, 2))-\(pad(day, 2))"
    }

    /// Microseconds since 1970-01-01T00:00:00 as `yyyy-MM-ddTHH:mm:ss` with some digits after the second.
    public static func instant(_ microseconds: Int64, digits: Int = 6, separator: String = "T") -> String {
        let day = floorDivide(microseconds, 86_400_000_000)
        let remainder = microseconds % 86_400_000_000
        let rest = remainder < 0 ? remainder + 86_400_000_000 : remainder
        let seconds = rest / 1_000_000
        var text = date(day) + separator
        text += "\(pad(seconds / 3600, 2)):\(pad(seconds / 60 % 60, 2)):\(pad(seconds % 60, 2))"
        guard digits > 0 else { return text }
        return text + "." + String(pad(rest % 1_000_000, 6).prefix(digits))
    }

    /// A time of day as `HH:mm:ss.ffffff`, with nine digits where it counts billionths.
    public static func time(_ time: Int64, _ unit: TimeUnit) -> String {
        let scale: Int64 = unit == .nanoseconds ? 1_000_000_000 : 1_000_000
        let seconds = time / scale
        return "\(pad(seconds / 3600, 2)):\(pad(seconds / 60 % 60, 2)):\(pad(seconds % 60, 2))."
            + pad(time % scale, unit == .nanoseconds ? 9 : 6)
    }

    /// The days of a text `yyyy-MM-dd`, or nil.
    public static func days(_ text: some StringProtocol) -> Int64? {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0].utf8.count == 4, let year = number(parts[0]),
            let month = number(parts[1]),
            let day = number(parts[2]), (1...12).contains(month), (1...31).contains(day)
        else { return nil }
        return days(year: year, month: month, day: day)
    }

    /// The microseconds of a text such as `2024-05-06T07:08:09.123Z` or `2024-05-06 07:08:09`, or nil.
    ///
    /// A `Z` at the end is allowed; other zones are not.
    public static func microseconds(_ text: some StringProtocol) -> Int64? {
        var text = Substring(text)
        if text.hasSuffix("Z") { text = text.dropLast() }
        guard let separator = text.firstIndex(where: { $0 == "T" || $0 == " " }) else {
            return days(text).flatMap { scaled($0, by: 86_400_000_000) }
        }
        guard let day = days(text[..<separator]) else { return nil }
        let parts = text[text.index(after: separator)...].split(
            separator: ":",
            omittingEmptySubsequences: false
        )
        guard parts.count == 3, let hour = number(parts[0]), let minute = number(parts[1]) else { return nil }
        let seconds = parts[2].split(separator: ".", omittingEmptySubsequences: false)
        guard seconds.count <= 2, let second = number(seconds[0]), hour < 24, minute < 60, second < 61 else {
            return nil
        }
        var fraction: Int64 = 0
        if seconds.count == 2 {
            let digits = seconds[1].prefix(6)
            guard let value = number(digits), number(seconds[1]) != nil else { return nil }
            fraction = value
            for _ in digits.utf8.count..<6 { fraction *= 10 }
        }
        guard let base = scaled(day, by: 86_400_000_000) else { return nil }
        let (sum, overflow) = base.addingReportingOverflow(
            ((hour * 60 + minute) * 60 + second) * 1_000_000 + fraction
        )
        return overflow ? nil : sum
    }

    private static func scaled(_ value: Int64, by factor: Int64) -> Int64? {
        let (product, overflow) = value.multipliedReportingOverflow(by: factor)
        return overflow ? nil : product
    }

    private static func number(_ text: some StringProtocol) -> Int64? {
        guard !text.isEmpty, text.utf8.count <= 18, text.utf8.allSatisfy({ (48...57).contains($0) }) else {
            return nil
        }
        return Int64(text)
    }

    /// Days from civil, after the algorithm with eras of 400 years that begin in March.
    private static func days(year: Int64, month: Int64, day: Int64) -> Int64 {
        let shifted = month <= 2 ? year - 1 : year
        let era = floorDivide(shifted, 400)
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }

    private static func civil(_ days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let shifted = days + 719_468
        let era = floorDivide(shifted, 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let month = (5 * dayOfYear + 2) / 153
        let civilMonth = month < 10 ? month + 3 : month - 9
        return (
            yearOfEra + era * 400 + (civilMonth <= 2 ? 1 : 0), civilMonth,
            dayOfYear - (153 * month + 2) / 5 + 1
        )
    }

    private static func floorDivide(_ value: Int64, _ divisor: Int64) -> Int64 {
        let quotient = value / divisor
        return value % divisor < 0 ? quotient - 1 : quotient
    }

    private static func pad(_ value: Int64, _ width: Int) -> String {
        let digits = String(value.magnitude)
        let zeros = String(repeating: "0", count: max(0, width - digits.utf8.count))
        return (value < 0 ? "-" : "") + zeros + digits
    }
}
