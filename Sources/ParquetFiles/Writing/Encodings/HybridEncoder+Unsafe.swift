/// Levels and dictionary indices in the hybrid of runs and packed groups of eight.
extension PageBuffer {
    /// A run shorter than this stays packed: it would save little and cut the packed groups in two.
    private static var shortestRun: Int { 24 }

    /// Numbers of `width` bits each.
    func append(hybrid values: ArraySlice<UInt32>, width: Int) {
        unsafe values.withUnsafeBufferPointer { unsafe append(hybrid: $0, width: width) }
    }

    /// Levels of `width` bits each.
    func append(hybrid levels: ArraySlice<UInt8>, width: Int) {
        unsafe levels.withUnsafeBufferPointer { unsafe append(hybrid: $0, width: width) }
    }

    /// One number, `count` times.
    func append(run value: UInt32, count: Int, width: Int) {
        append(varint: UInt64(count) &<< 1)
        for byte in 0..<((width + 7) / 8) { append(UInt8(truncatingIfNeeded: value >> UInt32(8 * byte))) }
    }

    /// `start` is where the packed groups begin that are not written yet, always a whole number of groups before
    /// `index`; all indices stay below the count.
    @inline(__always)
    private func append<Number: FixedWidthInteger>(hybrid values: UnsafeBufferPointer<Number>, width: Int) {
        var start = 0
        var index = 0
        while index < values.count {
            let value = unsafe values[index]
            var end = index + 1
            while unsafe end < values.count && values[end] == value { end += 1 }
            if end - index >= Self.shortestRun || (start == 0 && index == 0 && end == values.count) {
                unsafe append(literals: UnsafeBufferPointer(rebasing: values[start..<index]), width: width)
                append(run: UInt32(truncatingIfNeeded: value), count: end - index, width: width)
                index = end
                start = end
            } else {
                index = min(index + 8, values.count)
            }
        }
        unsafe append(literals: UnsafeBufferPointer(rebasing: values[start...]), width: width)
    }

    @inline(__always)
    private func append<Number: FixedWidthInteger>(literals values: UnsafeBufferPointer<Number>, width: Int) {
        guard !values.isEmpty else { return }
        append(varint: UInt64((values.count + 7) / 8) &<< 1 | 1)
        unsafe append(groups: values, width: width)
    }
}
