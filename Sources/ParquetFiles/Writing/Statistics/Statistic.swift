/// Bounds as statistics of chunks and pages keep them.
struct Statistic {
    /// The most bytes of a bound; longer texts are cut.
    static let byteLimit = 64

    var min: [UInt8]
    var max: [UInt8]
    var isMinExact = true
    var isMaxExact = true

    /// The bounds' bytes in a layout, or nil where there is no bound, or none that is short enough.
    init?(_ bounds: ValueBounds, _ layout: ColumnLayout, isText: Bool) {
        switch bounds {
        case .none: return nil
        case .boolean(let low, let high): (min, max) = ([low ? 1 : 0], [high ? 1 : 0])
        case .signed(let low, let high):
            if layout.physical == .int32 {
                min = Self.little(Int32(truncatingIfNeeded: low))
                max = Self.little(Int32(truncatingIfNeeded: high))
            } else {
                (min, max) = (Self.little(low), Self.little(high))
            }
        case .unsigned(let low, let high): (min, max) = (Self.little(low), Self.little(high))
        case .wide(let low, let high):
            (min, max) = (Self.big(low, layout.fixedLength), Self.big(high, layout.fixedLength))
        // A zero may be of either sign, and a reader compares them as numbers or as bits.
        case .real(let low, let high):
            min = Self.little((low == 0 ? -0.0 : low).bitPattern)
            max = Self.little((high == 0 ? 0.0 : high).bitPattern)
        case .single(let low, let high):
            min = Self.little((low == 0 ? -0.0 : low).bitPattern)
            max = Self.little((high == 0 ? 0.0 : high).bitPattern)
        case .bytes(let low, let high):
            guard let greatest = Self.cutMaximum(high, isText: isText) else { return nil }
            min = Self.cut(low, isText: isText)
            max = greatest
            isMinExact = low.count <= Self.byteLimit
            isMaxExact = high.count <= Self.byteLimit
        }
    }

    private static func little<Number: FixedWidthInteger>(_ number: Number) -> [UInt8] {
        (0..<(Number.bitWidth / 8)).map { UInt8(truncatingIfNeeded: number >> Number(8 * $0)) }
    }

    private static func big(_ number: Int128, _ length: Int) -> [UInt8] {
        (0..<length).reversed().map { UInt8(truncatingIfNeeded: number >> Int128(8 * $0)) }
    }

    /// At most 64 bytes; of texts, whole characters.
    private static func cut(_ bytes: [UInt8], isText: Bool) -> [UInt8] {
        guard bytes.count > byteLimit else { return bytes }
        var end = byteLimit
        if isText {
            while end > byteLimit - 4 && bytes[end] & 0xC0 == 0x80 { end -= 1 }
            // Not the bytes of a character: cut where the limit is.
            if bytes[end] & 0xC0 == 0x80 { end = byteLimit }
        }
        return Array(bytes[..<end])
    }

    /// The same, raised in its last character or byte that can be; nil when none can.
    private static func cutMaximum(_ bytes: [UInt8], isText: Bool) -> [UInt8]? {
        guard bytes.count > byteLimit else { return bytes }
        var kept = cut(bytes, isText: isText)
        if isText, let text = String(validating: kept, as: UTF8.self) {
            var scalars = Array(text.unicodeScalars)
            while let last = scalars.popLast() {
                let raised = last.value == 0xD7FF ? 0xE000 : last.value + 1
                guard raised <= 0x10FFFF, let scalar = Unicode.Scalar(raised) else { continue }
                scalars.append(scalar)
                return scalars.flatMap { Array(String($0).utf8) }
            }
            return nil
        }
        while let last = kept.popLast() {
            if last < 0xFF { return kept + [last + 1] }
        }
        return nil
    }
}
