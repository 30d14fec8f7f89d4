#if MariaDB
/// Parses the text of a decimal into its unscaled value.
///
/// All functions read `length` bytes, which the caller has checked to be there, and no more.
enum DecimalText {
    /// Parses a decimal into 64 bits; nil when it does not fit, has further digits or is no decimal.
    @inline(__always)
    static func parse64(_ text: UnsafeRawPointer, _ length: Int, scale: Int) -> Int64? {
        // 18 digits, a point and a sign cannot overflow the sum.
        guard length <= 20 else {
            return unsafe parse128(text, length, scale: scale).flatMap { Int64(exactly: $0) }
        }
        var index = 0
        var isNegative = false
        if length > 0, unsafe text.load(as: UInt8.self) == 0x2D {
            isNegative = true
            index = 1
        }
        var value: UInt64 = 0
        var point = -1
        var digits = 0
        while index < length {
            let byte = unsafe text.load(fromByteOffset: index, as: UInt8.self)
            let digit = byte &- 0x30
            if digit < 10 {
                value = value &* 10 &+ UInt64(digit)
                digits &+= 1
            } else if byte == 0x2E && point < 0 {
                point = digits
            } else {
                return nil
            }
            index &+= 1
        }
        var missing = scale &- (point < 0 ? 0 : digits &- point)
        guard digits > 0 && digits <= 18 && missing >= 0 else {
            return unsafe parse128(text, length, scale: scale).flatMap { Int64(exactly: $0) }
        }
        while missing > 0 {
            let (product, overflow) = value.multipliedReportingOverflow(by: 10)
            if overflow { return nil }
            value = product
            missing &-= 1
        }
        guard let magnitude = Int64(exactly: value) else { return nil }
        return isNegative ? 0 &- magnitude : magnitude
    }

    /// Parses a decimal into 128 bits; nil when it does not fit, has further digits or is no decimal.
    @inline(never)
    static func parse128(_ text: UnsafeRawPointer, _ length: Int, scale: Int) -> Int128? {
        var index = 0
        var isNegative = false
        if length > 0, unsafe text.load(as: UInt8.self) == 0x2D {
            isNegative = true
            index = 1
        }
        var value: Int128 = 0
        var digits = 0
        var fraction: Int?
        while index < length {
            let byte = unsafe text.load(fromByteOffset: index, as: UInt8.self)
            let digit = byte &- 0x30
            index += 1
            if byte == 0x2E && fraction == nil {
                fraction = 0
                continue
            }
            guard digit < 10 else { return nil }
            digits += 1
            if let count = fraction {
                if count == scale {
                    // A digit past the scale would be lost, unless it is a zero.
                    if digit == 0 { continue }
                    return nil
                }
                fraction = count + 1
            }
            guard let sum = Self.shift(value, Int128(digit)) else { return nil }
            value = sum
        }
        guard digits > 0 else { return nil }
        for _ in (fraction ?? 0)..<max(scale, fraction ?? 0) {
            guard let sum = Self.shift(value, 0) else { return nil }
            value = sum
        }
        return isNegative ? -value : value
    }

    private static func shift(_ value: Int128, _ digit: Int128) -> Int128? {
        let (product, overflow) = value.multipliedReportingOverflow(by: 10)
        let (sum, carry) = product.addingReportingOverflow(digit)
        return overflow || carry ? nil : sum
    }
}
#endif
