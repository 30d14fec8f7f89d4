/// Decodes runs of equal values and of bit-packed ones: RLE, the format's hybrid.
///
/// The decoder holds positions only; every call is given the bytes of the page. All loads lie below `end`, which is
/// checked when a run begins, or below the number of bytes of the page where eight are loaded at once.
struct HybridDecoder {
    private let width: Int
    private var position: Int
    private let end: Int
    /// The values of the present run that are left.
    private var left = 0
    private var isRepeated = true
    private var value: UInt32 = 0
    /// Where the next value of a bit-packed run begins.
    private var bit = 0

    /// Makes a decoder of the bytes of a range.
    init(width: Int, from start: Int, to end: Int) throws(ParquetError) {
        guard width <= 32 else {
            throw ParquetError(.damaged, message: "a page packs values into \(width) bits")
        }
        self.width = width
        position = start
        self.end = end
    }

    private static let short = ParquetError(.damaged, message: "the runs of a page end early")

    private mutating func nextRun(_ bytes: UnsafeRawBufferPointer) throws(ParquetError) {
        while left == 0 {
            if width == 0 && position >= end {
                // Nothing is needed to tell values of no bits; some writers leave the run out.
                (isRepeated, value, left) = (true, 0, Int.max)
                return
            }
            var header: UInt64 = 0
            var shift: UInt64 = 0
            while true {
                guard position < end, shift < 64 else { throw Self.short }
                let byte = unsafe bytes[position]
                position += 1
                header |= UInt64(byte & 0x7F) &<< shift
                if byte < 0x80 { break }
                shift += 7
            }
            guard header >> 1 <= UInt64(Int32.max) else { throw Self.short }
            isRepeated = header & 1 == 0
            if isRepeated {
                let size = (width + 7) / 8
                guard size <= end - position else { throw Self.short }
                value = 0
                for index in 0..<size {
                    value |= unsafe UInt32(bytes[position + index]) &<< UInt32(8 * index)
                }
                guard width == 32 || value >> UInt32(width) == 0 else {
                    throw ParquetError(.damaged, message: "a run repeats a value of too many bits")
                }
                position += size
                left = Int(header >> 1)
            } else {
                // The last run may be cut short after its last value.
                let groups = Int(header >> 1)
                bit = position * 8
                let size = min(groups * width, end - position)
                left = width == 0 ? groups * 8 : min(groups * 8, size * 8 / width)
                guard left > 0 || groups == 0 else { throw Self.short }
                position += size
            }
        }
    }

    /// Whether the next values are all the same one; passes over them if so.
    mutating func skip(_ count: Int, of wanted: UInt32, _ bytes: UnsafeRawBufferPointer) throws(ParquetError)
        -> Bool
    {
        if count == 0 { return true }
        if left == 0 { unsafe try nextRun(bytes) }
        guard isRepeated, value == wanted, left >= count else { return false }
        left -= count
        return true
    }

    /// The next values, written to `target`, which has room for `count`.
    @inline(__always)
    mutating func read<Value: FixedWidthInteger>(
        _ count: Int,
        _ bytes: UnsafeRawBufferPointer,
        to target: UnsafeMutablePointer<Value>
    ) throws(ParquetError) {
        var done = 0
        while done < count {
            if left == 0 { unsafe try nextRun(bytes) }
            let taken = min(left, count - done)
            let from = unsafe target + done
            if isRepeated {
                unsafe from.update(repeating: Value(truncatingIfNeeded: value), count: taken)
            } else {
                unsafe unpack(taken, bytes, to: from)
                bit += taken * width
            }
            left -= taken
            done += taken
        }
    }

    @inline(__always)
    private func unpack<Value: FixedWidthInteger>(
        _ count: Int,
        _ bytes: UnsafeRawBufferPointer,
        to target: UnsafeMutablePointer<Value>
    ) {
        let mask: UInt64 = (1 &<< UInt64(width)) &- 1
        var place = bit
        var index = 0
        let step = UInt64(width)
        if width <= 8 && place & 7 == 0 {
            // Eight values fill whole bytes, and one load has them all.
            while index + 8 <= count && place &>> 3 + 8 <= bytes.count {
                let word = unsafe UInt64(
                    littleEndian: bytes.loadUnaligned(fromByteOffset: place &>> 3, as: UInt64.self)
                )
                for lane in 0..<8 {
                    unsafe target[index + lane] = Value(
                        truncatingIfNeeded: word &>> (step &* UInt64(lane)) & mask
                    )
                }
                index += 8
                place += 8 * width
            }
        }
        while index < count && place &>> 3 + 8 <= bytes.count {
            let word = unsafe UInt64(
                littleEndian: bytes.loadUnaligned(fromByteOffset: place &>> 3, as: UInt64.self)
            )
            unsafe target[index] = Value(truncatingIfNeeded: word &>> UInt64(place & 7) & mask)
            index += 1
            place += width
        }
        while index < count {
            var word: UInt64 = 0
            let byte = place &>> 3
            for next in byte..<min(byte + 8, bytes.count) {
                word |= unsafe UInt64(bytes[next]) &<< UInt64(8 * (next - byte))
            }
            unsafe target[index] = Value(truncatingIfNeeded: word &>> UInt64(place & 7) & mask)
            index += 1
            place += width
        }
    }

    /// The next values of one bit each, added to `bits`.
    ///
    /// - Returns: How many of them are set.
    mutating func readBits(_ count: Int, _ bytes: UnsafeRawBufferPointer, to bits: inout BitBuffer)
        throws(ParquetError) -> Int
    {
        var done = 0
        var set = 0
        while done < count {
            if left == 0 { unsafe try nextRun(bytes) }
            let taken = min(left, count - done)
            if isRepeated {
                bits.append(repeating: value == 1, count: taken)
                if value == 1 { set += taken }
            } else {
                set += unsafe bits.append(bytes, from: bit, count: taken)
                bit += taken
            }
            left -= taken
            done += taken
        }
        return set
    }
}
