#if SQLite
import ColumnBatches

/// A number in decimal digits, perhaps with an exponent, taken exactly.
struct DecimalText: Sendable, Hashable {
    private var unscaled: Int128 = 0
    /// The power of ten by which the digits are multiplied.
    private var exponent = 0

    /// Reads `-12.50` or `1.5e-07`; nil for anything else, and for more digits than fit.
    init?(_ text: String) {
        var rest = Substring(text)
        let isNegative = rest.hasPrefix("-")
        if isNegative || rest.hasPrefix("+") { rest.removeFirst() }
        if let mark = rest.firstIndex(where: { $0 == "e" || $0 == "E" }) {
            guard let power = Int(rest[rest.index(after: mark)...]), (-400...400).contains(power) else {
                return nil
            }
            exponent = power
            rest = rest[..<mark]
        }
        let parts = rest.split(separator: ".", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), parts.contains(where: { !$0.isEmpty }) else { return nil }
        for byte in parts.joined().utf8 {
            guard (0x30...0x39).contains(byte) else { return nil }
            let (product, tooLarge) = unscaled.multipliedReportingOverflow(by: 10)
            let (sum, overflow) = product.addingReportingOverflow(Int128(byte - 0x30))
            guard !tooLarge, !overflow else { return nil }
            unscaled = sum
        }
        if parts.count == 2 { exponent -= parts[1].utf8.count }
        if isNegative { unscaled = -unscaled }
    }

    /// The number with some digits, and some of those after the point; nil where it does not fit exactly.
    func value(_ precision: Int, _ scale: Int) -> ColumnValue? {
        var number = unscaled
        var shift = exponent + scale
        while shift > 0, number != 0 {
            let (product, overflow) = number.multipliedReportingOverflow(by: 10)
            guard !overflow else { return nil }
            number = product
            shift -= 1
        }
        while shift < 0, number != 0 {
            guard number % 10 == 0 else { return nil }
            number /= 10
            shift += 1
        }
        var limit: Int128 = 1
        for _ in 0..<min(precision, 38) { limit *= 10 }
        guard number > -limit, number < limit else { return nil }
        return .decimal(number, scale: scale)
    }
}
#endif
