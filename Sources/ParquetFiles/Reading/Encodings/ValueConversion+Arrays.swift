import ColumnBatches

extension ValueConversion {
    /// Adds stored values to those of the column's type.
    func append(_ stored: ValueArrays, of leaf: LeafColumn, to values: inout ValueArrays) throws(ParquetError)
    {
        switch (self, leaf.physical) {
        case (.widen, .int32) where leaf.type.storage == .int64:
            values.int64s.append(contentsOf: stored.int32s.lazy.map { Int64($0) })
        case (.widen, .int32): values.int128s.append(contentsOf: stored.int32s.lazy.map { Int128($0) })
        case (.widen, _): values.int128s.append(contentsOf: stored.int64s.lazy.map { Int128($0) })
        case (.widenUnsigned, _):
            values.int64s.append(contentsOf: stored.int32s.lazy.map { Int64(UInt32(bitPattern: $0)) })
        case (.thousandfold, .int32):
            values.int64s.append(contentsOf: stored.int32s.lazy.map { Int64($0) * 1000 })
        case (.thousandfold, _):
            values.int64s.reserveCapacity(values.int64s.count + stored.int64s.count)
            for number in stored.int64s {
                let (product, overflow) = number.multipliedReportingOverflow(by: 1000)
                guard !overflow else {
                    throw ParquetError(.damaged, message: "a time lies outside the range of microseconds")
                }
                values.int64s.append(product)
            }
        case (.thousandth, _):
            values.int64s.append(
                contentsOf: stored.int64s.lazy.map { $0 / 1000 - ($0 % 1000 < 0 ? 1 : 0) }
            )
        case (.julianDay, _): appendJulianDays(stored, to: &values)
        case (.bigEndian, _): try appendDecimals(stored, leaf, to: &values)
        case (.half, _):
            for index in 0..<(stored.bytes.count / 2) {
                let bits = UInt16(stored.bytes[2 * index]) | UInt16(stored.bytes[2 * index + 1]) << 8
                values.floats.append(Self.single(ofHalf: bits))
            }
        case (.none, _): break
        }
    }

    /// The single of a half's bits; done by hand, as `Float16` is not there on every platform.
    static func single(ofHalf bits: UInt16) -> Float {
        let sign: Float = bits >> 15 == 1 ? -1 : 1
        let exponent = Int(bits >> 10 & 0x1F)
        let fraction = Float(bits & 0x3FF)
        switch exponent {
        case 0: return sign * fraction * 0x1p-24
        case 31: return fraction == 0 ? sign * .infinity : .nan
        default:
            return sign * (1 + fraction / 1024) * Float(sign: .plus, exponent: exponent - 15, significand: 1)
        }
    }

    /// Julian days begin at 2440588 for 1970-01-01.
    ///
    /// Nanoseconds would not reach beyond the year 2262.
    /// Spark writes far days that have wrapped around, so that sums must wrap as well to give its instants back.
    private func appendJulianDays(_ stored: ValueArrays, to values: inout ValueArrays) {
        for index in 0..<(stored.offsets.count - 1) {
            let start = index * 12
            var nanoseconds: UInt64 = 0
            var day: UInt32 = 0
            for byte in 0..<8 { nanoseconds |= UInt64(stored.bytes[start + byte]) << UInt64(8 * byte) }
            for byte in 0..<4 { day |= UInt32(stored.bytes[start + 8 + byte]) << UInt32(8 * byte) }
            let signed = Int64(bitPattern: nanoseconds)
            let micros = signed / 1000 - (signed % 1000 < 0 ? 1 : 0)
            let days = Int64(Int32(bitPattern: day)) - 2_440_588
            values.int64s.append(micros &+ days &* 86_400_000_000)
        }
    }

    private func appendDecimals(_ stored: ValueArrays, _ leaf: LeafColumn, to values: inout ValueArrays)
        throws(ParquetError)
    {
        let tooWide = ParquetError(.damaged, message: "a decimal has more digits than its column")
        for index in 0..<(stored.offsets.count - 1) {
            let start = Int(stored.offsets[index])
            let end = Int(stored.offsets[index + 1])
            var number: Int128 = start < end && stored.bytes[start] & 0x80 != 0 ? -1 : 0
            var first = start
            // Bytes in front that only repeat the sign carry nothing.
            while end - first > 16 {
                guard stored.bytes[first] == UInt8(truncatingIfNeeded: number) else { throw tooWide }
                first += 1
            }
            let isNegative = number < 0
            for position in first..<end { number = number &<< 8 | Int128(stored.bytes[position]) }
            guard (number < 0) == isNegative else { throw tooWide }
            if leaf.type.storage == .int128 {
                values.int128s.append(number)
            } else {
                guard let narrow = Int64(exactly: number) else { throw tooWide }
                values.int64s.append(narrow)
            }
        }
    }
}
