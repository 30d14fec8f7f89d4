/// The least and greatest of many values.
///
/// All loops run over buffers that arrays lend; their indices stay below the counts.
enum Extremes {
    static func of(_ values: ArraySlice<Int32>) -> (min: Int32, max: Int32)? {
        unsafe values.withUnsafeBufferPointer { unsafe integers($0) }
    }

    static func of(_ values: ArraySlice<Int64>) -> (min: Int64, max: Int64)? {
        unsafe values.withUnsafeBufferPointer { unsafe integers($0) }
    }

    /// The same for the bits of unsigned numbers.
    static func ofUnsigned(_ values: ArraySlice<Int64>) -> (min: UInt64, max: UInt64)? {
        guard let first = values.first else { return nil }
        var low = UInt64(bitPattern: first)
        var high = low
        for value in values {
            low = min(low, UInt64(bitPattern: value))
            high = max(high, UInt64(bitPattern: value))
        }
        return (low, high)
    }

    /// The same for numbers of which NaN is passed over.
    static func of(_ values: ArraySlice<Float>) -> (min: Float, max: Float)? {
        unsafe values.withUnsafeBufferPointer { unsafe reals($0) }
    }

    /// The same for doubles.
    static func of(_ values: ArraySlice<Double>) -> (min: Double, max: Double)? {
        unsafe values.withUnsafeBufferPointer { unsafe reals($0) }
    }

    @inline(__always)
    private static func integers<Number: FixedWidthInteger>(
        _ values: UnsafeBufferPointer<Number>
    ) -> (min: Number, max: Number)? {
        guard !values.isEmpty else { return nil }
        var low = unsafe values[0]
        var high = low
        for index in values.indices {
            let value = unsafe values[index]
            low = value < low ? value : low
            high = value > high ? value : high
        }
        return (low, high)
    }

    /// NaN is neither less nor greater than anything, so that it never takes a place.
    @inline(__always)
    private static func reals<Number: BinaryFloatingPoint>(
        _ values: UnsafeBufferPointer<Number>
    ) -> (min: Number, max: Number)? {
        var low = Number.infinity
        var high = -Number.infinity
        for index in values.indices {
            let value = unsafe values[index]
            low = value < low ? value : low
            high = value > high ? value : high
        }
        if low <= high { return (low, high) }
        // All NaN, or all of one infinity and NaN.
        for index in values.indices {
            let value = unsafe values[index]
            if !value.isNaN { return (value, value) }
        }
        return nil
    }

    /// The positions of the least and the greatest text; the first eight bytes are compared at once.
    static func ofTexts(_ offsets: ArraySlice<Int32>, _ bytes: [UInt8]) -> (min: Int, max: Int)? {
        guard offsets.count > 1, let first = offsets.first, let last = offsets.last else { return nil }
        precondition(first >= 0 && Int(last) <= bytes.count, "offsets pass the bytes")
        let base = offsets.startIndex
        return unsafe bytes.withUnsafeBytes { source in
            unsafe offsets.withUnsafeBufferPointer { offsets in
                func precedes(_ left: Int, _ right: Int) -> Bool {
                    unsafe source[Int(offsets[left])..<Int(offsets[left + 1])].lexicographicallyPrecedes(
                        source[Int(offsets[right])..<Int(offsets[right + 1])]
                    )
                }
                var low = 0
                var high = 0
                var lowWord = unsafe word(source, Int(offsets[0]), Int(offsets[1]))
                var highWord = lowWord
                for index in 1..<max(offsets.count - 1, 1) {
                    let next = unsafe word(source, Int(offsets[index]), Int(offsets[index + 1]))
                    if next <= lowWord && (next < lowWord || precedes(index, low)) {
                        low = index
                        lowWord = next
                    }
                    if next >= highWord && (next > highWord || precedes(high, index)) {
                        high = index
                        highWord = next
                    }
                }
                return (base + low, base + high)
            }
        }
    }

    /// The first eight bytes of a text as a number that sorts like it; reads only what the source has.
    @inline(__always)
    private static func word(_ source: UnsafeRawBufferPointer, _ start: Int, _ end: Int) -> UInt64 {
        let length = end &- start
        if start &+ 8 <= source.count {
            let word = unsafe source.loadUnaligned(fromByteOffset: start, as: UInt64.self).bigEndian
            if length >= 8 { return word }
            return length <= 0 ? 0 : word & ~(~0 &>> UInt64(truncatingIfNeeded: 8 &* length))
        }
        var word: UInt64 = 0
        for index in 0..<8 { word = unsafe word &<< 8 | (index < length ? UInt64(source[start + index]) : 0) }
        return word
    }

    /// The positions that occur, each once.
    static func used(_ indices: ArraySlice<UInt32>, of count: Int) -> [UInt32] {
        var isUsed = [Bool](repeating: false, count: count)
        unsafe indices.withUnsafeBufferPointer { indices in
            unsafe isUsed.withUnsafeMutableBufferPointer { isUsed in
                for index in indices.indices {
                    let position = unsafe Int(indices[index])
                    precondition(position < count, "an index lies outside the dictionary")
                    unsafe isUsed[position] = true
                }
            }
        }
        return isUsed.indices.filter { isUsed[$0] }.map { UInt32($0) }
    }
}
