/// BYTE_STREAM_SPLIT: values taken apart into their bytes.
extension ValueDecoder {
    func readStreams(
        _ count: Int,
        _ bytes: UnsafeRawBufferPointer,
        start: Int,
        total: Int,
        next: Int,
        to values: inout ValueArrays,
        _ limit: Int
    ) throws(ParquetError) {
        // Stream `s` has the byte `s` of each value and lies at `start + s * total`; all of them end at `end`.
        func word<Number: FixedWidthInteger>(_ index: Int) -> Number {
            var number: Number = 0
            for stream in 0..<(Number.bitWidth / 8) {
                number |=
                    unsafe Number(truncatingIfNeeded: bytes[start + stream * total + index])
                    &<< Number(8 * stream)
            }
            return number
        }
        let wanted = next..<(next + count)
        values.reserve(count, leaf.physical.storage)
        switch leaf.physical {
        case .int32: for index in wanted { values.int32s.append(word(index)) }
        case .int64: for index in wanted { values.int64s.append(word(index)) }
        case .float: for index in wanted { values.floats.append(Float(bitPattern: word(index))) }
        case .double: for index in wanted { values.doubles.append(Double(bitPattern: word(index))) }
        default:
            let width = leaf.width
            guard values.bytes.count + count * width <= min(limit, Int(Int32.max)) else {
                throw ParquetError.tooLarge("values", limit)
            }
            for index in wanted {
                for stream in 0..<width { unsafe values.bytes.append(bytes[start + stream * total + index]) }
                values.offsets.append(Int32(values.bytes.count))
            }
        }
    }
}
