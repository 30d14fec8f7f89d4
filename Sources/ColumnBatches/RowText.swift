/// The text of a row by which two systems compare it without exchanging its values.
///
/// Columns are separated by the byte 31; a missing value is the byte 30. Booleans are `0` and `1`, whole numbers and
/// decimals are plain digits with exactly the column's scale, dates are `yyyy-MM-dd`, instants and wall clocks
/// `yyyy-MM-dd HH:mm:ss.ffffff`, and texts and bytes stand as they are. A float is the shortest text that reads back
/// to the same double, as SQL servers print it. A system that can build the same text can check rows by a checksum.
public struct RowText: Sendable {
    /// The bytes of the row.
    public private(set) var bytes: [UInt8] = []

    /// Makes an empty text.
    public init() {}

    /// Replaces the text by that of a row.
    ///
    /// - Precondition: no column is nested.
    public mutating func set(_ columns: [Column], row: Int) {
        bytes.removeAll(keepingCapacity: true)
        for (position, column) in columns.enumerated() {
            if position > 0 { bytes.append(31) }
            append(column, row)
        }
    }

    private mutating func append(_ column: Column, _ row: Int) {
        guard !column.isNull(row) else { return bytes.append(30) }
        switch (column.storage, column.type) {
        case (.boolean(let values), _): bytes.append(values[row] ? 49 : 48)
        case (.int32(let values), .date): appendDate(Int(values[row]))
        case (.int32(let values), _): appendInteger(Int64(values[row]))
        case (.int64(let values), .timestamp), (.int64(let values), .timestampNTZ): appendTime(values[row])
        case (.int64(let values), .decimal(_, let scale)):
            appendDecimal(values[row].magnitude, isNegative: values[row] < 0, scale: scale)
        case (.int64(let values), .uint64): appendDigits(UInt64(bitPattern: values[row]))
        case (.int64(let values), _): appendInteger(values[row])
        case (.int128(let values), .decimal(_, let scale)):
            appendDecimal(values[row].magnitude, isNegative: values[row] < 0, scale: scale)
        case (.int128(let values), _):
            appendDecimal(values[row].magnitude, isNegative: values[row] < 0, scale: 0)
        case (.float(let values), _): appendReal(Double(values[row]))
        case (.double(let values), _): appendReal(values[row])
        case (.bytes(let values), _): bytes.append(contentsOf: values[row])
        case (.dictionary(let values), _): bytes.append(contentsOf: values[row])
        case (.list, _), (.structure, _), (.map, _): preconditionFailure("a \(column.type) has no text")
        }
    }

    private mutating func appendInteger(_ number: Int64) {
        if number < 0 { bytes.append(45) }
        appendDigits(number.magnitude)
    }

    /// The digits of a number, at least `width` of them.
    private mutating func appendDigits<Number: FixedWidthInteger & UnsignedInteger>(
        _ number: Number,
        width: Int = 1
    ) {
        let start = bytes.count
        var rest = number
        var left = width
        while rest > 0 || left > 0 {
            let (quotient, digit) = rest.quotientAndRemainder(dividingBy: 10)
            bytes.append(48 + UInt8(truncatingIfNeeded: digit))
            rest = quotient
            left -= 1
        }
        bytes[start...].reverse()
    }

    private mutating func appendDecimal<Number: FixedWidthInteger & UnsignedInteger>(
        _ magnitude: Number,
        isNegative: Bool,
        scale: Int
    ) {
        if isNegative { bytes.append(45) }
        appendDigits(magnitude, width: scale + 1)
        guard scale > 0 else { return }
        bytes.insert(46, at: bytes.count - scale)
    }

    private mutating func appendDate(_ days: Int) {
        let date = CivilDate(daysSince1970: days)
        if date.year < 0 { bytes.append(45) }
        appendDigits(date.year.magnitude, width: 4)
        bytes.append(45)
        appendDigits(date.month.magnitude, width: 2)
        bytes.append(45)
        appendDigits(date.day.magnitude, width: 2)
    }

    private mutating func appendTime(_ microseconds: Int64) {
        let perDay: Int64 = 86_400_000_000
        var (days, rest) = microseconds.quotientAndRemainder(dividingBy: perDay)
        if rest < 0 {
            days -= 1
            rest += perDay
        }
        appendDate(Int(days))
        bytes.append(32)
        let seconds = UInt64(rest) / 1_000_000
        appendDigits(seconds / 3600, width: 2)
        bytes.append(58)
        appendDigits(seconds / 60 % 60, width: 2)
        bytes.append(58)
        appendDigits(seconds % 60, width: 2)
        bytes.append(46)
        appendDigits(UInt64(rest) % 1_000_000, width: 6)
    }

    /// The digits of the shortest text, laid out as MariaDB does: in full with at most 15 digits before the point, or
    /// more where some follow it, or at most 14 zeros after it; else with an exponent.
    private mutating func appendReal(_ number: Double) {
        guard number.isFinite else { return bytes.append(contentsOf: "\(number)".utf8) }
        if number == 0 { return bytes.append(contentsOf: (number.sign == .minus ? "-0" : "0").utf8) }
        var digits: [UInt8] = []
        var exponent = 0  // of ten, by which the digits with a point before them are to be multiplied
        var fraction = false
        var written = 0
        let text = Array(number.magnitude.description.utf8)
        for (index, byte) in text.enumerated() {
            if byte == 46 {
                fraction = true
            } else if byte == 101 {
                written = Int(String(decoding: text[(index + 1)...], as: UTF8.self)) ?? 0
                break
            } else {
                digits.append(byte)
                if !fraction { exponent += 1 }
            }
        }
        exponent += written
        while digits.first == 48 {
            digits.removeFirst()
            exponent -= 1
        }
        while digits.last == 48 { digits.removeLast() }
        if number < 0 { bytes.append(45) }
        appendReal(digits, exponent)
    }

    private mutating func appendReal(_ digits: [UInt8], _ exponent: Int) {
        if exponent > 0 && (exponent <= 15 || digits.count > exponent) {
            for index in 0..<max(exponent, digits.count) {
                if index == exponent { bytes.append(46) }
                bytes.append(index < digits.count ? digits[index] : 48)
            }
        } else if exponent <= 0 && exponent > -15 {
            bytes.append(contentsOf: [48, 46])
            for _ in 0..<(-exponent) { bytes.append(48) }
            bytes += digits
        } else {
            bytes.append(digits[0])
            if digits.count > 1 {
                bytes.append(46)
                bytes += digits.dropFirst()
            }
            bytes.append(101)
            appendInteger(Int64(exponent - 1))
        }
    }
}
