public import ColumnBatches

/// Partition values as the log writes them, and back; the protocol's section on partition value serialisation.
public enum PartitionValueText {
    /// The text of a value, or nil for a missing one and for the empty string.
    public static func text(_ value: ColumnValue) -> String? {
        switch value {
        case .null, .string(""), .list, .structure, .map, .time: nil
        case .boolean(let bit): bit ? "true" : "false"
        case .integer(let number): String(number)
        case .unsigned(let number): String(number)
        case .decimal(let unscaled, let scale): decimal(unscaled, scale: scale)
        case .float(let number): "\(number)"
        case .double(let number): "\(number)"
        case .date(let days): CalendarText.date(Int64(days))
        case .timestamp(let microseconds): CalendarText.instant(microseconds) + "Z"
        case .timestampNTZ(let microseconds): CalendarText.instant(microseconds, separator: " ")
        case .string(let text): text
        case .binary(let bytes): String(validating: bytes, as: UTF8.self)
        }
    }

    /// The value of a text under a column's type, or nil when it is none; a missing or empty text is null.
    public static func value(_ text: String?, type: ColumnType) -> ColumnValue? {
        guard let text, !text.isEmpty else { return .null }
        switch type {
        case .boolean: return ["true": true, "false": false][text].map { .boolean($0) }
        case .int8: return Int8(text).map { .integer(Int64($0)) }
        case .int16: return Int16(text).map { .integer(Int64($0)) }
        case .int32: return Int32(text).map { .integer(Int64($0)) }
        case .int64: return Int64(text).map { .integer($0) }
        case .float: return Float(special(text)).map { .float($0) }
        case .double: return Double(special(text)).map { .double($0) }
        case .decimal(let precision, let scale):
            return unscaled(text, precision: precision, scale: scale).map { .decimal($0, scale: scale) }
        case .date: return CalendarText.days(text).flatMap { Int32(exactly: $0) }.map { .date($0) }
        case .timestamp: return CalendarText.microseconds(text).map { .timestamp($0) }
        case .timestampNTZ: return CalendarText.microseconds(text).map { .timestampNTZ($0) }
        case .string: return .string(text)
        case .binary: return .binary(Array(text.utf8))
        case .uint64, .time, .list, .structure, .map: return nil
        }
    }

    /// A decimal with exactly its scale: `-0.50`.
    public static func decimal(_ unscaled: Int128, scale: Int) -> String {
        var digits = String(unscaled.magnitude)
        if scale > 0 {
            if digits.utf8.count <= scale {
                digits = String(repeating: "0", count: scale + 1 - digits.utf8.count) + digits
            }
            digits.insert(".", at: digits.index(digits.endIndex, offsetBy: -scale))
        }
        return (unscaled < 0 ? "-" : "") + digits
    }

    private static func unscaled(_ text: String, precision: Int, scale: Int) -> Int128? {
        let isNegative = text.hasPrefix("-")
        let parts = (isNegative ? text.dropFirst() : text[...]).split(
            separator: ".",
            omittingEmptySubsequences: false
        )
        guard (1...2).contains(parts.count),
            parts.allSatisfy({ $0.utf8.allSatisfy { (48...57).contains($0) } })
        else {
            return nil
        }
        let fraction = parts.count == 2 ? parts[1] : ""
        guard fraction.utf8.count <= scale, parts[0].utf8.count + scale <= 38 else { return nil }
        let padding = String(repeating: "0", count: scale - fraction.utf8.count)
        guard let magnitude = Int128(String(parts[0]) + String(fraction) + padding) else { return nil }
        return isNegative ? -magnitude : magnitude
    }

    private static func special(_ text: String) -> String {
        ["Infinity": "inf", "-Infinity": "-inf", "NaN": "nan"][text] ?? text
    }
}
